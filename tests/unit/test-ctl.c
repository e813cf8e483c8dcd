/* The command line's pieces: sizes, resource options, option tables, tables and JSON of containers,
 * ps. */
#include "runtime/info-print.h"
#include "runtime/ps-filter.h"
#include "ctl/resources.h"
#include "ctl/verb.h"
#include "unit/test.h"

#include <stdarg.h>

static void sizes(void)
{
        static const struct {
                const char *text;
                int64_t value;
        } good[] = { { "0", 0 }, { "1", 1 }, { "-1", -1 }, { "512k", 524288 }, { "512K", 524288 },
                { "64m", 67108864 }, { "64M", 67108864 }, { "64mb", 67108864 },
                { "1g", 1073741824 }, { "1G", 1073741824 }, { "2t", 2199023255552 },
                { "9223372036854775807", INT64_MAX } };
        static const char *const bad[] = { "", "k", "-2", "1.5g", "0x10", "1 m", "1mm", "b", "1b",
                "m1", "9223372036854775808", "9007199254740992k", "99999999999999999999999999",
                "+1", "01" };
        int64_t value;

        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                CHECK(size_parse(good[i].text, &value) >= 0);
                CHECK_INT(value, good[i].value);
        }
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                CHECK(size_parse(bad[i], &value) < 0);
}

static int print_resources(
        const ResourceOption *options, size_t n, char *buf, size_t size, CtrError *err)
{
        FILE *f = fmemopen(buf, size, "w");
        int r;

        CHECK(f);
        r = resources_print_json(options, n, f, err);
        (void) fclose(f);
        return r;
}

static void resource_options(void)
{
        ResourceOption options[] = { { "cpu-share", "cpu", "shares", RESOURCE_KIND_NUMBER, "100" },
                { "cpuset-cpus", "cpu", "cpus", RESOURCE_KIND_TEXT, "0-1,\"3" },
                { "memory", "memory", "limit", RESOURCE_KIND_SIZE, NULL },
                { "pids-limit", "pids", "limit", RESOURCE_KIND_NUMBER, "-1" } };
        CtrError err = { 0 };
        char buf[256];

        CHECK_INT(print_resources(options, 4, buf, sizeof(buf), &err), 3);
        CHECK_STR(buf, "{\"cpu\":{\"shares\":100,\"cpus\":\"0-1,\\\"3\"},\"pids\":{\"limit\":-1}}");
        CHECK_INT(print_resources(options, 0, buf, sizeof(buf), &err), 0);
        CHECK_STR(buf, "{}");
        options[2].value = "64m";
        CHECK_INT(print_resources(options + 2, 1, buf, sizeof(buf), &err), 1);
        CHECK_STR(buf, "{\"memory\":{\"limit\":67108864}}");
        options[2].value = "lots";
        CHECK(print_resources(options, 4, buf, sizeof(buf), &err) < 0);
        CHECK_CONTAINS(err.message, "--memory");
        options[0].value = "1}";
        CHECK(print_resources(options, 1, buf, sizeof(buf), &err) < 0);
}

static bool flag;
static const char *text;
static StringList list;
static unsigned number;

static const Option options[] = {
        { "force", 'f', NULL, "help", OPTION_FLAG, &flag },
        { "format", 0, "FORM", "help", OPTION_STRING, &text },
        { "env", 'e', "NAME=VALUE", "help", OPTION_STRINGS, &list },
        { "preserve-fds", 0, "N", "help", OPTION_NUMBER, &number },
        { "no-subreaper", 0, NULL, "help", OPTION_FLAG, NULL },
};

static int parse(bool is_options_first, int *ret_first, CtrError *err, ...)
{
        char *argv[16] = { (char *) "verb" };
        va_list ap;
        int argc = 1;

        va_start(ap, err);
        while ((argv[argc] = va_arg(ap, char *)))
                argc++;
        va_end(ap);
        return options_parse(
                options, ELEMENTSOF(options), is_options_first, argc, argv, ret_first, err);
}

static void option_tables(void)
{
        CtrError err = { 0 };
        int first;

        CHECK_OK(parse(true, &first, &err, "--format=json", "-f", "-e", "A=1", "--env", "B=2",
                         "--preserve-fds", "3", "ID", "-x", NULL),
                err);
        CHECK(flag);
        CHECK_STR(text, "json");
        CHECK_INT(list.n, 2);
        CHECK_STR(list.items[1], "B=2");
        CHECK(list.items[2] == NULL);
        CHECK_INT(number, 3);
        CHECK_INT(first, 9);
        free(list.items);

        /* Single dash, as runc's callers write it; options after the id; help. */
        flag = false;
        CHECK_OK(parse(false, &first, &err, "-no-subreaper", "ID", "--force", NULL), err);
        CHECK(flag);
        CHECK_INT(first, 3);
        CHECK_INT(parse(true, &first, &err, "--help", NULL), 1);
        CHECK_INT(parse(true, &first, &err, "-h", NULL), 1);

        CHECK(parse(true, &first, &err, "--nope", NULL) < 0);
        CHECK_CONTAINS(err.message, "--nope");
        CHECK(parse(true, &first, &err, "--format", NULL) < 0);
        CHECK_CONTAINS(err.message, "requires an argument");
        CHECK(parse(true, &first, &err, "--preserve-fds", "-3", NULL) < 0);
}

