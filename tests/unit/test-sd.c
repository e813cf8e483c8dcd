/* What lib/sd puts on the bus, without a bus: properties by signature, object paths, error names.
 */
#include "sd/sd-append.h"
#include "unit/test.h"

#include <sys/socket.h>

static void paths(void)
{
        char buf[SD_UNIT_PATH_MAX], *expected;
        static const char *const units[] = { "ctr@web.service", "ctr@my-web_1.b.service",
                "ctr@a\\x2bb.service", "0.slice" };

        CHECK_STR(sd_unit_path("ctr@web.service", buf),
                "/org/freedesktop/systemd1/unit/ctr_40web_2eservice");
        for (size_t i = 0; i < ELEMENTSOF(units); i++) {
                CHECK(sd_bus_path_encode("/org/freedesktop/systemd1/unit", units[i], &expected) >=
                        0);
                CHECK_STR(sd_unit_path(units[i], buf), expected);
                free(expected);
        }
}

static void errors(void)
{
        static const struct {
                const char *name;
                CtrErrorCode code;
                int errno_value;
                const char *text;
        } cases[] = {
                { "org.freedesktop.systemd1.UnitExists", CTR_ERROR_ID_IN_USE, EEXIST,
                        "container with given ID already exists" },
                { "org.freedesktop.systemd1.NoSuchUnit", CTR_ERROR_CONTAINER_NOT_EXISTS, ENOENT,
                        "container does not exist" },
                { "org.freedesktop.DBus.Error.AccessDenied", CTR_ERROR_SYSTEM, EACCES,
                        "doing it: because" },
                { "org.example.Unheard", CTR_ERROR_SYSTEM, EIO, "doing it: because" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                sd_bus_error e = { .name = cases[i].name, .message = "because" };
                CtrError err = { 0 };

                CHECK_INT(sd_error(&e, -EIO, "doing it", &err), -cases[i].errno_value);
                CHECK_INT(err.code, cases[i].code);
                CHECK_STR(err.message, cases[i].text);
        }
        CHECK(sd_is_disconnect(-ECONNRESET) && sd_is_disconnect(-ENOTCONN) &&
                !sd_is_disconnect(-EIO));
}

/* PID 1 or the bus went away: the call is made again. Time was up: it is not. */
static void lost_answers(void)
{
        static const struct {
                const char *name, *message;
                bool is_lost;
        } cases[] = {
                { "org.freedesktop.DBus.Error.NoReply",
                        "Message recipient disconnected from message bus without replying", true },
                { "org.freedesktop.DBus.Error.NoReply", "Remote peer disconnected", true },
                { "org.freedesktop.DBus.Error.NoReply", "Connection terminated", true },
                { "org.freedesktop.DBus.Error.NoReply", "Method call timed out", false },
                { "org.freedesktop.DBus.Error.NoReply",
                        "Message did not receive a reply (timeout by message bus)", false },
                { "org.freedesktop.DBus.Error.ServiceUnknown", "no such name", true },
                { "org.freedesktop.DBus.Error.NameHasNoOwner", "no such name", true },
                { "org.freedesktop.DBus.Error.Spawn.ChildExited", "exited", true },
                { "org.freedesktop.DBus.Error.AccessDenied", "no", false },
                { "org.freedesktop.systemd1.NoSuchJob", "no job", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                sd_bus_error e = { .name = cases[i].name, .message = cases[i].message };
                CtrError err = { 0 };

                CHECK_INT(sd_is_disconnect(sd_error(&e, -EIO, "doing it", &err)), cases[i].is_lost);
        }
}

static const char *const strings[] = { "/bin/x", "a b", "", NULL };

static void fill(PropertyList *list)
{
        CHECK(property_set_string(list, PROPERTY_DESCRIPTION, "Container web") >= 0);
        CHECK(property_set_strv(list, PROPERTY_AFTER, strings) >= 0);
        CHECK(property_set_number(list, PROPERTY_ADD_REF, 1) >= 0);
        CHECK(property_set_strv(list, PROPERTY_EXEC_START, strings) >= 0);
        CHECK(property_set_number(list, PROPERTY_KILL_SIGNAL, 15) >= 0);
        CHECK(property_add_number(list, PROPERTY_SUCCESS_EXIT_STATUS, 143) >= 0);
        CHECK(property_add_string(list, PROPERTY_LOG_EXTRA_FIELDS, "A=b") >= 0);
        CHECK(property_set_number(list, PROPERTY_STANDARD_INPUT_FD, 0) >= 0);
        CHECK(property_set_bytes(list, PROPERTY_ALLOWED_CPUS, (const uint8_t[]){ 5, 1 }, 2) >= 0);
        CHECK(property_add_device_number(list, PROPERTY_IO_READ_BANDWIDTH_MAX, "/dev/vda", 1000) >=
                0);
        CHECK(property_set_number(list, PROPERTY_MEMORY_MAX, UINT64_MAX) >= 0);
        CHECK(property_add_pair(list, PROPERTY_DEVICE_ALLOW, "/dev/null", "rw") >= 0);
}

/* A connection that is never used: messages need one to be made for. */
static sd_bus *idle_bus(int *ret_peer)
{
        int fds[2];
        sd_bus *bus;

        CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) >= 0);
        CHECK(sd_bus_new(&bus) >= 0);
        CHECK(sd_bus_set_fd(bus, fds[0], fds[0]) >= 0);
        CHECK(sd_bus_negotiate_fds(bus, true) >= 0);
        CHECK(sd_bus_start(bus) >= 0);
        *ret_peer = fds[1];
        return bus;
}

