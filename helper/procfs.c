/* A procfs of our own, detached: see procfs.h. "self" is a link and no links are followed, so the
 * link is read and the process's files are opened by its number. */
#include "helper/procfs.h"

#include "helper/kernel.h"
#include "helper/spawn.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

static bool op_needs_procfs(const ProgramOp *op)
{
        return op->list == PROGRAM_CHILD &&
               (op->opcode == PROGRAM_OP_SYSCTL || op->opcode == PROGRAM_OP_LSM_LABEL ||
                       op->opcode == PROGRAM_OP_OOM_SCORE_ADJ ||
                       op->opcode == PROGRAM_OP_MOUNT_CGROUP);
}

static int make_procfs(void)
{
        _cleanup_close_ int fs_fd = fsopen("proc", FSOPEN_CLOEXEC);
        int fd;

        if (fs_fd < 0 || fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
                return -errno;
        fd = fsmount(
                fs_fd, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
        return fd < 0 ? -errno : fd;
}

static int make_procfs_in_process(void *unused)
{
        return make_procfs();
}

int procfs_make_for_clone(Context *ctx)
{
        return ctx->is_pid_namespace_shared ? spawn_borrow(ctx, make_procfs_in_process, NULL)
                                            : make_procfs();
}

/* Will the clone be in a user namespace, where it may not mount a procfs by itself? */
static bool op_enters_user_namespace(const ProgramOp *op)
{
        switch (op->opcode) {
        case PROGRAM_OP_CLONE:
                return op->number[0] & CLONE_NEWUSER;
        case PROGRAM_OP_JOIN_BEFORE_CLONE:
        case PROGRAM_OP_JOIN_NAMESPACE:
                return op->number[1] & CLONE_NEWUSER;
        default:
                return false;
        }
}

int procfs_prepare(Context *ctx, CtrError *err)
{
        bool is_needed = false, enters_user_namespace = false;

        for (uint32_t i = 0; i < ctx->program.header->n_ops; i++) {
                const ProgramOp *op = &ctx->program.ops[i];

                is_needed = is_needed || op_needs_procfs(op);
                enters_user_namespace = enters_user_namespace || op_enters_user_namespace(op);
        }
        if (ctx->is_pid_namespace_shared)
                closep(&ctx->proc_fd);
        if (!is_needed || ctx->proc_fd >= 0 ||
                (ctx->is_pid_namespace_shared && !enters_user_namespace))
                return 0;
        ctx->proc_fd = procfs_make_for_clone(ctx);
        if (ctx->proc_fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, ctx->proc_fd, "cannot make a private procfs");
        return 0;
}

int procfs_open(Context *ctx, const char *path, int flags)
{
        struct open_how how = {
                /* openat2(2) refuses O_NOCTTY beside O_PATH. */
                .flags =
                        (uint64_t) (unsigned) (flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY)),
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
                           RESOLVE_NO_XDEV,
        };
        int fd;

        if (ctx->proc_fd < 0)
                ctx->proc_fd = make_procfs();
        if (ctx->proc_fd < 0)
                return ctx->proc_fd;
        fd = sys_openat2(ctx->proc_fd, path, &how);
        return fd < 0 ? -errno : fd;
}

int procfs_open_self(Context *ctx, const char *file, int flags)
{
        char self[16], path[128];
        ssize_t n;
        int r;

        /* Makes the mount when there is none yet. */
        r = procfs_open(ctx, ".", O_PATH | O_DIRECTORY);
        if (r < 0)
                return r;
        (void) close(r);
        n = readlinkat(ctx->proc_fd, "self", self, sizeof(self) - 1);
        if (n < 0)
                return -errno;
        self[n] = '\0';
        r = snprintf(path, sizeof(path), "%s/%s", self, file);
        if (r < 0 || (size_t) r >= sizeof(path))
                return -ENAMETOOLONG;
        return procfs_open(ctx, path, flags);
}

int procfs_write_close(int fd, const char *value)
{
        size_t size = strlen(value);
        ssize_t n;
        int r;

        if (fd < 0)
                return fd;
        n = write(fd, value, size);
        r = n < 0 ? -errno : (size_t) n == size ? 0 : -EIO;
        (void) close(fd);
        return r;
}
