/* Numbers of a cgroup from a copy made of plain files, their JSON, and lengths of time. */
#include "base/io.h"
#include "base/json.h"
#include "base/duration.h"
#include "runtime/stats.h"
#include "unit/test.h"

#include <fcntl.h>

static const struct {
        const char *name, *text;
} files[] = {
        { "cgroup.procs", "1\n" },
        { "cpu.stat",
                "usage_usec 3000\nuser_usec 2000\nsystem_usec 1000\nnr_periods 7\nnr_throttled "
                "2\nthrottled_usec 5\n" },
        { "cpu.pressure", "some avg10=1.50 avg60=0.20 avg300=0.03 total=77\n" },
        { "memory.current", "4096\n" },
        { "memory.peak", "8192\n" },
        { "memory.max", "16384\n" },
        { "memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n" },
        { "memory.stat", "anon 11\nfile 22\nslab 33\n" },
        { "memory.swap.current", "100\n" },
        { "memory.swap.max", "max\n" },
        { "memory.pressure",
                "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 "
                "avg300=0.00 total=2\n" },
        { "pids.current", "4\n" },
        { "pids.max", "max\n" },
        { "io.stat", "254:0 rbytes=512 wbytes=1024 rios=1 wios=2 dbytes=0 dios=0\n8:16 \n" },
        { "hugetlb.2MB.current", "2097152\n" },
        { "hugetlb.2MB.max", "4194304\n" },
        { "hugetlb.2MB.events", "max 9\n" },
        { "hugetlb.2MB.rsvd.current", "0\n" },
};

static int make_tree(char path[static 32], size_t n)
{
        int fd;

        (void) snprintf(path, 32, "/tmp/test-stats.XXXXXX");
        CHECK(mkdtemp(path));
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (size_t i = 0; i < n; i++)
                CHECK(ctr_write_file_atomic(
                              fd, files[i].name, files[i].text, strlen(files[i].text), 0600) >= 0);
        return fd;
}

static void numbers(void)
{
        CtrError err = { 0 };
        uint64_t value;
        char path[32];
        Stats s;
        int fd = make_tree(path, ELEMENTSOF(files));

        CHECK_OK(stats_read(fd, &s, &err), err);
        CHECK_INT(s.cpu.total_nsec, 3000000);
        CHECK_INT(s.cpu.kernel_nsec, 1000000);
        CHECK_INT(s.cpu.user_nsec, 2000000);
        CHECK_INT(s.cpu.throttled_periods, 2);
        CHECK_STR(s.cpu.pressure.some.avg10, "1.50");
        CHECK(!s.cpu.pressure.full.is_set && s.memory.pressure.full.is_set);
        CHECK_INT(s.memory.usage.limit, 16384);
        CHECK_INT(s.memory.usage.max, 8192);
        CHECK_INT(s.memory.usage.failcnt, 3);
        CHECK_INT(s.memory.swap.usage, 4196);
        CHECK(s.memory.swap.limit == STATS_UNLIMITED && s.pids_limit == STATS_UNLIMITED);
        CHECK_INT(s.memory.cache, 22);
        CHECK_INT(s.memory.n_raw, 3);
        CHECK_INT(s.io.n_bytes, 3);
        CHECK(s.io.bytes[1].major == 254 && s.io.bytes[1].value == 1024);
        CHECK_INT(s.n_hugetlb, 1);
        CHECK_STR(s.hugetlb[0].size, "2MB");
        CHECK_INT(s.hugetlb[0].failcnt, 9);
        stats_done(&s);
        CHECK_OK(stats_read_key(fd, "memory.events", "oom_kill", &value), err);
        CHECK_INT(value, 1);
        CHECK_INT(stats_read_key(fd, "memory.events", "oom_killer", &value), -ENOENT);
        CHECK_INT(stats_read_key(fd, "nothing", "oom_kill", &value), -ENOENT);
        (void) close(fd);
        CHECK(ctr_remove_tree(AT_FDCWD, path) >= 0);
}

static char *json_of(int fd)
{
        CtrError err = { 0 };
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        Stats s;

        CHECK_OK(stats_read(fd, &s, &err), err);
        stats_print_json(&s, f);
        stats_done(&s);
        CHECK(fclose(f) == 0);
        return text;
}

