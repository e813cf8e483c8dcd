/* Namespaces that exist already, and those that a process enters by itself: joining by path or by
 * process, and the time namespace. New ones come with the clone. */
#include "helper/namespace.h"

#include "base/io.h"
#include "helper/kernel.h"
#include "helper/ops.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static const struct {
        uint64_t flag;
        const char *path;
} own_namespaces[NAMESPACE_KIND_MAX] = {
        { CLONE_NEWNS, "/proc/self/ns/mnt" },
        { CLONE_NEWPID, "/proc/self/ns/pid" },
        { CLONE_NEWNET, "/proc/self/ns/net" },
        { CLONE_NEWIPC, "/proc/self/ns/ipc" },
        { CLONE_NEWUTS, "/proc/self/ns/uts" },
        { CLONE_NEWCGROUP, "/proc/self/ns/cgroup" },
        { CLONE_NEWTIME, "/proc/self/ns/time" },
};

int namespace_keep_own(Context *ctx, uint64_t flags, CtrError *err)
{
        for (size_t i = 0; i < ELEMENTSOF(own_namespaces); i++) {
                if (!(flags & own_namespaces[i].flag) || ctx->own_namespace_fd[i] >= 0)
                        continue;
                ctx->own_namespace_fd[i] = open(own_namespaces[i].path, O_RDONLY | O_CLOEXEC);
                if (ctx->own_namespace_fd[i] < 0)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "%s", own_namespaces[i].path);
        }
        return 0;
}

int namespace_return(Context *ctx, CtrError *err)
{
        for (size_t i = 0; i < ELEMENTSOF(own_namespaces); i++) {
                _cleanup_close_ int fd = TAKE_FD(ctx->own_namespace_fd[i]);

                if (fd >= 0 && setns(fd, (int) own_namespaces[i].flag) < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot return to %s",
                                own_namespaces[i].path);
        }
        return 0;
}

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

static int is_same_file(int fd, const char *path)
{
        _cleanup_close_ int other_fd = open(path, O_PATH | O_CLOEXEC);
        struct stat st, other;

        if (other_fd < 0 || fstat(fd, &st) < 0 || fstat(other_fd, &other) < 0)
                return -errno;
        return st.st_dev == other.st_dev && st.st_ino == other.st_ino;
}

/* Is it a namespace of the host, or of whoever called us? 1, 0, or -errno. */
static int is_host_namespace(int fd, uint64_t flag)
{
        for (size_t i = 0; i < ELEMENTSOF(own_namespaces); i++) {
                char first[48];
                int r;

                if (own_namespaces[i].flag != flag)
                        continue;
                (void) snprintf(first, sizeof(first), "/proc/1%s",
                        own_namespaces[i].path + sizeof("/proc/self") - 1);
                r = is_same_file(fd, own_namespaces[i].path);
                /* PID 1's may be hidden from us, and is in most cases the same. */
                return r == 0 ? is_same_file(fd, first) > 0 : r;
        }
        return 0;
}

/* What is in the host's mount namespace is nobody's to give away, and a container of it would have
 * no root of its own; and what config.json sets in a namespace is set for all that are in it. */
static int check_foreign(
        int fd, uint64_t flag, const char *path, const char *changed_by, CtrError *err)
{
        int r = flag == CLONE_NEWNS || changed_by[0] ? is_host_namespace(fd, flag) : 0;

        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", path);
        if (r > 0 && flag == CLONE_NEWNS)
                return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                        "%s is the host's own mount namespace, not that of a container", path);
        if (r > 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "%s: %s is the host's own namespace, and this would change the host: leave "
                        "one of the two out",
                        changed_by, path);
        return 0;
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
        if (check_foreign(fd, op->number[1], path,
                    op->string[1].size > 0 ? op_string(ctx, op, 1) : "", err) < 0)
                return -EPERM;
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
        if (setns(op_slot(ctx, op, 0), (int) op->number[1]) < 0 || context_hide() < 0)
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
        int r;

        /* ctr-exec could never come back out of it: another process enters it and clones. */
        if (op->number[1] == CLONE_NEWUSER) {
                ctx->user_namespace_fd = op_slot(ctx, op, 0);
                return 0;
        }
        r = namespace_keep_own(ctx, op->number[1], err);
        if (r < 0)
                return r;
        /* Of a pid namespace only children become members: the clone is born there. */
        if (op->number[1] & CLONE_NEWPID)
                ctx->is_pid_namespace_shared = true;
        return op_join_namespace(ctx, op, err);
}

int op_unshare_time(Context *ctx, const ProgramOp *op, CtrError *err)
{
        int r;

        r = namespace_keep_own(ctx, CLONE_NEWTIME, err);
        if (r < 0)
                return r;
        if (unshare(CLONE_NEWTIME) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot unshare");
        /* None is fine, but the kernel takes no empty write. */
        r = *op_string(ctx, op, 0) == '\0'
                    ? 0
                    : ctr_write_value(AT_FDCWD, "/proc/self/timens_offsets", op_string(ctx, op, 0));
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "offsets");
        return 0;
}