/* The dump's values alone: its layout is libsystemd's affair. */
static void collapse(char *text)
{
        char *to = text;
        bool is_blank = true;

        for (const char *p = text; *p; p++) {
                if (strchr(" \n;{}", *p)) {
                        if (!is_blank)
                                *to++ = ' ';
                        is_blank = true;
                        continue;
                }
                is_blank = false;
                *to++ = *p;
        }
        *to = '\0';
}

static void properties(void)
{
        static const char *const expected[] = {
                "\"Description\" VARIANT \"s\" STRING \"Container web\" STRUCT",
                "\"After\" VARIANT \"as\" ARRAY \"s\" STRING \"/bin/x\" STRING \"a b\" STRING \"\" STRUCT",
                "\"AddRef\" VARIANT \"b\" BOOLEAN true STRUCT",
                "\"ExecStart\" VARIANT \"a(sasb)\" ARRAY \"(sasb)\" STRUCT \"sasb\" STRING \"/bin/x\" "
                "ARRAY \"s\" STRING \"/bin/x\" STRING \"a b\" STRING \"\" BOOLEAN false STRUCT",
                "\"KillSignal\" VARIANT \"i\" INT32 15 STRUCT",
                "\"SuccessExitStatus\" VARIANT \"(aiai)\" STRUCT \"aiai\" ARRAY \"i\" INT32 143 ARRAY \"i\" STRUCT",
                "\"LogExtraFields\" VARIANT \"aay\" ARRAY \"ay\" ARRAY \"y\" BYTE 65 BYTE 61 BYTE 98 STRUCT",
                "\"StandardInputFileDescriptor\" VARIANT \"h\" UNIX_FD",
                "\"AllowedCPUs\" VARIANT \"ay\" ARRAY \"y\" BYTE 5 BYTE 1 STRUCT",
                "\"IOReadBandwidthMax\" VARIANT \"a(st)\" ARRAY \"(st)\" STRUCT \"st\" STRING \"/dev/vda\" "
                "UINT64 1000 STRUCT",
                "\"MemoryMax\" VARIANT \"t\" UINT64 18446744073709551615 STRUCT",
                "\"DeviceAllow\" VARIANT \"a(ss)\" ARRAY \"(ss)\" STRUCT \"ss\" STRING \"/dev/null\" STRING "
                "\"rw\"",
        };
        PropertyList list = { 0 };
        SdWriter w = { 0 };
        CtrError err = { 0 };
        const SdApi *api;
        char *text = NULL;
        size_t size;
        sd_bus *bus;
        FILE *f;
        int peer;

        CHECK_OK(sd_load(&api, &err), err);
        bus = idle_bus(&peer);
        fill(&list);
        CHECK(sd_bus_message_new_method_call(bus, &w.m, "a.b", "/", "a.b", "C") >= 0);
        w.api = api;
        sd_write_properties(&w, &list, UNIT_SERVICE);
        CHECK_INT(w.r < 0 ? w.r : 0, 0);
        CHECK(sd_bus_message_seal(w.m, 1, 0) >= 0);
        f = open_memstream(&text, &size);
        CHECK(sd_bus_message_dump(w.m, f, SD_BUS_MESSAGE_DUMP_SUBTREE_ONLY) >= 0);
        (void) fclose(f);
        collapse(text);
        sd_bus_message_unref(w.m);
        sd_bus_close_unref(bus);
        property_list_done(&list);
        (void) close(peer);
        for (size_t i = 0; i < ELEMENTSOF(expected); i++)
                CHECK_CONTAINS(text, expected[i]);
        free(text);
}

static const Test tests[] = { TEST(paths), TEST(errors), TEST(lost_answers), TEST(properties) };
TEST_MAIN(tests)
