/* The control group of the container: joining one, files that systemd has no property for, the
 * namespace and its mount. */
#include "helper/ops.h"

#include "base/cgroup-controller.h"
#include "base/io.h"
#include "helper/cgroup.h"
#include "helper/kernel.h"
#include "helper/mount.h"
#include "helper/procfs.h"
#include "helper/resolve.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

enum {
        JOIN_FIRST_LEAF = 1,
        JOIN_RETURNS = 2,
        MOUNT_BIND = 1,
        DEPTH_MAX = 64,
};

/* Any directory in fd, or -ENOENT. */
static int open_first_child(int fd)
{
        _Alignas(struct dirent64) char buf[4096];
        ssize_t n;

        while ((n = sys_getdents64(fd, buf, sizeof(buf))) > 0)
                for (ssize_t i = 0; i < n;) {
                        struct dirent64 *d = (struct dirent64 *) (void *) (buf + i);
                        int child;

                        i += d->d_reclen;
                        if (d->d_type != DT_DIR || d->d_name[0] == '.')
                                continue;
                        child = openat(
                                fd, d->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
                        if (child >= 0)
                                return child;
                }
        return n < 0 ? -errno : -ENOENT;
}

/* A cgroup with children takes no processes once its controllers are handed down (EBUSY): then its
 * first leaf. */
static int join(int dir_fd, bool wants_leaf)
{
        _cleanup_close_ int fd = dir_fd;

        for (unsigned depth = 0; depth < DEPTH_MAX; depth++) {
                int r = ctr_write_value(fd, "cgroup.procs", "0"), child;

                if (r != -EBUSY || !wants_leaf)
                        return r;
                child = open_first_child(fd);
                if (child < 0)
                        return -EBUSY;
                (void) close(fd);
                fd = child;
        }
        return -EBUSY;
}

/* Where op_leave_cgroup() returns to: a path, because the clone is born with every descriptor of
 * ours, among processes of the container that may look at them. */
static int remember_own(Context *ctx)
{
        _cleanup_close_ int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);

        return fd < 0 ? -errno : cgroup_read_path(fd, ctx->own_cgroup, sizeof(ctx->own_cgroup));
}

/* Born there already: whoever executed ctr-exec saw to it. */
static bool is_own(int fd)
{
        _cleanup_close_ int own_fd = cgroup_open_own();
        struct stat own, wanted;

        return own_fd >= 0 && fstat(own_fd, &own) >= 0 && fstat(fd, &wanted) >= 0 &&
               own.st_dev == wanted.st_dev && own.st_ino == wanted.st_ino;
}

/* ctr-exec itself moves, or is there. Its clone is not made in the cgroup (CLONE_INTO_CGROUP): it
 * would have the directory's descriptor at its birth, and so a way to the host's files for whoever
 * in the container may look into it. */
int op_join_cgroup(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        int r = op->number[0] & JOIN_RETURNS ? remember_own(ctx) : 0, fd;

        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "own cgroup");
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0 && is_own(fd)) {
                (void) close(fd);
                return 0;
        }
        r = fd < 0 ? -errno : join(fd, op->number[0] & JOIN_FIRST_LEAF);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot join %s", path) : 0;
}

int op_leave_cgroup(Context *ctx, const ProgramOp *op, CtrError *err)
{
        _cleanup_close_ int root_fd = cgroup_open_root(), fd = -EBADF;
        int r;

        if (root_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, root_fd, "cgroup root");
        fd = openat(root_fd, ctx->own_cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC);
        r = fd < 0 ? -errno : ctr_write_value(fd, "cgroup.procs", "0");
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot return to the own cgroup")
                     : 0;
}

/* The file is missing: its controller may be one that has to be handed down first. */
static int enable_controller(const char *file)
{
        _cleanup_close_ int self_fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
        _cleanup_close_ int root_fd = cgroup_open_root();
        char path[4096];
        int r;

        if (self_fd < 0 || root_fd < 0)
                return self_fd < 0 ? -errno : root_fd;
        r = cgroup_read_path(self_fd, path, sizeof(path));
        return r < 0 ? r : ctr_cgroup_enable_controller(root_fd, path, file);
}

int op_write_cgroup(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *file = op_string(ctx, op, 0), *value = op_string(ctx, op, 1);
        _cleanup_close_ int fd = cgroup_open_own();
        int r;

        if (strchr(file, '/'))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EINVAL, "%s", file);
        r = fd < 0 ? fd : ctr_write_value(fd, file, value);
        if (r == -ENOENT && enable_controller(file) >= 0)
                r = ctr_write_value(fd, file, value);
        if (r < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, r, "%s=%s%s", file, value, ctr_cgroup_hint(file, r));
        return 0;
}

int op_unshare_cgroup(Context *ctx, const ProgramOp *op, CtrError *err)
{
        if (unshare(CLONE_NEWCGROUP) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot unshare");
        return 0;
}

/* A bind of the own cgroup, for containers without a cgroup namespace. The root is the host's: this
 * is before the pivot. */
static int clone_own_cgroup(Context *ctx, uint64_t attr)
{
        _cleanup_close_ int file_fd = procfs_open_self(ctx, "cgroup", O_RDONLY);
        _cleanup_close_ int root_fd = cgroup_open_root(), fd = -EBADF, mount_fd = -EBADF;
        MountChange change = { .set = attr };
        char path[4096];
        int r;

        if (file_fd < 0 || root_fd < 0)
                return file_fd < 0 ? file_fd : root_fd;
        r = cgroup_read_path(file_fd, path, sizeof(path));
        if (r < 0)
                return r;
        fd = openat(root_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        mount_fd = fd < 0 ? -errno : mount_clone(fd, false);
        if (mount_fd < 0)
                return mount_fd;
        r = mount_change(mount_fd, &change);
        return r < 0 ? r : TAKE_FD(mount_fd);
}

int op_mount_cgroup(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        _cleanup_close_ int target_fd = -EBADF, mount_fd = -EBADF;
        int r;

        target_fd = resolve_make(ctx->rootfs_fd, path, RESOLVE_DIRECTORY, 0755);
        if (target_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, target_fd, "target %s", path);
        r = mount_check_target(target_fd, path, "cgroup2", -EBADF, ctx, err);
        if (r < 0)
                return r;
        if (op->number[1] & MOUNT_BIND) {
                mount_fd = clone_own_cgroup(ctx, op->number[0]);
                if (mount_fd < 0)
                        (void) ctr_error_set(err, CTR_ERROR_SYSTEM, mount_fd, "own cgroup");
        } else
                mount_fd =
                        mount_new(ctx, "cgroup2", "cgroup", (ProgramData){ 0 }, op->number[0], err);
        if (mount_fd < 0)
                return mount_fd;
        r = mount_attach(mount_fd, target_fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot attach to %s", path);
        return 0;
}
