/* The property list and its text in unit files. */
#include "plan/properties.h"
#include "unit/test.h"

static char *text_of(PropertyList *list, UnitType type)
{
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        CHECK(f);
        CHECK_INT(property_list_to_unit_text(list, type, f), 0);
        CHECK_INT(fclose(f), 0);
        property_list_done(list);
        return text;
}

static void list_is_sorted_and_unique(void)
{
        PropertyList list = { 0 };

        CHECK_INT(property_set_number(&list, PROPERTY_TASKS_MAX, 5), 0);
        CHECK_INT(property_set_string(&list, PROPERTY_DESCRIPTION, "one"), 0);
        CHECK_INT(property_set_number(&list, PROPERTY_MEMORY_MAX, 7), 0);
        CHECK_INT(property_set_string(&list, PROPERTY_DESCRIPTION, "two"), 0);
        CHECK_INT(list.n, 3);
        CHECK_INT(list.items[0].id, PROPERTY_DESCRIPTION);
        CHECK_INT(list.items[1].id, PROPERTY_MEMORY_MAX);
        CHECK_INT(list.items[2].id, PROPERTY_TASKS_MAX);
        CHECK_STR(list.items[0].strings[0], "two");
        CHECK_INT(list.items[0].n_strings, 1);
        CHECK(!property_find(&list, PROPERTY_TYPE));
        property_list_done(&list);
        CHECK_INT(list.n, 0);
}

static void table_is_consistent(void)
{
        for (int i = 0; i < _PROPERTY_MAX; i++) {
                const PropertyInfo *info = property_info((PropertyId) i);

                CHECK_INT(property_from_bus_name(info->bus_name), i);
                CHECK(info->takes[UNIT_SERVICE] || info->takes[UNIT_SCOPE]);
                CHECK(info->key[0] == '\0' || strcmp(info->section, "Unit") == 0 ||
                        strcmp(info->section, "Service") == 0);
        }
        CHECK_INT(property_from_bus_name("PIDFDs"), _PROPERTY_INVALID);
        CHECK(!property_info(_PROPERTY_MAX));
}

/* One property, one line. */
static void expect(PropertyList *list, const char *line)
{
        _cleanup_free_ char *text = text_of(list, UNIT_SERVICE);
        const char *body = strchr(text, ']');

        CHECK(body);
        CHECK_STR(body + 2, line);
}

