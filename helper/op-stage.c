/* What criu finds when it restores a container: its sources as mounts below one directory, which
 * nobody but the clone and criu sees, and the payload's standard descriptors. Sources come from the
 * configuration alone; an image only says which of them it wants, by name. */
#include "helper/ops.h"

#include "helper/launch.h"
#include "helper/mount.h"
#include "helper/resolve.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define N_STDIO 3

static int make_covers(int fd)
{
        _cleanup_close_ int file_fd = -EBADF;

        if (mkdirat(fd, "empty", 0555) < 0)
                return -errno;
        file_fd = openat(fd, "file", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
        return file_fd < 0 ? -errno : 0;
}

int op_stage(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        _cleanup_close_ int fd = -EBADF, target_fd = -EBADF;
        int r;

        if (!ctx->has_mount_namespace || !ctx->is_tree_private)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, EPERM, "needs a mount namespace of its own");
        target_fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (target_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "%s", path);
        fd = mount_new(ctx, "tmpfs", "tmpfs", (ProgramData){ 0 }, MOUNT_ATTR_NOSUID, err);
        if (fd < 0)
                return fd;
        r = make_covers(fd);
        if (r >= 0)
                r = mount_attach(fd, target_fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", path);
        ctx->rootfs_fd = TAKE_FD(fd);
        return 0;
}

/* A root file system that the container never ran in (a checkpoint that was exported) lacks what
 * its first start made. criu makes nothing, and says so of what is missing then. */
int op_stage_target(Context *ctx, const ProgramOp *op, CtrError *err)
{
        _cleanup_close_ int root_fd =
                resolve_open(ctx->rootfs_fd, "/root", O_PATH | O_DIRECTORY, 0);
        _cleanup_close_ int fd = -EBADF;
        struct stat st = { .st_mode = S_IFDIR };

        if (root_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, root_fd, "/root");
        if (op->number[0] != PROGRAM_NO_SLOT && fstat(op_slot(ctx, op, 0), &st) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "%s", op_string(ctx, op, 0));
        fd = resolve_make(root_fd, op_string(ctx, op, 0),
                S_ISDIR(st.st_mode) ? RESOLVE_DIRECTORY : RESOLVE_FILE, 0755);
        return fd >= 0 || fd == -EROFS ? 0
                                       : ctr_error_set(err, CTR_ERROR_SYSTEM, fd, "cannot make %s",
                                                 op_string(ctx, op, 0));
}

/* What criu writes to the null device is in its log too. */
static int keep_stdio(Context *ctx, CtrError *err)
{
        for (int i = 0; i < N_STDIO; i++) {
                int from = ctx->stdio_fd[i] >= 0 ? ctx->stdio_fd[i] : i;

                ctx->kept_fds[i] = fcntl(from, F_DUPFD_CLOEXEC, N_STDIO);
                if (ctx->kept_fds[i] < 0)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "the caller's descriptors");
                ctx->n_kept_fds = (uint32_t) i + 1;
        }
        for (int i = 0; i < N_STDIO; i++) {
                ctx->stdio_fd[i] = launch_open_null(err);
                if (ctx->stdio_fd[i] < 0)
                        return ctx->stdio_fd[i];
        }
        return 0;
}

int op_inherit(Context *ctx, const ProgramOp *op, CtrError *err)
{
        int r;

        /* Others that the caller gave have no number in an image. */
        ctx->n_kept_fds = ctx->n_listen_fds = 0;
        ctx->kept_fds = arena_alloc(&ctx->arena, (N_STDIO + 1) * sizeof(int));
        if (!ctx->kept_fds)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "the caller's descriptors");
        r = keep_stdio(ctx, err);
        if (r < 0)
                return r;
        if (op->number[0] != PROGRAM_NO_SLOT)
                ctx->kept_fds[ctx->n_kept_fds++] = op_slot(ctx, op, 0);
        return 0;
}
