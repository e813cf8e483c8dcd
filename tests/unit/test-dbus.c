/* Messages of the quick programs' bus: what is written is what the specification says, it is read
 * back, and no damaged message is taken for more than there is. */
#include "ctl/quick/dbus.h"
#include "unit/test.h"

#include <stdlib.h>
#include <unistd.h>

#define LAST_SIGNATURE "ssa(sv)t"

static sd_bus_message *make_call(void)
{
        static const uint8_t bytes[] = { 1, 2, 3 };
        const uint64_t number = UINT64_MAX;
        const int yes = 1;
        sd_bus_message *m;

        CHECK_INT(dbus_message_new_call(NULL, &m, "a.b", "/a/b", "a.b.C", "Do"), 0);
        CHECK_INT(dbus_message_append_basic(m, 's', "unit"), 0);
        CHECK_INT(dbus_message_append_basic(m, 's', ""), 0);
        CHECK_INT(dbus_message_open_container(m, 'a', "(sv)"), 0);
        CHECK_INT(dbus_message_open_container(m, 'r', "sv"), 0);
        CHECK_INT(dbus_message_append_basic(m, 's', "Yes"), 0);
        CHECK_INT(dbus_message_open_container(m, 'v', "b"), 0);
        CHECK_INT(dbus_message_append_basic(m, 'b', &yes), 0);
        CHECK_INT(dbus_message_close_container(m), 0);
        CHECK_INT(dbus_message_close_container(m), 0);
        CHECK_INT(dbus_message_open_container(m, 'r', "sv"), 0);
        CHECK_INT(dbus_message_append_basic(m, 's', "Bytes"), 0);
        CHECK_INT(dbus_message_open_container(m, 'v', "ay"), 0);
        CHECK_INT(dbus_message_append_array(m, 'y', bytes, sizeof(bytes)), 0);
        CHECK_INT(dbus_message_close_container(m), 0);
        CHECK_INT(dbus_message_close_container(m), 0);
        CHECK_INT(dbus_message_close_container(m), 0);
        CHECK_INT(dbus_message_append_basic(m, 't', &number), 0);
        CHECK_STR(m->signature, LAST_SIGNATURE);
        return m;
}

static void seal(sd_bus_message *m, DbusBuffer *ret)
{
        *ret = (DbusBuffer){ 0 };
        dbus_message_seal(m, 7, ret);
        CHECK(!ret->is_broken);
        CHECK_INT(dbus_message_size(ret->bytes, ret->size), ret->size);
        CHECK_INT(dbus_message_size(ret->bytes, 15), 0);
}

/* Reads all of it; what it holds may be nonsense. */
static int read_all(sd_bus_message *m)
{
        const char *text;
        uint64_t number;
        int r, number_of_bool;

        r = dbus_message_read_basic(m, 's', &text);
        if (r > 0)
                r = dbus_message_read_basic(m, 's', &text);
        if (r > 0)
                r = dbus_message_enter_container(m, 'a', "(sv)");
        while (r > 0 && (r = dbus_message_enter_container(m, 'r', "sv")) > 0) {
                r = dbus_message_read_basic(m, 's', &text);
                if (r > 0 && strcmp(text, "Yes") == 0) {
                        r = dbus_message_enter_container(m, 'v', "b");
                        if (r > 0)
                                r = dbus_message_read_basic(m, 'b', &number_of_bool);
                        if (r > 0)
                                r = dbus_message_exit_container(m);
                } else if (r > 0)
                        r = dbus_message_skip(m, "v");
                if (r > 0)
                        r = dbus_message_exit_container(m);
        }
        if (r >= 0)
                r = dbus_message_exit_container(m);
        if (r > 0)
                r = dbus_message_read_basic(m, 't', &number);
        return r > 0 && number != UINT64_MAX ? -EBADMSG : r;
}

static void round_trip(void)
{
        sd_bus_message *m = make_call(), *received;
        DbusBuffer bytes;

        seal(m, &bytes);
        CHECK_INT(dbus_message_parse(&bytes, &received), 0);
        CHECK_INT(received->type, DBUS_CALL);
        CHECK_STR(received->strings[DBUS_PATH], "/a/b");
        CHECK_STR(received->strings[DBUS_INTERFACE], "a.b.C");
        CHECK_STR(received->strings[DBUS_MEMBER], "Do");
        CHECK_STR(received->strings[DBUS_DESTINATION], "a.b");
        CHECK_INT(read_all(received), 1);
        CHECK_INT(dbus_message_read_basic(received, 's', NULL), 0); /* nothing is left */
        (void) dbus_message_unref(received);
        (void) dbus_message_unref(m);
}