static void times(void)
{
        static const struct {
                uint64_t usec;
                const char *line;
        } cases[] = {
                { 0, "TimeoutStopSec=0s\n" },
                { 10000000, "TimeoutStopSec=10s\n" },
                { 500000, "TimeoutStopSec=500ms\n" },
                { 1500, "TimeoutStopSec=1500us\n" },
                { UINT64_MAX, "TimeoutStopSec=infinity\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                PropertyList list = { 0 };

                CHECK_INT(property_set_number(&list, PROPERTY_TIMEOUT_STOP, cases[i].usec), 0);
                expect(&list, cases[i].line);
        }
}

static void numbers(void)
{
        static const struct {
                PropertyId id;
                uint64_t value;
                const char *line;
        } cases[] = {
                { PROPERTY_CPU_QUOTA_PER_SEC, 250000, "CPUQuota=25%\n" },
                { PROPERTY_CPU_QUOTA_PER_SEC, 3330000, "CPUQuota=333%\n" },
                { PROPERTY_CPU_QUOTA_PER_SEC, 333300, "CPUQuota=33.33%\n" },
                { PROPERTY_CPU_QUOTA_PER_SEC, 10500, "CPUQuota=1.05%\n" },
                { PROPERTY_CPU_QUOTA_PER_SEC, UINT64_MAX, "CPUQuota=\n" },
                { PROPERTY_CPU_QUOTA_PERIOD, 50000, "CPUQuotaPeriodSec=50ms\n" },
                { PROPERTY_CPU_WEIGHT, 0, "CPUWeight=idle\n" },
                { PROPERTY_CPU_WEIGHT, 59, "CPUWeight=59\n" },
                { PROPERTY_CPU_WEIGHT, UINT64_MAX, "CPUWeight=\n" },
                { PROPERTY_MEMORY_MAX, 67108864, "MemoryMax=67108864\n" },
                { PROPERTY_MEMORY_MAX, UINT64_MAX, "MemoryMax=infinity\n" },
                { PROPERTY_KILL_SIGNAL, 15, "KillSignal=SIGTERM\n" },
                { PROPERTY_KILL_SIGNAL, 37, "KillSignal=SIGRTMIN+3\n" },
                { PROPERTY_DELEGATE, 1, "Delegate=yes\n" },
                { PROPERTY_DELEGATE, 0, "Delegate=no\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                PropertyList list = { 0 };

                CHECK_INT(property_set_number(&list, cases[i].id, cases[i].value), 0);
                expect(&list, cases[i].line);
        }
}

static void strings(void)
{
        static const struct {
                PropertyId id;
                const char *value, *line;
        } cases[] = {
                { PROPERTY_DESCRIPTION, "Container 50% $x \"y\"",
                        "Description=Container 50%% $x \"y\"\n" },
                { PROPERTY_DESCRIPTION, "two\nlines\x01", "Description=two lines \n" },
                { PROPERTY_DESCRIPTION, "continued\\", "Description=continued\n" },
                { PROPERTY_AFTER, "network.target", "After=network.target\n" },
                { PROPERTY_REQUIRES_MOUNTS_FOR, "/a b/\"c\"\\d%n",
                        "RequiresMountsFor=\"/a b/\\\"c\\\"\\\\d%%n\"\n" },
                { PROPERTY_LOG_EXTRA_FIELDS, "CONTAINER_BUNDLE=/a b\n%",
                        "LogExtraFields=\"CONTAINER_BUNDLE=/a b\\x0a%%\"\n" },
                { PROPERTY_LOG_EXTRA_FIELDS, "CONTAINER_ID=web",
                        "LogExtraFields=CONTAINER_ID=web\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                PropertyList list = { 0 };

                CHECK_INT(property_add_string(&list, cases[i].id, cases[i].value), 0);
                expect(&list, cases[i].line);
        }
}

static void commands(void)
{
        PropertyList list = { 0 };

        CHECK_INT(
                property_set_strv(&list, PROPERTY_EXEC_START,
                        (const char *[]){ "/bin/x", "a b", "$HOME", "%n", ";", "", "q\"\\", NULL }),
                0);
        expect(&list, "ExecStart=/bin/x \"a b\" \"$$HOME\" \"%%n\" \";\" \"\" \"q\\\"\\\\\"\n");

        CHECK_INT(property_set_strv(
                          &list, PROPERTY_EXEC_STOP_POST, (const char *[]){ "/bin/x", NULL }),
                0);
        list.items[0].number = 1;
        expect(&list, "ExecStopPost=-/bin/x\n");
}

static void lists(void)
{
        static const uint8_t mask[] = { 0x2f, 0x00, 0x81 };
        PropertyList list = { 0 };

        CHECK_INT(property_set_bytes(&list, PROPERTY_ALLOWED_CPUS, mask, sizeof(mask)), 0);
        expect(&list, "AllowedCPUs=0-3,5,16,23\n");

        CHECK_INT(property_set_bytes(&list, PROPERTY_ALLOWED_CPUS, NULL, 0), 0);
        expect(&list, "AllowedCPUs=\n");

        CHECK_INT(property_add_pair(&list, PROPERTY_DEVICE_ALLOW, "/dev/char/1:3", "rwm"), 0);
        CHECK_INT(property_add_pair(&list, PROPERTY_DEVICE_ALLOW, "block-*", "m"), 0);
        expect(&list, "DeviceAllow=/dev/char/1:3 rwm\nDeviceAllow=block-* m\n");

        CHECK_INT(property_add_device_number(
                          &list, PROPERTY_IO_READ_BANDWIDTH_MAX, "/dev/block/8:0", 1048576),
                0);
        CHECK_INT(property_add_device_number(
                          &list, PROPERTY_IO_READ_BANDWIDTH_MAX, "/dev/block/8:16", UINT64_MAX),
                0);
        expect(&list, "IOReadBandwidthMax=/dev/block/8:0 1048576\n"
                      "IOReadBandwidthMax=/dev/block/8:16 infinity\n");

        CHECK_INT(property_add_number(&list, PROPERTY_SUCCESS_EXIT_STATUS, 143), 0);
        CHECK_INT(property_add_number(&list, PROPERTY_SUCCESS_EXIT_STATUS, 3), 0);
        expect(&list, "SuccessExitStatus=143 3\n");
}

/* A path that the key cannot express is left out: it is a hint only. */
static void unspeakable_paths(void)
{
        PropertyList list = { 0 };

        CHECK_INT(property_add_string(&list, PROPERTY_REQUIRES_MOUNTS_FOR, "/a\nb"), 0);
        CHECK_INT(property_add_string(&list, PROPERTY_REQUIRES_MOUNTS_FOR, "/c"), 0);
        expect(&list, "RequiresMountsFor=/c\n");
}

static void sections_by_unit_type(void)
{
        PropertyList list = { 0 };
        _cleanup_free_ char *service = NULL, *scope = NULL, *slice = NULL;

        for (UnitType type = UNIT_SERVICE; type < _UNIT_TYPE_MAX; type++) {
                CHECK_INT(property_set_string(&list, PROPERTY_TYPE, "notify"), 0);
                CHECK_INT(property_set_string(&list, PROPERTY_DESCRIPTION, "x"), 0);
                CHECK_INT(property_set_number(&list, PROPERTY_ADD_REF, true), 0);
                CHECK_INT(property_set_number(&list, PROPERTY_STANDARD_INPUT_FD, 3), 0);
                CHECK_INT(property_set_number(&list, PROPERTY_TASKS_MAX, 9), 0);
                *(type == UNIT_SERVICE       ? &service
                        : type == UNIT_SCOPE ? &scope
                                             : &slice) = text_of(&list, type);
        }
        CHECK_STR(service, "[Unit]\nDescription=x\n\n[Service]\nType=notify\nTasksMax=9\n");
        CHECK_STR(scope, "[Unit]\nDescription=x\n\n[Scope]\nTasksMax=9\n");
        CHECK_STR(slice, "[Unit]\nDescription=x\n\n[Slice]\nTasksMax=9\n");
}

static const Test tests[] = {
        TEST(list_is_sorted_and_unique),
        TEST(table_is_consistent),
        TEST(times),
        TEST(numbers),
        TEST(strings),
        TEST(commands),
        TEST(lists),
        TEST(unspeakable_paths),
        TEST(sections_by_unit_type),
};
TEST_MAIN(tests)
