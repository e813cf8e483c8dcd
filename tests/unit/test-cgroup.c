/* Reading cgroup trees: events, process lists, names of units in paths. The tree is a copy made of
 * plain files. */
#include "runtime/cgroup-fit.h"
#include "runtime/cgroup-tree.h"
#include "runtime/cgroup.h"
#include "base/cgroup-controller.h"
#include "base/io.h"
#include "unit/test.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void events(void)
{
        CgroupEvents e;

        cgroup_parse_events("populated 1\nfrozen 0\n", &e);
        CHECK(e.is_populated && !e.is_frozen);
        cgroup_parse_events("populated 1\nfrozen 1\n", &e);
        CHECK(e.is_populated && e.is_frozen);
        cgroup_parse_events("populated 0\n", &e);
        CHECK(!e.is_populated && !e.is_frozen);
        cgroup_parse_events("", &e);
        CHECK(!e.is_populated && !e.is_frozen);
        CHECK_INT(cgroup_read_events("/nonexistent", &e), -ENOENT);
}

static void write_file(int dir_fd, const char *name, const char *text)
{
        CHECK(ctr_write_file_atomic(dir_fd, name, text, strlen(text), 0600) >= 0);
}

static void processes(void)
{
        char path[] = "/tmp/test-cgroup.XXXXXX";
        CtrError err = { 0 };
        pid_t *pids;
        size_t n;
        int fd;

        CHECK(mkdtemp(path));
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CHECK(mkdirat(fd, "a", 0700) >= 0 && mkdirat(fd, "a/b", 0700) >= 0 &&
                mkdirat(fd, ".control", 0700) >= 0);
        CHECK(mkdirat(fd, "empty", 0700) >= 0);
        write_file(fd, "cgroup.procs", "30\n0\n2\n");
        {
                int a = openat(fd, "a", O_RDONLY | O_DIRECTORY),
                    b = openat(fd, "a/b", O_RDONLY | O_DIRECTORY),
                    control = openat(fd, ".control", O_RDONLY | O_DIRECTORY);

                write_file(a, "cgroup.procs", "");
                write_file(b, "cgroup.procs", "1000000\n7\n");
                write_file(control, "cgroup.procs", "99\n");
                (void) close(a);
                (void) close(b);
                (void) close(control);
        }
        CHECK_OK(cgroup_list_processes(path, &pids, &n, &err), err);
        CHECK_INT(n, 4);
        CHECK(pids[0] == 2 && pids[1] == 7 && pids[2] == 30 && pids[3] == 1000000);
        free(pids);
        (void) close(fd);
        CHECK(ctr_remove_tree(AT_FDCWD, path) >= 0);
        CHECK_OK(cgroup_list_processes(path, &pids, &n, &err), err);
        CHECK_INT(n, 0);
        CHECK(cgroup_kill(path) >= 0);
}

static void units(void)
{
        char path[CGROUP_PATH_MAX];

        strcpy(path, "/sys/fs/cgroup/ctr.slice/ctr@a.service/payload/x");
        CHECK(cgroup_cut_to_unit(path, "ctr@a.service") >= 0);
        CHECK_STR(path, "/sys/fs/cgroup/ctr.slice/ctr@a.service");
        CHECK(cgroup_cut_to_unit(path, "ctr@a.service") >= 0);
        CHECK_STR(path, "/sys/fs/cgroup/ctr.slice/ctr@a.service");
        CHECK_INT(cgroup_cut_to_unit(path, "ctr@a.servic"), -ENOENT);
        CHECK_INT(cgroup_cut_to_unit(path, "ctr@b.service"), -ENOENT);
        CHECK(cgroup_of_process(getpid(), path) >= 0);
        CHECK_CONTAINS(path, "/sys/fs/cgroup");
        CHECK_INT(cgroup_of_process(0x7ffffff0, path), -ESRCH);
}

