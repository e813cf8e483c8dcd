/* New file systems in the container: proc, sysfs, tmpfs, devpts, mqueue and what else config.json
 * mounts by type. */
#include "helper/ops.h"

#include "helper/kernel.h"
#include "helper/mount.h"
#include "helper/procfs.h"
#include "helper/resolve.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { MOUNT_COVERED_MODE = 1 };

/* Opens, or makes, the directory to mount on. For procfs and sysfs it may not be a link: masks and
 * tools name these places by path, and a link in the image would give them another one
 * (CVE-2019-19921). */
static int open_target(Context *ctx, const char *type, const char *path, mode_t mode, CtrError *err)
{
        bool is_kernel_view = strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0;
        _cleanup_close_ int fd = -EBADF;
        int r;

        fd = resolve_make(ctx->rootfs_fd, path, RESOLVE_DIRECTORY, mode);
        if (fd >= 0 && is_kernel_view) {
                (void) close(fd);
                fd = resolve_open(ctx->rootfs_fd, path, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
        }
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, fd, "target %s", path);
        r = mount_check_target(fd, path, type, -EBADF, ctx, err);
        return r < 0 ? r : TAKE_FD(fd);
}

/* The mode of the directory that is there already: a tmpfs on it changes what can be written where
 * no more than a bind mount would. False when there is none. */
static bool covered_mode(Context *ctx, const char *path, mode_t *ret)
{
        _cleanup_close_ int fd = resolve_open(ctx->rootfs_fd, path, O_PATH | O_DIRECTORY, 0);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return false;
        *ret = st.st_mode & 07777;
        return true;
}

int op_open_file_system(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *type = op_string(ctx, op, 0);
        int fd;

        if (strcmp(type, "proc") == 0) {
                fd = procfs_make_for_clone(ctx);
                if (fd < 0)
                        (void) ctr_error_set(err, CTR_ERROR_SYSTEM, fd, "%s", type);
        } else
                fd = mount_new(ctx, type, type, (ProgramData){ 0 }, 0, err);
        if (fd < 0)
                return fd;
        ctx->slots[op->number[0]] = fd;
        return 0;
}

int op_mount(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *type = op_string(ctx, op, 0), *source = op_string(ctx, op, 1);
        const char *path = op_string(ctx, op, 2);
        _cleanup_close_ int target_fd = -EBADF, mount_fd = -EBADF;
        mode_t mode = 0;
        bool takes_mode = op->number[1] & MOUNT_COVERED_MODE && covered_mode(ctx, path, &mode);
        int r;

        target_fd = open_target(ctx, type, path, (mode_t) op->number[2], err);
        if (target_fd < 0)
                return target_fd;
        mount_fd = takes_mode ? mount_new_tmpfs(ctx, source, op->data[0], mode, op->number[0], err)
                              : mount_new(ctx, type, source, op->data[0], op->number[0], err);
        if (mount_fd < 0)
                return ctr_error_prefix(err, mount_fd, "%s", path);
        r = mount_attach(mount_fd, target_fd);
        if (r < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, r, "cannot attach %s to %s", type, path);
        return 0;
}
