/* Namespaces that exist already, and those that a process enters by itself: joining by path or by
 * process, the time and the user namespace. New ones come with the clone. */
#include "helper/ops.h"

#include "base/io.h"
#include "helper/kernel.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/vfs.h>

/* Opens a namespace file without opening anything else: a device or FIFO at this path is only
 * looked at. */
static int open_namespace(const char *path)
{
        _cleanup_close_ int fd = open(path, O_PATH | O_CLOEXEC);
        char name[48];
        struct statfs st;
        int ns_fd;

        if (fd < 0 || fstatfs(fd, &st) < 0)
                return -errno;
        if (st.f_type != NSFS_MAGIC)
                return -EINVAL;
        (void) snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
        ns_fd = open(name, O_RDONLY | O_CLOEXEC);
        return ns_fd < 0 ? -errno : ns_fd;
}

int op_open_namespace(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        _cleanup_close_ int fd = open_namespace(path);

        if (fd == -EINVAL)
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "%s is not a namespace", path);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, fd, "%s", path);
        if ((uint64_t) ioctl(fd, NS_GET_NSTYPE) != op->number[1])
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "%s is a namespace of another type", path);
        ctx->slots[op->number[0]] = TAKE_FD(fd);
        return 0;
}

int op_open_process(Context *ctx, const ProgramOp *op, CtrError *err)
{
        pid_t pid = (pid_t) op->number[1];
        _cleanup_close_ int fd = pidfd_open(pid, 0);
        uint64_t starttime;
        int r;

        if (fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_RUNNING, errno, "process %d", pid);
        r = ctr_process_starttime(pid, &starttime);
        if (r < 0 || starttime != op->number[2])
                return ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_RUNNING, ESRCH,
                        "process %d is not the container's", pid);
        ctx->slots[op->number[0]] = TAKE_FD(fd);
        return 0;
}

int op_join_namespace(Context *ctx, const ProgramOp *op, CtrError *err)
{
        if (setns(op_slot(ctx, op, 0), (int) op->number[1]) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot join (type %#llx)",
                        (unsigned long long) op->number[1]);
        if (!(op->number[1] & CLONE_NEWNS))
                return 0;
        /* The root directory is the container's now. */
        ctx->has_mount_namespace = true;
        closep(&ctx->rootfs_fd);
        ctx->rootfs_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (ctx->rootfs_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "root of the mount namespace");
        return 0;
}

int op_join_before_clone(Context *ctx, const ProgramOp *op, CtrError *err)
{
        /* Of a pid namespace only children become members: the clone is born there. */
        if (op->number[1] & CLONE_NEWPID)
                ctx->is_pid_namespace_shared = true;
        return op_join_namespace(ctx, op, err);
}

int op_unshare_time(Context *ctx, const ProgramOp *op, CtrError *err)
{
        int r;

        if (unshare(CLONE_NEWTIME) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot unshare");
        r = ctr_write_value(AT_FDCWD, "/proc/self/timens_offsets", op_string(ctx, op, 0));
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "offsets");
        return 0;
}

int op_become_root(Context *ctx, const ProgramOp *op, CtrError *err)
{
        if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno,
                        "cannot become root of the user namespace (is 0 mapped?)");
        /* Groups of the host that are not mapped stay otherwise; a namespace may forbid it. */
        if (setgroups(0, NULL) < 0 && errno != EPERM)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot drop groups");
        return 0;
}
