/* A procfs of our own, detached: see procfs.h. "self" is a link and no links are followed, so the
 * link is read and the process's files are opened by its number. */
#include "helper/procfs.h"

#include "helper/kernel.h"

#include <fcntl.h>
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

int procfs_prepare(Context *ctx, CtrError *err)
{
        bool is_needed = false;

        if (ctx->is_pid_namespace_shared) {
                closep(&ctx->proc_fd);
                return 0;
        }
        for (uint32_t i = 0; i < ctx->program.header->n_ops; i++)
                is_needed = is_needed || op_needs_procfs(&ctx->program.ops[i]);
        if (!is_needed || ctx->proc_fd >= 0)
                return 0;
        ctx->proc_fd = make_procfs();
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