static void frozen(void)
{
        char path[] = "/tmp/test-cgroup.XXXXXX", inner[64];
        int fd;

        CHECK(mkdtemp(path));
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CHECK(mkdirat(fd, "a", 0700) >= 0 && mkdirat(fd, "a/b", 0700) >= 0);
        (void) snprintf(inner, sizeof(inner), "%s/a/b/not-there", path);
        CHECK_INT(cgroup_find_frozen(inner), 0);
        write_file(fd, "cgroup.freeze", "0\n");
        (void) snprintf(inner, sizeof(inner), "%s/a/b/not-there", path);
        CHECK_INT(cgroup_find_frozen(inner), 0);
        write_file(fd, "cgroup.freeze", "1\n");
        (void) snprintf(inner, sizeof(inner), "%s/a/b/not-there", path);
        CHECK_INT(cgroup_find_frozen(inner), 1);
        CHECK_STR(inner, path);
        (void) close(fd);
        CHECK(ctr_remove_tree(AT_FDCWD, path) >= 0);
}

/* Every directory above the one that shall have the files, and no other. */
static void controllers(void)
{
        static const struct {
                const char *path;
                bool is_written;
        } directories[] = { { ".", true }, { "a", true }, { "a/b", true }, { "a/b/c", false } };
        char path[] = "/tmp/test-cgroup.XXXXXX";
        int fd;

        CHECK(mkdtemp(path));
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CHECK(mkdirat(fd, "a", 0700) >= 0 && mkdirat(fd, "a/b", 0700) >= 0 &&
                mkdirat(fd, "a/b/c", 0700) >= 0);
        CHECK_INT(ctr_cgroup_enable_controller(fd, "a/b/c", "hugetlb.2MB.max"), -ENOENT);
        for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
                int d = openat(fd, directories[i].path, O_RDONLY | O_DIRECTORY);

                write_file(d, "cgroup.subtree_control", "");
                (void) close(d);
        }
        CHECK_INT(ctr_cgroup_enable_controller(fd, "a/b/c", "memory.max"), -EOPNOTSUPP);
        CHECK_INT(ctr_cgroup_enable_controller(fd, "a/b/c", "hugetlb"), 0);
        CHECK_INT(ctr_cgroup_enable_controller(fd, "a/b/c", "rdma.max"), 0);
        for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
                char file[64], text[32] = "";
                _cleanup_close_ int f = -EBADF;

                (void) snprintf(
                        file, sizeof(file), "%s/cgroup.subtree_control", directories[i].path);
                f = openat(fd, file, O_RDONLY);
                CHECK(read(f, text, sizeof(text) - 1) >= 0);
                /* A plain file keeps the end of the longer text before. */
                CHECK_STR(text, directories[i].is_written ? "+rdmatlb" : "");
        }
        (void) close(fd);
        CHECK(ctr_remove_tree(AT_FDCWD, path) >= 0);
}

/* More groups in groups than there are descriptors; one that is in use stays, and what is above. */
static void removed(void)
{
        struct rlimit limit = { .rlim_cur = 64, .rlim_max = 64 };
        char path[] = "/tmp/test-cgroup.XXXXXX";
        CtrError err = { 0 };
        int fd, next;

        CHECK(mkdtemp(path));
        CHECK(setrlimit(RLIMIT_NOFILE, &limit) >= 0);
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CHECK(mkdirat(fd, "busy", 0700) >= 0 && mkdirat(fd, "idle", 0700) >= 0);
        CHECK(mkdirat(fd, "busy/in use", 0700) >= 0);
        next = openat(fd, "busy/in use", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        write_file(next, "cgroup.procs", "1\n");
        (void) close(next);
        CHECK(cgroup_remove(path, false, &err) < 0);
        CHECK(faccessat(fd, "busy/in use/cgroup.procs", F_OK, 0) >= 0);
        CHECK(unlinkat(fd, "busy/in use/cgroup.procs", 0) >= 0);
        for (unsigned i = 0; i < 200; i++) {
                CHECK(mkdirat(fd, "sibling", 0700) >= 0 && mkdirat(fd, "deeper", 0700) >= 0);
                next = openat(fd, "deeper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                (void) close(fd);
                fd = next;
        }
        (void) close(fd);
        CHECK_OK(cgroup_remove(path, false, &err), err);
        CHECK_INT(faccessat(AT_FDCWD, path, F_OK, 0), -1);
}

static const Test tests[] = { TEST(removed), TEST(frozen), TEST(controllers), TEST(events),
        TEST(processes), TEST(units) };
TEST_MAIN(tests)
