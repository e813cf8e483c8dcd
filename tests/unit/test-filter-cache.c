/* The cache of compiled filters: what comes out is what the compiler makes, byte for byte, whatever
 * has happened to the entries. */
#include "plan/plan-internal.h"
#include "runtime/filter-cache.h"
#include "unit/plan-case.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define SECTION                                                                                    \
        "{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86'],"  \
        "'syscalls':[{'names':['read','write','exit_group'],'action':'SCMP_ACT_ALLOW'},"           \
        "{'names':['personality'],'action':'SCMP_ACT_ALLOW',"                                      \
        "'args':[{'index':0,'value':8,'op':'SCMP_CMP_EQ'}]}]}"
#define OTHER_SECTION                                                                              \
        "{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86'],"  \
        "'syscalls':[{'names':['read','write','exit_group'],'action':'SCMP_ACT_ALLOW'},"           \
        "{'names':['personality'],'action':'SCMP_ACT_ALLOW',"                                      \
        "'args':[{'index':0,'value':9,'op':'SCMP_CMP_EQ'}]}]}"

typedef struct Fixture {
        char path[64];
        Runtime runtime;
        FilterCache cache;
        /* Between the compiler and the cache: what it was asked for. */
        PlanFilterCache counting;
        unsigned n_hits, n_stores;
} Fixture;

typedef struct Filter {
        void *bytes;
        size_t size;
} Filter;

static void filter_done(Filter *f)
{
        free(f->bytes);
}

static int counting_load(
        void *userdata, const void *key, size_t key_size, void **ret, size_t *ret_size)
{
        Fixture *f = userdata;
        int r = f->cache.plan.load(&f->cache, key, key_size, ret, ret_size);

        f->n_hits += r > 0;
        return r;
}

static void counting_store(
        void *userdata, const void *key, size_t key_size, const void *filter, size_t filter_size)
{
        Fixture *f = userdata;

        f->n_stores++;
        f->cache.plan.store(&f->cache, key, key_size, filter, filter_size);
}

static void fixture_init(Fixture *f)
{
        *f = (Fixture){ .path = "/tmp/ctrunit-test-XXXXXX" };
        CHECK(mkdtemp(f->path));
        f->runtime = (Runtime){ .root = f->path };
        filter_cache_init(&f->cache, &f->runtime);
        f->counting =
                (PlanFilterCache){ .userdata = f, .load = counting_load, .store = counting_store };
}

static void fixture_done(Fixture *f)
{
        char command[128];

        (void) snprintf(command, sizeof(command), "rm -r %s", f->path);
        CHECK_INT(system(command), 0);
}

static Filter compile(const char *section, const PlanFilterCache *cache)
{
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ char *linux_ = NULL;
        CtrError err = { 0 };
        Filter f = { NULL, 0 };

        CHECK(asprintf(&linux_, ",'seccomp':%s", section) > 0);
        spec = plan_case_spec(&(PlanCase){ .linux_ = linux_ });
        CHECK_OK(plan_seccomp_compile_cached(&spec->linux_.seccomp, cache, &f.bytes, &f.size, &err),
                err);
        return f;
}

static void check_equal(const Filter *a, const Filter *b)
{
        CHECK_INT(a->size, b->size);
        CHECK(memcmp(a->bytes, b->bytes, a->size) == 0);
}

/* The path of the only entry. */
static const char *only_entry(const Fixture *f)
{
        static char path[512];
        char directory[80];
        unsigned n = 0;
        struct dirent *de;
        DIR *d;

        (void) snprintf(directory, sizeof(directory), "%s/bpf", f->path);
        d = opendir(directory);
        CHECK(d);
        while ((de = readdir(d)))
                if (de->d_name[0] != '.') {
                        (void) snprintf(path, sizeof(path), "%s/%s", directory, de->d_name);
                        n++;
                }
        (void) closedir(d);
        CHECK_INT(n, 1);
        return path;
}

static void cached_is_fresh(void)
{
        _cleanup_(filter_done) Filter fresh = compile(SECTION, NULL);
        _cleanup_(filter_done) Filter first = { 0 }, second = { 0 };
        struct stat st;
        Fixture f;

        fixture_init(&f);
        first = compile(SECTION, &f.counting);
        CHECK_INT(f.n_hits, 0);
        CHECK_INT(f.n_stores, 1);
        second = compile(SECTION, &f.counting);
        CHECK_INT(f.n_hits, 1);
        CHECK_INT(f.n_stores, 1);
        check_equal(&fresh, &first);
        check_equal(&fresh, &second);
        CHECK(stat(only_entry(&f), &st) >= 0);
        CHECK_INT(st.st_mode & 07777, 0600);
        fixture_done(&f);
}

