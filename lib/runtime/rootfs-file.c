/* Reading files of a root file system: see rootfs-file.h. */
#include "runtime/rootfs-file.h"

#include "base/io.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* The file that was looked at, whatever has its name by now. */
static int open_again(int path_fd)
{
        char name[48];

        (void) snprintf(name, sizeof(name), "/proc/self/fd/%d", path_fd);
        return open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

int rootfs_file_read(int root_fd, const char *path, char **ret, size_t *ret_size, CtrError *err)
{
        struct open_how how = { .flags = O_PATH | O_CLOEXEC,
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        _cleanup_close_ int path_fd = (int) syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        *ret = NULL;
        *ret_size = 0;
        if (path_fd < 0 && errno == ENOENT)
                return 0;
        if (path_fd < 0 || fstat(path_fd, &st) < 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, errno,
                        "cannot open /%s of the root file system", path);
        if (!S_ISREG(st.st_mode))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "/%s of the root file system is not a regular file", path);
        fd = open_again(path_fd);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, errno,
                        "cannot open /%s of the root file system", path);
        return ctr_read_fd(fd, path, ROOTFS_FILE_SIZE_MAX, ret, ret_size, err);
}
