/* The birth of a process among those of a container, once there is nothing to gain from it.
 *
 * Whoever has CAP_SYS_PTRACE may look into each process that it sees (ptrace(2), "Ptrace access
 * mode checking"), and in a container without a user namespace of its own that is one that enters,
 * too, while it still has the host's capabilities. So the clone stays outside of the container's
 * pid namespace, gives up what the identity leaves out, closes what is ours, and makes the process
 * that was asked for: a sibling, with the identity and nothing else, to whom execve is left. The
 * clone ends, and ctr-exec takes the sibling for its clone. */
#include "helper/ops.h"

#include "helper/kernel.h"
#include "helper/spawn.h"
#include "helper/sync.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

#define WITHOUT_CLOSE_RANGE_MAX 4096

/* ---- the clone ---- */

static bool is_kept(const Context *ctx, int fd)
{
        bool is = fd == ctx->sync_fd;

        for (int i = 0; i <= STDERR_FILENO; i++)
                is = is || fd == i || fd == ctx->stdio_fd[i];
        for (uint32_t i = 0; i < ctx->n_kept_fds; i++)
                is = is || fd == ctx->kept_fds[i];
        return is;
}

static int highest_kept(const Context *ctx)
{
        int highest = MAX_OF(ctx->sync_fd, STDERR_FILENO);

        for (int i = 0; i <= STDERR_FILENO; i++)
                highest = MAX_OF(highest, ctx->stdio_fd[i]);
        for (uint32_t i = 0; i < ctx->n_kept_fds; i++)
                highest = MAX_OF(highest, ctx->kept_fds[i]);
        return highest;
}

/* What is left is the payload's, and the socket. A filter may not know close_range(2). */
static void close_ours(const Context *ctx)
{
        int highest = highest_kept(ctx);

        for (int fd = STDERR_FILENO + 1; fd <= highest; fd++)
                if (!is_kept(ctx, fd))
                        (void) close(fd);
        if (close_range((unsigned) highest + 1, ~0U, 0) < 0)
                for (int fd = highest + 1; fd < WITHOUT_CLOSE_RANGE_MAX; fd++)
                        (void) close(fd);
}

/* A leader of its own session, with the terminal that the clone prepared. */
static int take_session(Context *ctx, CtrError *err)
{
        int r;

        ctx->birth = NULL;
        r = op_new_session(ctx, NULL, err);
        if (r >= 0 && ctx->has_console && ioctl(ctx->stdio_fd[0], TIOCSCTTY, 0) < 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot take the terminal");
        return r;
}

int op_birth(Context *ctx, const ProgramOp *op, CtrError *err)
{
        SyncBirth birth = { .magic = SYNC_BIRTH_MAGIC };

        close_ours(ctx);
        ctx->rootfs_fd = ctx->proc_fd = ctx->gate_fd = ctx->gate_peer_fd = -EBADF;
        birth.pid = spawn_sibling();
        if (birth.pid < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make the process%s",
                        errno == EPERM || errno == ENOSYS
                                ? " (does the container's filter allow clone(2)?)"
                                : "");
        if (birth.pid > 0) {
                /* Without an answer the sibling ends. */
                _exit(write(ctx->sync_fd, &birth, sizeof(birth)) < 0 ? LAUNCH_EXIT_PROTOCOL
                                                                     : EXIT_SUCCESS);
        }
        if (sync_await(ctx, SYNC_ADOPTED, err) < 0)
                _exit(LAUNCH_EXIT_PROTOCOL);
        return take_session(ctx, err);
}

/* ---- ctr-exec ---- */

/* Whoever is in there already might have spoken in the clone's place, and named a process of
 * somebody else: it is at most one of those that it may kill itself. */
static int check_namespace(const Context *ctx, int proc_fd)
{
        _cleanup_close_ int init_pidfd = -EBADF, init_proc_fd = -EBADF;
        struct stat born, init;
        pid_t pid;
        int r;

        r = spawn_find_pid(op_slot(ctx, ctx->birth, 0), &pid);
        if (r >= 0)
                r = spawn_open_process(pid, &init_pidfd, &init_proc_fd);
        if (r < 0)
                return r;
        if (fstatat(init_proc_fd, "ns/pid", &init, 0) < 0 ||
                fstatat(proc_fd, "ns/pid", &born, 0) < 0)
                return -errno;
        return init.st_dev == born.st_dev && init.st_ino == born.st_ino ? 0 : -EXDEV;
}

int birth_adopt(Context *ctx, pid_t pid, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF, proc_fd = -EBADF;
        int r = spawn_open_process(pid, &pidfd, &proc_fd);

        if (r >= 0)
                r = check_namespace(ctx, proc_fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "process %d", (int) pid);
        closep(&ctx->child_pidfd);
        closep(&ctx->child_proc_fd);
        ctx->between_pid = ctx->child_pid;
        ctx->child_pid = pid;
        ctx->child_pidfd = TAKE_FD(pidfd);
        ctx->child_proc_fd = TAKE_FD(proc_fd);
        ctx->is_born = true;
        return sync_send(ctx, SYNC_ADOPTED, err);
}

/* A clone that was killed between the birth and its word leaves the socket open with a sibling that
 * waits. */
int birth_await_word(const Context *ctx, CtrError *err)
{
        struct pollfd fds[] = { { .fd = ctx->sync_fd, .events = POLLIN },
                { .fd = ctx->child_pidfd, .events = POLLIN } };

        while (poll(fds, ELEMENTSOF(fds), -1) < 0)
                if (errno != EINTR)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "waiting for the clone");
        if (fds[0].revents)
                return 0;
        /* It may have spoken in between. */
        if (poll(fds, 1, 0) > 0)
                return 0;
        return sync_clone_died(ctx, err);
}