/* The wire of a call as the specification draws it. */
static void wire(void)
{
        static const uint8_t expected[] = "l\1\0\1\6\0\0\0\7\0\0\0\47\0\0\0"
                                          "\1\1o\0\2\0\0\0/a\0\0\0\0\0\0"
                                          "\3\1s\0\2\0\0\0Do\0\0\0\0\0\0"
                                          "\10\1g\0\1s\0\0"
                                          "\1\0\0\0x";
        sd_bus_message *m;
        DbusBuffer bytes;

        if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
                test_skip("written for little-endian machines");
        CHECK_INT(dbus_message_new_call(NULL, &m, NULL, "/a", NULL, "Do"), 0);
        CHECK_INT(dbus_message_append_basic(m, 's', "x"), 0);
        seal(m, &bytes);
        CHECK_INT(bytes.size, 16 + 16 + 16 + 8 + 6);
        CHECK(memcmp(bytes.bytes, expected, bytes.size) == 0);
        dbus_buffer_done(&bytes);
        (void) dbus_message_unref(m);
}

static sd_bus_message *received_of(const DbusBuffer *bytes, size_t size)
{
        DbusBuffer copy = { 0 };
        sd_bus_message *m = NULL;

        dbus_put(&copy, bytes->bytes, size);
        return dbus_message_parse(&copy, &m) < 0 ? NULL : m;
}

/* Each message as cut off, and with each byte another: read to its end or refused, never more than
 * there is (the sanitizers watch). */
static void damaged(void)
{
        sd_bus_message *m = make_call(), *received;
        unsigned n_taken = 0;
        DbusBuffer bytes;

        seal(m, &bytes);
        for (size_t n = 16; n < bytes.size; n++) {
                received = received_of(&bytes, n);
                CHECK(!received || read_all(received) <= 0);
                (void) dbus_message_unref(received);
        }
        for (size_t at = 0; at < bytes.size; at++)
                for (unsigned value = 0; value < 256; value += 5) {
                        uint8_t kept = bytes.bytes[at];

                        bytes.bytes[at] = (uint8_t) value;
                        received = received_of(&bytes, bytes.size);
                        n_taken += received && read_all(received) > 0;
                        (void) dbus_message_unref(received);
                        bytes.bytes[at] = kept;
                }
        CHECK(n_taken > 0); /* letters of names and values may be any */
        dbus_buffer_done(&bytes);
        (void) dbus_message_unref(m);
}

static void wrong_types(void)
{
        sd_bus_message *m = make_call(), *received;
        const char *text;
        DbusBuffer bytes;
        uint32_t number;

        seal(m, &bytes);
        received = received_of(&bytes, bytes.size);
        CHECK(received);
        CHECK_INT(dbus_message_read_basic(received, 'u', &number), -ENXIO);
        CHECK_INT(dbus_message_enter_container(received, 'a', "s"), -ENXIO);
        CHECK_INT(dbus_message_skip(received, "u"), -ENXIO);
        CHECK_INT(dbus_message_exit_container(received), -ENXIO);
        CHECK_INT(dbus_message_read_basic(received, 's', &text), 1);
        CHECK_STR(text, "unit");
        CHECK_INT(dbus_message_skip(received, "s"), 1);
        CHECK_INT(dbus_message_enter_container(received, 'a', "(ss)"), -ENXIO);
        CHECK_INT(dbus_message_skip(received, "a(sv)t"), 1);
        (void) dbus_message_unref(received);
        dbus_buffer_done(&bytes);
        (void) dbus_message_unref(m);
}

/* A descriptor of ours that the message keeps for itself, and the same call once more. */
static void descriptors(void)
{
        sd_bus_message *m, *again;
        int fd = dup(STDERR_FILENO);

        CHECK_INT(dbus_message_new_call(NULL, &m, "a.b", "/", NULL, "Take"), 0);
        CHECK_INT(dbus_message_append_basic(m, 'h', &fd), 0);
        (void) close(fd);
        CHECK_INT(m->n_fds, 1);
        CHECK_INT(dbus_message_new_call(NULL, &again, "a.b", "/", NULL, "Take"), 0);
        CHECK_INT(dbus_message_copy(again, m, true), 0);
        CHECK_STR(again->signature, "h");
        CHECK_INT(again->n_fds, 1);
        CHECK(again->fds[0] != m->fds[0]);
        (void) dbus_message_unref(m);
        (void) dbus_message_unref(again);
}

static const Test tests[] = { TEST(round_trip), TEST(wire), TEST(damaged), TEST(wrong_types),
        TEST(descriptors) };
TEST_MAIN(tests)
