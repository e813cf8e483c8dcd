/* Paths below a hostile root: nothing leads out of it, nothing is made outside of it. */
#include "helper/resolve.h"
#include "unit/test.h"

#include "base/io.h"

#include <fcntl.h>
#include <sys/stat.h>

/* A scratch directory with "root" and, beside it, "outside". */
typedef struct Scratch {
        char path[64];
        int dir_fd;
        int root_fd;
} Scratch;

static Scratch scratch_new(void)
{
        Scratch s = { .path = "/tmp/ctr-test-resolve-XXXXXX" };

        CHECK(mkdtemp(s.path));
        s.dir_fd = open(s.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        CHECK(s.dir_fd >= 0);
        CHECK(mkdirat(s.dir_fd, "root", 0755) >= 0 && mkdirat(s.dir_fd, "outside", 0755) >= 0);
        s.root_fd = openat(s.dir_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
        CHECK(s.root_fd >= 0);
        return s;
}

static void scratch_done(Scratch *s)
{
        CHECK(ctr_remove_tree(AT_FDCWD, s->path) >= 0);
        closep(&s->dir_fd);
        closep(&s->root_fd);
}

static bool exists(const Scratch *s, const char *path)
{
        return faccessat(s->dir_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) >= 0;
}

static void make(const Scratch *s, const char *path, ResolveKind kind)
{
        int fd = resolve_make(s->root_fd, path, kind, kind == RESOLVE_FILE ? 0640 : 0750);

        if (fd < 0)
                test_fail(__FILE__, __LINE__, "%s: %s", path, strerror(-fd));
        (void) close(fd);
}

static void directories_and_files(void)
{
        _cleanup_(scratch_done) Scratch s = scratch_new();
        struct stat st;

        (void) umask(0);
        make(&s, "/a/b//c/", RESOLVE_DIRECTORY);
        make(&s, "a/b/c", RESOLVE_DIRECTORY);
        make(&s, "/a/./x/../f", RESOLVE_FILE);
        make(&s, "/", RESOLVE_DIRECTORY);
        make(&s, "../../e", RESOLVE_DIRECTORY);
        CHECK(exists(&s, "root/a/b/c") && exists(&s, "root/a/f") && exists(&s, "root/e"));
        CHECK(!exists(&s, "e"));
        CHECK(fstatat(s.dir_fd, "root/a/b", &st, 0) >= 0);
        CHECK_INT(st.st_mode, S_IFDIR | 0755);
        CHECK(fstatat(s.dir_fd, "root/a/b/c", &st, 0) >= 0);
        CHECK_INT(st.st_mode, S_IFDIR | 0750);
        CHECK(fstatat(s.dir_fd, "root/a/f", &st, 0) >= 0);
        CHECK_INT(st.st_mode, S_IFREG | 0640);
}

static void links_stay_inside(void)
{
        _cleanup_(scratch_done) Scratch s = scratch_new();
        char target[128];

        (void) snprintf(target, sizeof(target), "%s/outside", s.path);
        CHECK(symlinkat(target, s.root_fd, "absolute") >= 0);
        CHECK(symlinkat("../outside", s.root_fd, "relative") >= 0);
        CHECK(symlinkat("../../../../../../..", s.root_fd, "up") >= 0);
        make(&s, "/absolute/new/deep", RESOLVE_DIRECTORY);
        make(&s, "/relative/file", RESOLVE_FILE);
        make(&s, "/up/tmp/dir", RESOLVE_DIRECTORY);
        CHECK(!exists(&s, "outside/new") && !exists(&s, "outside/file"));
        CHECK(exists(&s, "root/outside/file"));
        CHECK(exists(&s, "root/tmp/dir"));
}

static void dangling_links(void)
{
        _cleanup_(scratch_done) Scratch s = scratch_new();

        CHECK(symlinkat("there/below", s.root_fd, "link") >= 0);
        CHECK(symlinkat("/var/log", s.root_fd, "log") >= 0);
        CHECK(symlinkat("loop-b", s.root_fd, "loop-a") >= 0);
        CHECK(symlinkat("loop-a", s.root_fd, "loop-b") >= 0);
        make(&s, "/link/dir", RESOLVE_DIRECTORY);
        make(&s, "/log", RESOLVE_FILE);
        CHECK(exists(&s, "root/there/below/dir") && exists(&s, "root/var/log"));
        CHECK_INT(resolve_make(s.root_fd, "/loop-a/x", RESOLVE_DIRECTORY, 0755), -ELOOP);
}

static void parents(void)
{
        _cleanup_(scratch_done) Scratch s = scratch_new();
        static const char *const bad[] = { "", "/", "/a/", "/a/..", ".", "/a/." };
        const char *name;
        int fd;

        fd = resolve_make_parent(s.root_fd, "/dev/sub/null", &name);
        CHECK(fd >= 0);
        CHECK_STR(name, "null");
        CHECK(exists(&s, "root/dev/sub") && !exists(&s, "root/dev/sub/null"));
        (void) close(fd);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                CHECK_INT(resolve_make_parent(s.root_fd, bad[i], &name), -EINVAL);
}

static void errors(void)
{
        _cleanup_(scratch_done) Scratch s = scratch_new();
        char long_path[5000];

        make(&s, "/file", RESOLVE_FILE);
        CHECK_INT(resolve_make(s.root_fd, "/file/below", RESOLVE_DIRECTORY, 0755), -ENOTDIR);
        memset(long_path, 'x', sizeof(long_path) - 1);
        long_path[sizeof(long_path) - 1] = '\0';
        CHECK_INT(resolve_make(s.root_fd, long_path, RESOLVE_DIRECTORY, 0755), -ENAMETOOLONG);
        long_path[300] = '\0';
        CHECK_INT(resolve_make(s.root_fd, long_path, RESOLVE_DIRECTORY, 0755), -ENAMETOOLONG);
        CHECK_INT(resolve_open(s.root_fd, "/none", O_PATH, 0), -ENOENT);
}

static void magic_links(void)
{
        int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        CHECK_INT(resolve_open(root_fd, "/proc/self/root", O_PATH, 0), -ELOOP);
        CHECK_INT(resolve_open(root_fd, "/proc/self/fd/0", O_PATH, 0), -ELOOP);
        (void) close(root_fd);
}

static const Test tests[] = {
        TEST(directories_and_files),
        TEST(links_stay_inside),
        TEST(dangling_links),
        TEST(parents),
        TEST(errors),
        TEST(magic_links),
};
TEST_MAIN(tests)
