/* The view of a directory that the clone of an exec is born with: nothing above it is reached, and
 * nothing in it is changed. Needs root. */
#include "helper/cgroup.h"
#include "unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/ctrunit-view-XXXXXX";
static char inside[64];

static ino_t inode_of(int dir_fd, const char *path)
{
        struct stat st;

        CHECK(fstatat(dir_fd, path, &st, 0) >= 0);
        return st.st_ino;
}

static int open_view(void)
{
        CHECK(mkdtemp(directory));
        (void) snprintf(inside, sizeof(inside), "%s/inside", directory);
        CHECK(mkdir(inside, 0755) >= 0);
        return cgroup_open_view(inside);
}

static void close_view(int fd)
{
        if (fd >= 0)
                (void) close(fd);
        CHECK(rmdir(inside) >= 0 && rmdir(directory) >= 0);
        if (fd == -EPERM)
                test_skip("mounts need CAP_SYS_ADMIN");
        CHECK(fd >= 0);
}

static void nothing_above(void)
{
        int fd = open_view();

        if (fd >= 0) {
                CHECK(inode_of(fd, "..") == inode_of(fd, "."));
                CHECK(inode_of(fd, "../../..") == inode_of(fd, "."));
                CHECK(inode_of(fd, ".") == inode_of(AT_FDCWD, inside));
        }
        close_view(fd);
}

static void nothing_changed(void)
{
        int fd = open_view();

        if (fd >= 0) {
                CHECK(openat(fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644) < 0);
                CHECK_INT(errno, EROFS);
                CHECK(fchmod(fd, 0777) < 0);
        }
        close_view(fd);
}

static void no_directory(void)
{
        CHECK_INT(cgroup_open_view("/no/such/directory"), -ENOENT);
        CHECK_INT(cgroup_open_view("/proc/self/status"), -ENOTDIR);
}

static const Test tests[] = { TEST(nothing_above), TEST(nothing_changed), TEST(no_directory) };
TEST_MAIN(tests)
