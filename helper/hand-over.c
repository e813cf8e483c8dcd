/* The hand-over of the clone to PID 1: MAINPID before its execve, READY=1 after it and before the
 * payload's first instruction, and what ctr-exec traces it for meanwhile. */
#include "helper/hand-over.h"

#include "base/io.h"
#include "helper/launch.h"
#include "helper/notify.h"
#include "helper/ops.h"
#include "helper/sync.h"
#include "plan/state-files.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

bool hand_over_has_poststart(const Context *ctx)
{
        for (uint32_t i = 0; i < ctx->program.header->n_ops; i++) {
                const ProgramOp *op = &ctx->program.ops[i];

                if (op->list == PROGRAM_HOST && op->opcode == PROGRAM_OP_HOOK &&
                        strcmp(op_string(ctx, op, 1), "poststart") == 0)
                        return true;
        }
        return false;
}

/* Stops the clone at its execve, see await_execve(). Where tracing is refused (somebody traces it
 * already, a security module forbids it) nothing but that stop is lost. With poststart hooks the
 * payload runs beside them and stops at its end instead: with the main process PID 1 ends what else
 * is in the unit, hooks too. EXITKILL: a unit that nobody can call ready any more must end. */
static void trace_execve(Context *ctx)
{
        unsigned long options = PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC;
        sigset_t set;

        if (hand_over_has_poststart(ctx) || ctx->has_init)
                options |= PTRACE_O_TRACEEXIT;
        else if (ctx->is_ready_told && !ctx->is_ready_early)
                return;
        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGCHLD);
        (void) sigprocmask(SIG_BLOCK, &set, NULL);
        ctx->trace_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        if (ctx->trace_fd >= 0 &&
                ptrace(PTRACE_SEIZE, ctx->child_pid, NULL, (void *) (uintptr_t) options) < 0)
                closep(&ctx->trace_fd);
}

/* Lets the clone go on to its execve once PID 1 knows it: MAINPID of a process that has ended is
 * refused. PID 1 takes its time, and `start` may open the gate before: that is no answer. Returns 1
 * when it may go on, 0 when the clone has something to say instead, which is what sync_receive()
 * says in *ret: it failed or was stopped. */
static int hand_over(Context *ctx, int *ret, CtrError *err)
{
        struct pollfd fds[] = { { .fd = -EBADF }, { .fd = ctx->sync_fd, .events = POLLIN } };
        int r;

        r = notify_main_process(ctx, err);
        if (r < 0)
                return r;
        fds[0].fd = ctx->main_told_fd;
        for (;;) {
                if (poll(fds, ELEMENTSOF(fds), -1) < 0) {
                        if (errno == EINTR)
                                continue;
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "waiting for PID 1");
                }
                if (fds[0].revents)
                        break;
                *ret = sync_receive(ctx, err);
                if (*ret != SYNC_GATE_OPENED)
                        return 0;
        }
        closep(&ctx->main_told_fd);
        trace_execve(ctx);
        /* A clone that is gone is noticed by who reads next. */
        (void) sync_send(ctx, SYNC_MAIN_PROCESS, NULL);
        return 1;
}

/* What a traced clone is up to: 1 when it stands at its execve or its end, 0 when it goes on,
 * -ESRCH when it is gone. A signal on the way stops a traced process before it is delivered: pass
 * it on. */
static int check_trace(Context *ctx, int options)
{
        struct signalfd_siginfo info;
        int status;
        pid_t pid;

        while (read(ctx->trace_fd, &info, sizeof(info)) > 0)
                ;
        while ((pid = waitpid(ctx->child_pid, &status, options | __WALL)) == ctx->child_pid) {
                if (!WIFSTOPPED(status))
                        return -ESRCH;
                if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXEC << 8)))
                        return 1;
                if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXIT << 8)) && ctx->is_executed)
                        return 1;
                (void) ptrace(PTRACE_CONT, ctx->child_pid, NULL,
                        (void *) (uintptr_t) (status >> 16 ? 0 : WSTOPSIG(status)));
        }
        return pid < 0 ? -ESRCH : 0;
}

/* The unit's main process must not end before PID 1 was told READY=1: a start that ends before it
 * counts as failed, even with status 0. So the clone is stopped at its execve, before the payload's
 * first instruction, and let go by hand_over_release(). Returns 1 when it stands there (or,
 * untraced, has passed it), else 0 and what sync_receive() says is in *ret. */