static void another_section_is_another_entry(void)
{
        _cleanup_(filter_done) Filter one = { 0 }, other = { 0 };
        _cleanup_(filter_done) Filter fresh = compile(OTHER_SECTION, NULL);
        Fixture f;

        fixture_init(&f);
        one = compile(SECTION, &f.counting);
        other = compile(OTHER_SECTION, &f.counting);
        CHECK_INT(f.n_hits, 0);
        CHECK_INT(f.n_stores, 2);
        check_equal(&fresh, &other);
        CHECK(one.size != other.size || memcmp(one.bytes, other.bytes, one.size) != 0);
        fixture_done(&f);
}

static void cut(const char *path)
{
        struct stat st;

        CHECK(stat(path, &st) >= 0 && truncate(path, st.st_size - 8) >= 0);
}

static void empty(const char *path)
{
        CHECK(truncate(path, 0) >= 0);
}

static void flip(const char *path)
{
        _cleanup_close_ int fd = open(path, O_RDWR | O_CLOEXEC);
        uint8_t byte;

        CHECK(fd >= 0 && pread(fd, &byte, 1, 40) == 1);
        byte ^= 1;
        CHECK(pwrite(fd, &byte, 1, 40) == 1);
}

static void rename_magic(const char *path)
{
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

        CHECK(fd >= 0 && pwrite(fd, "X", 1, 0) == 1);
}

static void open_to_others(const char *path)
{
        CHECK(chmod(path, 0666) >= 0);
}

static void replace_by_link(const char *path)
{
        CHECK(unlink(path) >= 0 && symlink("/dev/zero", path) >= 0);
}

static void damaged_entries_are_none(void)
{
        static void (*const damages[])(const char *path) = { cut, empty, flip, rename_magic,
                open_to_others, replace_by_link };
        _cleanup_(filter_done) Filter fresh = compile(SECTION, NULL);

        for (size_t i = 0; i < ELEMENTSOF(damages); i++) {
                _cleanup_(filter_done) Filter first = { 0 }, second = { 0 }, third = { 0 };
                Fixture f;

                fixture_init(&f);
                first = compile(SECTION, &f.counting);
                damages[i](only_entry(&f));
                second = compile(SECTION, &f.counting);
                CHECK_INT(f.n_hits, 0);
                check_equal(&fresh, &second);
                /* And it is whole again. */
                third = compile(SECTION, &f.counting);
                CHECK_INT(f.n_hits, 1);
                check_equal(&fresh, &third);
                fixture_done(&f);
        }
}

static void open_directory_is_not_used(void)
{
        _cleanup_(filter_done) Filter first = { 0 }, second = { 0 };
        char path[80];
        Fixture f;

        fixture_init(&f);
        first = compile(SECTION, &f.counting);
        (void) snprintf(path, sizeof(path), "%s/bpf", f.path);
        CHECK(chmod(path, 0777) >= 0);
        second = compile(SECTION, &f.counting);
        CHECK_INT(f.n_hits, 0);
        check_equal(&first, &second);
        fixture_done(&f);
}

static void number_is_bounded(void)
{
        static const uint64_t filter[4] = { 1, 2, 3, 4 };
        void *bytes = NULL;
        unsigned n = 0;
        char path[80];
        size_t size;
        Fixture f;
        DIR *d;

        fixture_init(&f);
        for (unsigned i = 0; i < FILTER_CACHE_MAX + 10; i++)
                f.cache.plan.store(&f.cache, &i, sizeof(i), filter, sizeof(filter));
        (void) snprintf(path, sizeof(path), "%s/bpf", f.path);
        d = opendir(path);
        CHECK(d);
        for (struct dirent *de; (de = readdir(d));)
                n += de->d_name[0] != '.';
        (void) closedir(d);
        CHECK_INT(n, FILTER_CACHE_MAX);
        /* The newest is there. */
        n = FILTER_CACHE_MAX + 9;
        CHECK_INT(f.cache.plan.load(&f.cache, &n, sizeof(n), &bytes, &size), 1);
        CHECK_INT(size, sizeof(filter));
        CHECK(memcmp(bytes, filter, size) == 0);
        free(bytes);
        fixture_done(&f);
}

static const Test tests[] = {
        TEST(cached_is_fresh),
        TEST(another_section_is_another_entry),
        TEST(damaged_entries_are_none),
        TEST(open_directory_is_not_used),
        TEST(number_is_bounded),
};

TEST_MAIN(tests)
