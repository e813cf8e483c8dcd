/* Mounts that the payload cannot undo, whatever it may do in its user namespace: flags that cannot
 * be cleared, mounts that cannot be taken away or moved from what they cover.
 *
 * The kernel locks mounts where a mount namespace is copied for another user namespace
 * (mount_namespaces(7), "Restrictions on mount namespaces"); those that a user namespace's own
 * processes made are theirs to change. The child must make them itself, because what it mounts has
 * to belong to its user namespace. So ctr-exec takes a copy of the finished mount namespace for the
 * host, and of that one for the child's user namespace, and the child moves there. Of the payload's
 * own mounts nothing is locked, as it makes them later.
 *
 * The kernel waits when a mount namespace goes away: ctr-exec keeps both that are left behind, so
 * that nobody waits until it ends or the container stands at its gate. */
#include "helper/ops.h"

#include "base/fd-message.h"
#include "helper/resolve.h"
#include "helper/spawn.h"
#include "helper/sync.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* ---- HOST ---- */

typedef struct LockedCopy {
        int child_pidfd;
        int proc_fd;  /* the host's /proc */
        int *left_fd; /* the child's mount namespace, the copy of it */
        int fd;       /* the locked copy, for the child's user namespace */
} LockedCopy;

static int open_own(const LockedCopy *copy)
{
        int fd = openat(copy->proc_fd, "self/ns/mnt", O_RDONLY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

/* In a process of its own, which ends afterwards. No path is looked up in what the child mounted.
 */
static int copy_locked(void *argument)
{
        LockedCopy *copy = argument;

        if (setns(copy->child_pidfd, CLONE_NEWNS) < 0)
                return -errno;
        copy->left_fd[0] = open_own(copy);
        if (copy->left_fd[0] < 0)
                return copy->left_fd[0];
        if (unshare(CLONE_NEWNS) < 0)
                return -errno;
        copy->left_fd[1] = open_own(copy);
        if (copy->left_fd[1] < 0)
                return copy->left_fd[1];
        if (setns(copy->child_pidfd, CLONE_NEWUSER) < 0 || unshare(CLONE_NEWNS) < 0)
                return -errno;
        copy->fd = open_own(copy);
        return copy->fd;
}

static int attend_lock(Context *ctx, CtrError *err)
{
        static const uint8_t copied = SYNC_MOUNTS_COPIED;
        _cleanup_close_ int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_close_ int fd = -EBADF;
        LockedCopy copy = { .child_pidfd = ctx->child_pidfd,
                .proc_fd = proc_fd,
                .left_fd = ctx->left_mounts_fd,
                .fd = -EBADF };
        ssize_t n;
        int r;

        if (proc_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "/proc");
        r = sync_await(ctx, SYNC_MOUNTS_READY, err);
        if (r < 0)
                return r;
        r = spawn_borrow(ctx, copy_locked, &copy);
        fd = copy.fd;
        /* It had this process's memory, and other credentials for a moment. */
        (void) context_hide();
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot copy the mount namespace");
        n = ctr_message_send(ctx->sync_fd, &copied, sizeof(copied), &fd, 1);
        if (n < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, (int) n, "cannot send the copy");
        return 0;
}

/* ---- CHILD ---- */

static int receive_copy(Context *ctx, CtrError *err)
{
        uint8_t byte = 0;
        size_t n_fds = 0;
        int fd = -EBADF;
        ssize_t n = ctr_message_receive(ctx->sync_fd, &byte, sizeof(byte), 0, &fd, 1, &n_fds);

        if (n == 1 && byte == SYNC_MOUNTS_COPIED && n_fds == 1)
                return fd;
        if (n_fds > 0)
                closep(&fd);
        return ctr_error_set(err, CTR_ERROR_SYSTEM, n < 0 ? (int) n : EPIPE, "no copy came");
}

/* The terminal was opened in the mounts that are left behind, where its name means nothing to
 * ttyname(3): the same device, in the devpts that is here. */
static int reopen_terminal(Context *ctx)
{
        _cleanup_close_ int dir_fd = -EBADF, fd = -EBADF;
        struct stat before, after;
        char name[16];

        if (ctx->stdio_fd[0] < 0)
                return 0;
        if (fstat(ctx->stdio_fd[0], &before) < 0)
                return -errno;
        dir_fd = resolve_open(ctx->rootfs_fd, "/dev/pts", O_PATH | O_DIRECTORY, 0);
        if (dir_fd < 0)
                return dir_fd;
        (void) snprintf(name, sizeof(name), "%u", minor(before.st_rdev));
        fd = openat(dir_fd, name, O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &after) < 0)
                return -errno;
        if (before.st_dev != after.st_dev || before.st_ino != after.st_ino)
                return -ESTALE;
        (void) close(ctx->stdio_fd[0]);
        for (size_t i = 0; i < ELEMENTSOF(ctx->stdio_fd); i++)
                ctx->stdio_fd[i] = fd;
        TAKE_FD(fd);
        return 0;
}

static bool has_console(const Context *ctx)
{
        for (uint32_t i = 0; i < ctx->program.header->n_ops; i++)
                if (ctx->program.ops[i].opcode == PROGRAM_OP_CONSOLE)
                        return true;
        return false;
}

static int enter_copy(Context *ctx, int fd)
{
        if (setns(fd, CLONE_NEWNS) < 0)
                return -errno;
        /* Those of the mounts left behind. */
        closep(&ctx->rootfs_fd);
        closep(&ctx->mask_file_fd);
        closep(&ctx->mask_dir_fd);
        ctx->has_cwd = false;
        ctx->rootfs_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (ctx->rootfs_fd < 0)
                return -errno;
        return has_console(ctx) ? reopen_terminal(ctx) : 0;
}

int op_lock_mounts(Context *ctx, const ProgramOp *op, CtrError *err)
{
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (ctx->list == PROGRAM_HOST)
                return attend_lock(ctx, err);
        r = sync_send(ctx, SYNC_MOUNTS_READY, err);
        if (r < 0)
                return r;
        fd = receive_copy(ctx, err);
        if (fd < 0)
                return fd;
        r = enter_copy(ctx, fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot enter the locked mounts");
        return 0;
}
