/* Removing trees that somebody made to be in the way: deeper than there are descriptors, with links
 * that lead out, mounts, and names that the removal itself uses. */
#include "unit/test.h"

#include "base/io.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { DEPTH = 300, FDS_MAX = 100 };

static char root[] = "/tmp/test-remove.XXXXXX";

static void run(const char *command)
{
        char text[1024];

        (void) snprintf(text, sizeof(text), "cd %s && %s", root, command);
        CHECK_INT(system(text), 0);
}

/* Directories in directories, and beside each one a file. */
static void make_deep(const char *name)
{
        int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        for (unsigned i = 0; i < DEPTH; i++) {
                int file_fd, next;

                CHECK(fd >= 0 && mkdirat(fd, name, 0755) >= 0);
                file_fd = openat(fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
                next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                closep(&file_fd);
                closep(&fd);
                fd = next;
        }
        closep(&fd);
}

static void deep(void)
{
        struct rlimit limit = { .rlim_cur = FDS_MAX, .rlim_max = FDS_MAX };

        CHECK(mkdtemp(root));
        CHECK(setrlimit(RLIMIT_NOFILE, &limit) >= 0);
        make_deep("a");
        make_deep(".removed-0");
        CHECK_INT(ctr_remove_tree(AT_FDCWD, root), 0);
        CHECK_INT(faccessat(AT_FDCWD, root, F_OK, 0), -1);
}

static void out_of_it(void)
{
        CHECK(mkdtemp(root));
        run("mkdir -p kept/x tree/a/b && touch kept/file && ln -s ../../kept tree/a/link && "
            "ln -s /tmp tree/tmp && mkfifo tree/pipe");
        run("mkdir tree/a/b/.removed-1");
        {
                int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

                CHECK_INT(ctr_remove_tree(fd, "tree"), 0);
                CHECK_INT(ctr_remove_tree(fd, "tree"), 0);
                closep(&fd);
        }
        run("test -e kept/file -a -e kept/x -a ! -e tree && rm -r kept");
        CHECK(rmdir(root) >= 0);
}

/* One of the same file system, too. */
static void mounts(void)
{
        int fd;

        if (unshare(CLONE_NEWNS) < 0)
                test_skip("needs the right to mount");
        CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) >= 0);
        CHECK(mkdtemp(root));
        run("mkdir -p kept/x tree/a/b && touch kept/file && mount --bind kept tree/a/b");
        fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CHECK_INT(ctr_remove_tree(fd, "tree"), -EBUSY);
        closep(&fd);
        run("test -e kept/file && umount tree/a/b && rm -r kept tree");
        CHECK(rmdir(root) >= 0);
}

static const Test tests[] = { TEST(deep), TEST(out_of_it), TEST(mounts) };
TEST_MAIN(tests)