static int await_execve(Context *ctx, int *ret, CtrError *err)
{
        struct pollfd fds[] = { { .fd = ctx->sync_fd, .events = POLLIN },
                { .fd = ctx->trace_fd, .events = POLLIN } };

        while (ctx->trace_fd >= 0) {
                if (poll(fds, ELEMENTSOF(fds), -1) < 0 && errno != EINTR)
                        break;
                if (fds[0].revents)
                        break;
                if (fds[1].revents && check_trace(ctx, WNOHANG) == 1)
                        return 1;
        }
        *ret = sync_receive(ctx, err);
        /* The socket's end comes with the execve, a moment before its stop. */
        if (*ret == 0 && ctx->trace_fd >= 0)
                return ctx->has_init || check_trace(ctx, 0) == 1;
        return 0;
}

void hand_over_attend(Context *ctx)
{
        if (ctx->trace_fd >= 0)
                (void) check_trace(ctx, WNOHANG);
}

/* A traced process does not end by itself; one that runs has to be stopped to be let go. */
void hand_over_release(Context *ctx)
{
        if (ctx->trace_fd < 0)
                return;
        if (ptrace(PTRACE_DETACH, ctx->child_pid, NULL, NULL) < 0 &&
                ptrace(PTRACE_INTERRUPT, ctx->child_pid, NULL, NULL) >= 0) {
                (void) waitpid(ctx->child_pid, NULL, __WALL);
                (void) ptrace(PTRACE_DETACH, ctx->child_pid, NULL, NULL);
        }
        closep(&ctx->trace_fd);
}

/* The gate is used up: `start` of a running container finds none, and later invocations run
 * without. */
static void retire_gate(Context *ctx)
{
        if (ctx->gate_dir_fd < 0)
                return;
        (void) ctr_write_file_atomic(ctx->gate_dir_fd, STATE_FILE_STARTED, ctx->invocation_id,
                strlen(ctx->invocation_id), 0600);
        (void) unlinkat(ctx->gate_dir_fd, STATE_FILE_GATE, 0);
}

int op_await_exec(Context *ctx, const ProgramOp *op, CtrError *err)
{
        bool is_executing = false;
        int said = 0, handed_over;

        /* A container may stand at its gate for long, and must not keep these for so long. */
        for (size_t i = 0; ctx->has_gate && i < ELEMENTSOF(ctx->left_mounts_fd); i++)
                closep(&ctx->left_mounts_fd[i]);
        said = sync_await_birth(ctx, err);
        if (said < 0)
                return said;
        handed_over = ctx->has_notify ? hand_over(ctx, &said, err) : 1;
        if (handed_over < 0)
                return handed_over;
        for (;; handed_over = 1) {
                int r = said;

                if (handed_over && await_execve(ctx, &r, err) > 0) {
                        is_executing = true;
                        break;
                }
                if (r < 0)
                        return r;
                if (r == 0)
                        break;
                if (r == SYNC_GATE_OPENED)
                        continue;
                if (r == SYNC_STOPPED) {
                        ctx->is_stopped = true;
                        return 0;
                }
                if (r != SYNC_EXECUTING)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG,
                                "message \"%s\" came first", sync_message_name(r));
                is_executing = true;
        }
        if (!is_executing)
                return sync_clone_died(ctx, err);
        ctx->is_executed = true;
        retire_gate(ctx);
        if (ctx->trace_fd >= 0 && hand_over_has_poststart(ctx) && !ctx->has_init)
                (void) ptrace(PTRACE_CONT, ctx->child_pid, NULL, NULL);
        if (ctx->is_ready_deferred)
                return notify_ready(ctx, "running", err);
        /* `run` of an engine's container waits for the hooks, as `start` does by its gate. */
        ctx->is_started_deferred =
                ctx->kind == PROGRAM_SCOPE && !ctx->has_gate && hand_over_has_poststart(ctx);
        if ((!ctx->has_notify || ctx->is_ready_early) && !ctx->is_started_deferred)
                launch_reply_progress(ctx, LAUNCH_STARTED);
        if (ctx->is_ready_early)
                hand_over_release(ctx);
        return 0;
}