/* Whole, because the names and their order are an interface. */
static void json(void)
{
        static const char expected[] =
                "{\"cpu\":{\"usage\":{\"total\":3000000,\"kernel\":1000000,\"user\":2000000},"
                "\"throttling\":{\"periods\":7,\"throttledPeriods\":2,\"throttledTime\":5000},"
                "\"psi\":{\"some\":{\"avg10\":1.50,\"avg60\":0.20,\"avg300\":0.03,\"total\":77}}},"
                "\"cpuset\":{\"cpu_exclusive\":0,\"mem_hardwall\":0,\"mem_exclusive\":0,"
                "\"memory_migrate\":0,\"memory_spread_page\":0,\"memory_spread_slab\":0,"
                "\"memory_pressure\":0,\"sched_load_balance\":0,\"sched_relax_domain_level\":0},"
                "\"memory\":{\"cache\":22,"
                "\"usage\":{\"limit\":16384,\"usage\":4096,\"max\":8192,\"failcnt\":3},"
                "\"swap\":{\"limit\":18446744073709551615,\"usage\":4196,\"max\":0,\"failcnt\":0},"
                "\"kernel\":{\"limit\":0,\"usage\":0,\"max\":0,\"failcnt\":0},"
                "\"kernelTCP\":{\"limit\":0,\"usage\":0,\"max\":0,\"failcnt\":0},"
                "\"raw\":{\"anon\":11,\"file\":22,\"slab\":33},"
                "\"psi\":{\"some\":{\"avg10\":0.00,\"avg60\":0.00,\"avg300\":0.00,\"total\":1},"
                "\"full\":{\"avg10\":0.00,\"avg60\":0.00,\"avg300\":0.00,\"total\":2}}},"
                "\"pids\":{\"current\":4,\"limit\":18446744073709551615},"
                "\"blkio\":{\"ioServiceBytesRecursive\":["
                "{\"major\":254,\"minor\":0,\"op\":\"Read\",\"value\":512},"
                "{\"major\":254,\"minor\":0,\"op\":\"Write\",\"value\":1024},"
                "{\"major\":254,\"minor\":0,\"op\":\"Discard\",\"value\":0}],"
                "\"ioServicedRecursive\":["
                "{\"major\":254,\"minor\":0,\"op\":\"Read\",\"value\":1},"
                "{\"major\":254,\"minor\":0,\"op\":\"Write\",\"value\":2},"
                "{\"major\":254,\"minor\":0,\"op\":\"Discard\",\"value\":0}]},"
                "\"hugetlb\":{\"2MB\":{\"usage\":2097152,\"max\":4194304,\"failcnt\":9}},"
                "\"intel_rdt\":{},\"network_interfaces\":null}";
        _cleanup_free_ char *text = NULL;
        char path[32];
        int fd = make_tree(path, ELEMENTSOF(files));

        text = json_of(fd);
        CHECK_STR(text, expected);
        (void) close(fd);
        CHECK(ctr_remove_tree(AT_FDCWD, path) >= 0);
}

/* Without controllers: still one object that can be read. */
static void bare(void)
{
        _cleanup_free_ char *text = NULL;
        JsonDocument *doc;
        CtrError err = { 0 };
        char path[32];
        int fd = make_tree(path, 1);

        text = json_of(fd);
        CHECK_CONTAINS(text, "\"raw\":{}");
        CHECK(!strstr(text, "psi"));
        CHECK_OK(json_document_parse(text, strlen(text), &doc, &err), err);
        CHECK_INT(json_value_length(json_document_root(doc)), 8);
        json_document_free(doc);
        (void) close(fd);
        CHECK(ctr_remove_tree(AT_FDCWD, path) >= 0);
}

static void removed(void)
{
        CtrError err = { 0 };
        char path[32];
        Stats s;
        int fd = make_tree(path, 0);

        CHECK_INT(stats_read(fd, &s, &err), -ENOENT);
        CHECK_STR(err.message, "container not running");
        (void) close(fd);
        CHECK(ctr_remove_tree(AT_FDCWD, path) >= 0);
}

static void durations(void)
{
        static const struct {
                const char *text;
                int result;
                uint64_t msec;
        } cases[] = {
                { "5s", 0, 5000 },
                { "500ms", 0, 500 },
                { "1m30s", 0, 90000 },
                { "1h", 0, 3600000 },
                { "1.5s", 0, 1500 },
                { ".25s", 0, 250 },
                { "3", 0, 3000 },
                { "1500us", 0, 1 },
                { "0s", 0, 0 },
                { "", -EINVAL, 0 },
                { "s", -EINVAL, 0 },
                { "-1s", -EINVAL, 0 },
                { "5x", -EINVAL, 0 },
                { "5s ", -EINVAL, 0 },
                { "99999999999999999999h", -ERANGE, 0 },
                { "9000h", -ERANGE, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint64_t msec = 0;
                int r = duration_parse(cases[i].text, &msec);

                if (r != cases[i].result || msec != cases[i].msec)
                        test_fail(__FILE__, __LINE__, "\"%s\": %d, %llu", cases[i].text, r,
                                (unsigned long long) msec);
        }
}

static const Test tests[] = { TEST(numbers), TEST(json), TEST(bare), TEST(removed),
        TEST(durations) };
TEST_MAIN(tests)