static ContainerInfo sample(void)
{
        return (ContainerInfo){ .oci_version = (char *) "1.0.2",
                .id = (char *) "web",
                .bundle = (char *) "/b",
                .rootfs = (char *) "/b/rootfs",
                .unit = (char *) "ctr@web.service",
                .status = CONTAINER_RUNNING,
                .pid = 42,
                .invocation_id = "0123456789abcdef0123456789abcdef",
                .created_usec = UINT64_C(1767323045000006) };
}

static void info_json(void)
{
        ContainerInfo info = sample();
        SpecKeyValue annotation = { (char *) "a\"", (char *) "b" };
        char buf[1024];
        FILE *f = fmemopen(buf, sizeof(buf), "w");

        info_print_json(&info, true, f);
        (void) fclose(f);
        CHECK_STR(buf,
                "{\"ociVersion\":\"1.0.2\",\"id\":\"web\",\"pid\":42,\"status\":\"running\",\"bundle\":\"/b\","
                "\"rootfs\":\"/b/rootfs\",\"created\":\"2026-01-02T03:04:05.000006Z\",\"owner\":\"root\","
                "\"unit\":\"ctr@web.service\",\"invocationID\":\"0123456789abcdef0123456789abcdef\"}");
        info.annotations = (SpecKeyValues){ &annotation, 1 };
        f = fmemopen(buf, sizeof(buf), "w");
        info_print_json(&info, false, f);
        (void) fclose(f);
        CHECK_CONTAINS(
                buf, "{\n  \"ociVersion\": \"1.0.2\",\n  \"id\": \"web\",\n  \"pid\": 42,\n");
        CHECK_CONTAINS(buf, ",\n  \"annotations\": {\n    \"a\\\"\": \"b\"\n  },\n  \"owner\"");
}

static void info_table(void)
{
        ContainerInfo infos[2] = { sample(), sample() };
        char buf[1024];
        FILE *f = fmemopen(buf, sizeof(buf), "w");

        infos[1].id = (char *) "a-rather-long-name";
        infos[1].status = CONTAINER_STOPPED;
        infos[1].pid = 0;
        infos[1].created_usec = UINT64_C(1767323045000000);
        info_print_table(infos, 2, f);
        (void) fclose(f);
        CHECK_STR(buf,
                "ID                   PID         STATUS      BUNDLE      CREATED                       OWNER\n"
                "web                  42          running     /b          2026-01-02T03:04:05.000006Z   root\n"
                "a-rather-long-name   0           stopped     /b          2026-01-02T03:04:05Z          root\n");
}

static void times(void)
{
        char buf[40];

        CHECK_STR(info_format_time(0, buf), "1970-01-01T00:00:00Z");
        CHECK_STR(info_format_time(500000, buf), "1970-01-01T00:00:00.5Z");
        CHECK_STR(info_format_time(999999, buf), "1970-01-01T00:00:00.999999Z");
}

static void ps(void)
{
        char in_text[] = "UID          PID    PPID  CMD\n"
                         "root           1       0  init 42\n"
                         "root          42       1  sleep\n"
                         "root         142      42  cat\n";
        char headless[] = "USER COMMAND\nroot sh\n", buf[256] = "";
        const pid_t pids[] = { 42, 142 };
        FILE *in = fmemopen(in_text, sizeof(in_text) - 1, "r"),
             *out = fmemopen(buf, sizeof(buf), "w");

        CHECK_INT(ps_filter(in, pids, 2, out), 0);
        (void) fclose(in);
        (void) fclose(out);
        CHECK_STR(buf, "UID          PID    PPID  CMD\n"
                       "root          42       1  sleep\n"
                       "root         142      42  cat\n");
        in = fmemopen(headless, sizeof(headless) - 1, "r");
        CHECK_INT(ps_filter(in, pids, 2, stderr), -EBADMSG);
        (void) fclose(in);
}

static const Test tests[] = { TEST(sizes), TEST(resource_options), TEST(option_tables),
        TEST(info_json), TEST(info_table), TEST(times), TEST(ps) };
TEST_MAIN(tests)
