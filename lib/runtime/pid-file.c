/* The pid file of engines: see pid-file.h. */
#include "runtime/pid-file.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* Under its name at once and whole: a temporary name in a directory of the caller's would stay
 * there if we were killed, and nobody knows of it. An old file is gone before: its pid means
 * nothing. */
static int write_pid_file(int dir_fd, const char *name, const char *text, size_t size)
{
        _cleanup_close_ int fd = openat(dir_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
        char path[48];
        int r;

        if (fd < 0) /* a file system that has no such files */
                return ctr_write_file_atomic(dir_fd, name, text, size, 0644);
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        r = ctr_write_all(fd, text, size);
        while (r >= 0 && linkat(AT_FDCWD, path, dir_fd, name, AT_SYMLINK_FOLLOW) < 0) {
                r = errno == EEXIST ? 0 : -errno;
                if (r >= 0 && unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
                        r = -errno;
        }
        return r;
}

int pid_file_write(const char *path, pid_t pid, CtrError *err)
{
        _cleanup_close_ int dir_fd = -EBADF;
        _cleanup_free_ char *copy = NULL;
        const char *name = path;
        char text[16], *slash;
        int n, r;

        if (!path)
                return 0;
        copy = strdup(path);
        if (!copy)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "writing %s", path);
        slash = strrchr(copy, '/');
        if (slash) {
                name = path + (slash - copy) + 1;
                slash[slash == copy] = '\0';
        }
        dir_fd = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        n = snprintf(text, sizeof(text), "%d", (int) pid);
        r = dir_fd < 0 ? -errno : write_pid_file(dir_fd, name, text, (size_t) n);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write pid file %s", path)
                     : 0;
}
