/* Hooks: programs of the host (or, startContainer, of the container) that get the container's state
 * as JSON on standard input. They see their own environment and nothing else, and no descriptor of
 * ours. See config.md#posix-platform-hooks. */
#include "helper/ops.h"

#include "helper/hand-over.h"
#include "helper/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum {
        HOOK_FILTERED = 1,
        HOOK_IN_ROOTFS = 2,
};

int op_hook_state(Context *ctx, const ProgramOp *op, CtrError *err)
{
        ctx->hook_state = op;
        return 0;
}

/* Opened once, before the clone, with the host's paths; a link, pipe or device is not a file to
 * append to. */
int op_hook_output(Context *ctx, const ProgramOp *op, CtrError *err)
{
        for (unsigned i = 0; i < ELEMENTSOF(ctx->hook_output_fd); i++) {
                const char *path = op_string(ctx, op, i);
                struct stat st;
                int fd;

                if (!path)
                        continue;
                fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                        0600);
                if (fd < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", path);
                ctx->hook_output_fd[i] = fd;
                if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, 0, "%s is not a regular file", path);
        }
        return 0;
}

int hook_set_streams(const Context *ctx, int stdin_fd)
{
        for (int i = 0; i < (int) ELEMENTSOF(ctx->hook_output_fd); i++)
                if (ctx->hook_output_fd[i] >= 0 &&
                        dup2(ctx->hook_output_fd[i], STDOUT_FILENO + i) < 0)
                        return -1;
        return dup2(stdin_fd, STDIN_FILENO);
}

/* The state JSON in the arena. The pid is the one that the process running the hook knows. */
static int build_state(Context *ctx, const char *status, const char **ret, size_t *ret_size)
{
        const char *head, *tail;
        pid_t pid = ctx->list == PROGRAM_CHILD ? getpid() : ctx->child_pid;
        size_t size;
        char *text;
        int n;

        if (!ctx->hook_state)
                return -EBADMSG;
        head = op_string(ctx, ctx->hook_state, 0);
        tail = op_string(ctx, ctx->hook_state, 1);
        size = strlen(head) + strlen(tail) + strlen(status) + 64;
        text = arena_alloc(&ctx->arena, size);
        if (!text)
                return -ENOMEM;
        n = snprintf(
                text, size, "%s,\"status\":\"%s\",\"pid\":%d%s", head, status, (int) pid, tail);
        if (n < 0 || (size_t) n >= size)
                return -EOVERFLOW;
        *ret = text;
        *ret_size = (size_t) n;
        return 0;
}

static uint64_t now_usec(void)
{
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

static int remaining_msec(uint64_t deadline)
{
        uint64_t now = now_usec();

        if (deadline == 0)
                return -1;
        return now >= deadline ? 0
                               : (int) MIN_OF((deadline - now) / 1000 + 1, (uint64_t) INT32_MAX);
}

/* Feeds the state to the hook while waiting for its end: a hook may read all, some or nothing of
 * it. The traced payload runs on beside it. Returns 0 when it has ended, -ETIMEDOUT. Closes input.
 */
static int feed_and_wait(
        Context *ctx, int pidfd, int input, const char *state, size_t size, uint64_t deadline)
{
        _cleanup_close_ int input_fd = input;
        struct pollfd fds[] = {
                { .fd = pidfd, .events = POLLIN },
                { .fd = input_fd, .events = POLLOUT },
                { .fd = ctx->list == PROGRAM_HOST ? ctx->trace_fd : -EBADF, .events = POLLIN },
        };

        for (;;) {
                ssize_t n;
                int r = poll(fds, ELEMENTSOF(fds), remaining_msec(deadline));

                if (r < 0 && errno != EINTR)
                        return -errno;
                if (r == 0)
                        return -ETIMEDOUT;
                if (r < 0)
                        continue;
                if (fds[0].revents)
                        return 0;
                if (fds[2].revents)
                        hand_over_attend(ctx);
                if (!fds[1].revents)
                        continue;
                n = write(input_fd, state, size);
                if (n > 0) {
                        state += n;
                        size -= (size_t) n;
                }
                if (size == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
                        closep(&input_fd);
                        fds[1].fd = -EBADF;
                }
        }
}

static int check_exit(const char *name, pid_t pid, int hook_errno, CtrError *err)
{
        siginfo_t info = { 0 };
        int r;

        do
                r = waitid(P_PID, (id_t) pid, &info, WEXITED);
        while (r < 0 && errno == EINTR);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "%s", name);
        if (hook_errno != 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, hook_errno, "%s: cannot be executed", name);
        if (info.si_code == CLD_EXITED && info.si_status == 0)
                return 0;
        return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "%s: %s %d", name,
                info.si_code == CLD_EXITED ? "exited with status" : "was killed by signal",
                info.si_status);
}

/* A pipe whose reading end is the hook's standard input. */
static int open_input(int pipe_fds[static 2])
{
        if (pipe2(pipe_fds, O_CLOEXEC) < 0)
                return -errno;
        return fcntl(pipe_fds[1], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* Where runc and crun start them: hooks have relative paths. One whose directory is gone starts
 * where ctr-exec is. */
void hook_set_directory(const Context *ctx, const ProgramOp *op)
{
        const char *path = op_string(ctx, op, 3);
        bool is_in_rootfs = op->number[1] & HOOK_IN_ROOTFS;
        _cleanup_close_ int fd =
                path && !is_in_rootfs ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -EBADF;

        if ((is_in_rootfs || fd >= 0) && fchdir(is_in_rootfs ? ctx->rootfs_fd : fd) < 0)
                errno = 0;
}

/* The one that the process itself will have. */
static const ProgramOp *find_filter(const Context *ctx)
{
        const ProgramOp *found = NULL;

        for (uint32_t i = 0; i < ctx->program.header->n_ops; i++)
                if (ctx->program.ops[i].opcode == PROGRAM_OP_SECCOMP)
                        found = &ctx->program.ops[i];
        return found;
}

static int run_hook(Context *ctx, const ProgramOp *op, const char *name, CtrError *err)
{
        const char *state;
        uint64_t deadline = op->number[0] > 0 ? now_usec() + op->number[0] : 0;
        char **argv = context_list_to_strv(ctx, op->data[0]);
        char **env = context_list_to_strv(ctx, op->data[1]);
        const ProgramOp *filter = op->number[1] & HOOK_FILTERED ? find_filter(ctx) : NULL;
        _cleanup_close_ int pidfd = -EBADF;
        int input[2], r;
        size_t size;
        pid_t pid;

        r = argv && env ? build_state(ctx, op_string(ctx, op, 2), &state, &size) : -ENOMEM;
        if (r >= 0 && op->number[1] & HOOK_FILTERED && !filter)
                r = -EBADMSG;
        if (r >= 0)
                r = open_input(input);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", name);
        pid = spawn_hook(ctx, op, argv, env, input[0], filter, &pidfd);
        (void) close(input[0]);
        if (pid < 0) {
                (void) close(input[1]);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, pid, "%s: cannot clone", name);
        }
        r = feed_and_wait(ctx, pidfd, input[1], state, size, deadline);
        if (r >= 0)
                return check_exit(name, pid, ctx->progress->hook_errno, err);
        (void) kill(-pid, SIGKILL);
        (void) kill(pid, SIGKILL);
        (void) waitid(P_PID, (id_t) pid, NULL, WEXITED);
        return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "%s: killed after its timeout of %llu ms",
                name, (unsigned long long) op->number[0] / 1000);
}

int op_hook(Context *ctx, const ProgramOp *op, CtrError *err)
{
        size_t used = ctx->arena.used;
        char name[512];
        int r;

        (void) snprintf(
                name, sizeof(name), "%.40s %.400s", op_string(ctx, op, 1), op_string(ctx, op, 0));
        r = run_hook(ctx, op, name, err);
        ctx->arena.used = used;
        return r;
}
