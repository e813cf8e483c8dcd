/* Processes and what passes between them: the clone, its id maps, the messages over the socket
 * pair, the gate, hooks.
 *
 * The socket pair is SOCK_SEQPACKET and close-on-exec: a byte is a SyncMessage, a LaunchReply is
 * the record of a failure, and end of file means that the other side is gone, or, after
 * SYNC_EXECUTING, that the payload runs. So neither side can wait for ever for one that died.
 *
 * The clone is a sibling of ctr-exec (CLONE_PARENT): whoever started ctr-exec is its parent and
 * reaps it, PID 1 in service mode. ctr-exec cannot wait for it and has a pidfd instead. */
#include "helper/spawn.h"

#include "base/io.h"
#include "helper/cgroup.h"
#include "helper/interpret.h"
#include "helper/kernel.h"
#include "helper/launch.h"
#include "helper/namespace.h"
#include "helper/notify.h"
#include "helper/ops.h"
#include "helper/procfs.h"
#include "plan/state-files.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#define FAREWELL_MSEC 5000 /* a failed clone waits for ctr-exec, ctr-exec for a killed clone */

static const char *const message_names[_SYNC_MAX] = {
        [SYNC_MAPS_WRITTEN] = "maps-written",
        [SYNC_NAMESPACES_READY] = "namespaces-ready",
        [SYNC_ROOTFS_READY] = "rootfs-ready",
        [SYNC_HOOKS_DONE] = "hooks-done",
        [SYNC_SETUP_DONE] = "setup-done",
        [SYNC_LIMITS_RESTORED] = "limits-restored",
        [SYNC_AT_GATE] = "at-gate",
        [SYNC_PLACED] = "placed",
        [SYNC_GATE_OPENED] = "gate-opened",
        [SYNC_EXECUTING] = "executing",
        [SYNC_STOPPED] = "stopped",
        [SYNC_LISTENER] = "listener",
        [SYNC_LISTENER_SENT] = "listener-sent",
        [SYNC_MAIN_PROCESS] = "main-process",
};

/* ---- messages ---- */

int spawn_send(Context *ctx, SyncMessage message, CtrError *err)
{
        uint8_t byte = (uint8_t) message;

        /* read(2) and write(2), because the container's filter is loaded by now and may forbid the
         * calls that only sockets have. SIGPIPE is ignored. */
        if (write(ctx->sync_fd, &byte, 1) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot send \"%s\"", message_names[message]);
        return 0;
}

static int clone_died(const Context *ctx, CtrError *err)
{
        const ProgramOpInfo *info = program_op_info((ProgramOpcode) ctx->progress->opcode);

        return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                "the set-up process ended unexpectedly during \"%s\" (was it killed?)",
                info ? info->name : "clone");
}

/* As read(2) of the socket; the descriptor that came along is the gate's connection. */
static ssize_t read_with_peer(Context *ctx, void *buf, size_t size)
{
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = { 0 };
        struct iovec iov = { .iov_base = buf, .iov_len = size };
        struct msghdr message = { .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control) };
        ssize_t n = recvmsg(ctx->sync_fd, &message, MSG_CMSG_CLOEXEC);

        if (n > 0 && message.msg_controllen > 0 && control.header.cmsg_type == SCM_RIGHTS) {
                closep(&ctx->gate_peer_fd);
                memcpy(&ctx->gate_peer_fd, CMSG_DATA(&control.header), sizeof(int));
        }
        return n;
}

/* Gives ctr-exec the connection of `start`, so that its end waits for the poststart hooks. Where
 * the container's filter does not allow it, `start` does not wait for them. */
static void send_peer(Context *ctx, int fd)
{
        uint8_t byte = SYNC_GATE_OPENED;
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = { 0 };
        struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
        struct msghdr message = { .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control) };

        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
        (void) sendmsg(ctx->sync_fd, &message, MSG_NOSIGNAL);
}

/* The next message of the other side. A record is kept in ctx->child_failure. Returns the message,
 * 0 for end of file, or -errno. */
static int receive(Context *ctx, CtrError *err)
{
        union {
                uint8_t byte;
                LaunchReply record;
        } buf;
        ssize_t n;

        /* Only ctr-exec is sent descriptors; the clone's filter may not know recvmsg(2). */
        do
                n = ctx->list == PROGRAM_HOST ? read_with_peer(ctx, &buf, sizeof(buf))
                                              : read(ctx->sync_fd, &buf, sizeof(buf));
        while (n < 0 && errno == EINTR);
        if (n < 0 && errno != ECONNRESET)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot receive a message");
        if (n <= 0)
                return 0;
        if (n == 1 && buf.byte > 0 && buf.byte < _SYNC_MAX)
                return buf.byte;
        if (n != sizeof(buf.record) || buf.record.kind != LAUNCH_FAILED)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "message of %zd bytes", n);
        buf.record.message[sizeof(buf.record.message) - 1] = '\0';
        ctx->child_failure = buf.record;
        ctx->has_child_failure = true;
        return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "%s", buf.record.message);
}

int op_send(Context *ctx, const ProgramOp *op, CtrError *err)
{
        if (op->number[0] == 0 || op->number[0] >= SYNC_EXECUTING)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "unknown message");
        return spawn_send(ctx, (SyncMessage) op->number[0], err);
}

int spawn_await(Context *ctx, SyncMessage message, CtrError *err)
{
        int r = receive(ctx, err);

        if (r < 0)
                return r;
        if (r == 0)
                return ctx->list == PROGRAM_HOST
                               ? clone_died(ctx, err)
                               : ctr_error_set(err, CTR_ERROR_SYSTEM, EPIPE, "ctr-exec is gone");
        if (r != (int) message)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "message \"%s\" came first",
                        message_names[r]);
        return 0;
}

int spawn_await_or_stop(Context *ctx, SyncMessage message, CtrError *err)
{
        int r;

        do
                r = receive(ctx, err);
        while (r == SYNC_GATE_OPENED);
        if (r < 0)
                return r;
        if (r == SYNC_STOPPED) {
                ctx->is_stopped = true;
                return 0;
        }
        if (r == 0)
                return clone_died(ctx, err);
        if (r != (int) message)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "message \"%s\" came first",
                        message_names[r]);
        return 0;
}

int op_await(Context *ctx, const ProgramOp *op, CtrError *err)
{
        int r = op->number[0] < _SYNC_MAX
                        ? spawn_await(ctx, (SyncMessage) op->number[0], err)
                        : ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "unknown message");

        if (r >= 0 && op->number[0] == SYNC_AT_GATE && !ctx->has_notify)
                launch_reply_progress(ctx, LAUNCH_CREATED);
        return r;
}

/* ---- the hand-over to PID 1 ---- */

static bool has_poststart(const Context *ctx)
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

        if (has_poststart(ctx) || ctx->has_init)
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
 * refused. */
static int hand_over(Context *ctx, CtrError *err)
{
        struct pollfd fds[] = { { .fd = -EBADF }, { .fd = ctx->sync_fd, .events = POLLIN } };
        int r;

        r = notify_main_process(ctx, err);
        if (r < 0)
                return r;
        fds[0].fd = ctx->main_told_fd;
        while (poll(fds, ELEMENTSOF(fds), -1) < 0)
                if (errno != EINTR)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "waiting for PID 1");
        if (!fds[0].revents)
                return 0; /* the clone has something to say instead: it failed or was stopped */
        closep(&ctx->main_told_fd);
        trace_execve(ctx);
        /* A clone that is gone is noticed by who reads next. */
        (void) spawn_send(ctx, SYNC_MAIN_PROCESS, NULL);
        return 0;
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
 * first instruction, and let go by spawn_release_clone(). Returns 1 when it stands there (or,
 * untraced, has passed it), else 0 and what receive() says is in *ret. */
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
        *ret = receive(ctx, err);
        /* The socket's end comes with the execve, a moment before its stop. */
        if (*ret == 0 && ctx->trace_fd >= 0)
                return ctx->has_init || check_trace(ctx, 0) == 1;
        return 0;
}

void spawn_attend_clone(Context *ctx)
{
        if (ctx->trace_fd >= 0)
                (void) check_trace(ctx, WNOHANG);
}

/* A traced process does not end by itself; one that runs has to be stopped to be let go. */
static void stop_tracing(Context *ctx)
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

void spawn_release_clone(Context *ctx)
{
        stop_tracing(ctx);
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
        int handed_over = ctx->has_notify ? hand_over(ctx, err) : 0;

        if (handed_over < 0)
                return handed_over;
        for (;;) {
                int r = 0;

                if (await_execve(ctx, &r, err) > 0) {
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
                                "message \"%s\" came first", message_names[r]);
                is_executing = true;
        }
        if (!is_executing)
                return clone_died(ctx, err);
        ctx->is_executed = true;
        retire_gate(ctx);
        if (ctx->trace_fd >= 0 && has_poststart(ctx) && !ctx->has_init)
                (void) ptrace(PTRACE_CONT, ctx->child_pid, NULL, NULL);
        if (ctx->is_ready_deferred)
                return notify_ready(ctx, "running", err);
        if (!ctx->has_notify || ctx->is_ready_early)
                launch_reply_progress(ctx, LAUNCH_STARTED);
        if (ctx->is_ready_early)
                spawn_release_clone(ctx);
        return 0;
}

/* ---- the clone ---- */

/* Signals that end a container at its gate; blocked from before the clone on, so that none is lost
 * on the way. */
static sigset_t gate_signals(const ProgramOp *gate)
{
        sigset_t set;

        (void) sigemptyset(&set);
        if (!gate)
                return set;
        (void) sigaddset(&set, SIGTERM);
        (void) sigaddset(&set, SIGINT);
        if (gate->number[0] > 0 && gate->number[0] < NSIG)
                (void) sigaddset(&set, (int) gate->number[0]);
        return set;
}

static const ProgramOp *find_gate(const Context *ctx)
{
        for (uint32_t i = 0; i < ctx->program.header->n_ops; i++)
                if (ctx->program.ops[i].opcode == PROGRAM_OP_GATE)
                        return &ctx->program.ops[i];
        return NULL;
}

/* Tells ctr-exec and `start`, then waits until ctr-exec has passed it on: PID 1 ends everything
 * else in the unit when its main process, which may be this one, is gone. */
static void tell_failure(Context *ctx, const LaunchReply *failure)
{
        struct pollfd pollfd = { .fd = ctx->sync_fd };

        if (ctx->gate_peer_fd >= 0)
                (void) send(ctx->gate_peer_fd, failure, sizeof(*failure), MSG_NOSIGNAL);
        if (send(ctx->sync_fd, failure, sizeof(*failure), MSG_NOSIGNAL) >= 0)
                (void) poll(&pollfd, 1, FAREWELL_MSEC);
}

_noreturn_ static void run_clone(Context *ctx, int sync_fd)
{
        LaunchReply failure;
        CtrError err = { 0 };

        /* What only ctr-exec talks to; its death must be seen as the end of these. */
        closep(&ctx->sync_fd);
        closep(&ctx->launch_fd);
        closep(&ctx->state_fd);
        closep(&ctx->gate_dir_fd);
        for (size_t i = 0; i < ELEMENTSOF(ctx->own_namespace_fd); i++)
                closep(&ctx->own_namespace_fd[i]);
        ctx->sync_fd = sync_fd;
        ctx->list = PROGRAM_CHILD;
        ctx->has_mount_namespace = ctx->has_mount_namespace || (ctx->clone_flags & CLONE_NEWNS);
        if (interpret_list(ctx, &failure) >= 0) {
                (void) ctr_error_set(&err, CTR_ERROR_SYSTEM, 0, "program without exec");
                interpret_fill_failure(&failure, PROGRAM_OP_NONE, LAUNCH_EXIT_PROTOCOL, &err);
        }
        tell_failure(ctx, &failure);
        _exit(failure.exit_status);
}

/* ---- processes that borrow this one's memory ---- */

#define BORROWED_STACK_SIZE (1024U * 1024)

typedef struct Borrowed {
        int (*function)(void *argument);
        void *argument;
        int result;
} Borrowed;

static int run_borrowed(void *argument)
{
        Borrowed *b = argument;

        b->result = b->function(b->argument);
        return 0;
}

/* With more_flags of clone(2). The stack is never given back: a process may live on in a copy. */
static int borrow(
        Context *ctx, int more_flags, int (*function)(void *argument), void *argument, pid_t *ret)
{
        Borrowed b = { .function = function, .argument = argument, .result = -ECHILD };
        char *stack = mmap(NULL, BORROWED_STACK_SIZE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
        pid_t pid;

        if (stack == MAP_FAILED)
                return -errno;
        pid = clone(run_borrowed, stack + BORROWED_STACK_SIZE,
                CLONE_VM | CLONE_VFORK | CLONE_FILES | more_flags, &b);
        if (pid < 0)
                return -errno;
        *ret = pid;
        return b.result;
}

int spawn_borrow(Context *ctx, int (*function)(void *argument), void *argument)
{
        pid_t pid = -1;
        int r = borrow(ctx, SIGCHLD, function, argument, &pid);

        while (pid > 0 && waitid(P_PID, (id_t) pid, NULL, WEXITED) < 0 && errno == EINTR)
                ;
        return r;
}

typedef struct CloneRequest {
        Context *ctx;
        struct clone_args args;
        int child_sync_fd;
        pid_t pid;
} CloneRequest;

static int clone_now(void *argument)
{
        CloneRequest *request = argument;

        if (request->ctx->user_namespace_fd >= 0 &&
                setns(request->ctx->user_namespace_fd, CLONE_NEWUSER) < 0)
                return -errno;
        request->pid = sys_clone3(&request->args);
        if (request->pid == 0)
                run_clone(request->ctx, request->child_sync_fd);
        return request->pid < 0 ? -errno : 0;
}

/* A user namespace that is there already is entered by a process in between, which is a child of
 * our parent as the clone is, and ends at once. */
static int clone_somewhere(Context *ctx, CloneRequest *request)
{
        pid_t between;

        return ctx->user_namespace_fd >= 0 ? borrow(ctx, CLONE_PARENT, clone_now, request, &between)
                                           : clone_now(request);
}

/* The process in between counts in the pid namespace that was joined: "Pid:" of the pidfd is the
 * number in ours (proc(5), /proc/PID/fdinfo). */
static int find_pid(int pidfd, pid_t *ret)
{
        char path[48], text[1024];
        _cleanup_close_ int fd = -EBADF;
        const char *line;
        ssize_t n;

        (void) snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
        if (n < 0)
                return -errno;
        text[n] = '\0';
        line = strstr(text, "Pid:");
        *ret = line ? (pid_t) strtol(line + strlen("Pid:"), NULL, 10) : -1;
        return *ret > 0 ? 0 : -ESRCH;
}

int op_clone(Context *ctx, const ProgramOp *op, CtrError *err)
{
        int sockets[2], pidfd = -EBADF;
        CloneRequest request = {
                .ctx = ctx,
                .args = {
                        .flags = op->number[0] | CLONE_PARENT | CLONE_PIDFD,
                        .pidfd = (uint64_t) (uintptr_t) &pidfd,
                },
        };
        sigset_t blocked = gate_signals(find_gate(ctx)), before;
        char name[32];
        int r;

        if (ctx->child_pid > 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "second clone");
        r = procfs_prepare(ctx, err);
        if (r < 0)
                return r;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "socketpair");
        ctx->sync_fd = sockets[0];
        ctx->clone_flags = op->number[0];
        (void) sigprocmask(SIG_BLOCK, &blocked, &before);
        request.child_sync_fd = sockets[1];
        cgroup_aim(ctx, &request.args);
        do
                r = clone_somewhere(ctx, &request);
        while (r < 0 && cgroup_aim_again(ctx, &r, &request.args));
        (void) sigprocmask(SIG_SETMASK, &before, NULL);
        (void) close(sockets[1]);
        closep(&ctx->gate_fd);
        /* What only the clone uses: its ends must be seen as such. */
        closep(&ctx->console_fd);
        launch_close_kept(ctx);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot clone with flags %#llx",
                        (unsigned long long) op->number[0]);
        ctx->child_pid = request.pid;
        ctx->child_pidfd = pidfd;
        r = namespace_return(ctx, err);
        if (r < 0)
                return r;
        if (ctx->user_namespace_fd >= 0) {
                r = find_pid(pidfd, &ctx->child_pid);
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "pid of the clone");
        }
        (void) snprintf(name, sizeof(name), "/proc/%d", (int) ctx->child_pid);
        ctx->child_proc_fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return 0;
}

void spawn_kill_clone(Context *ctx)
{
        struct pollfd pollfd = { .fd = ctx->child_pidfd, .events = POLLIN };

        if (ctx->child_pidfd < 0)
                return;
        stop_tracing(ctx);
        /* One that failed by itself leaves with its own status, which may be the unit's. */
        if (ctx->has_child_failure) {
                (void) shutdown(ctx->sync_fd, SHUT_RDWR);
                closep(&ctx->sync_fd);
        } else
                (void) pidfd_send_signal(ctx->child_pidfd, SIGKILL, NULL, 0);
        (void) poll(&pollfd, 1, FAREWELL_MSEC);
}

static int write_map(Context *ctx, const char *file, const char *map, CtrError *err)
{
        int r = ctx->child_proc_fd < 0 ? -ESRCH : ctr_write_value(ctx->child_proc_fd, file, map);

        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write %s", file);
        return 0;
}

int op_write_uid_map(Context *ctx, const ProgramOp *op, CtrError *err)
{
        return write_map(ctx, "uid_map", op_string(ctx, op, 0), err);
}

int op_write_gid_map(Context *ctx, const ProgramOp *op, CtrError *err)
{
        return write_map(ctx, "gid_map", op_string(ctx, op, 0), err);
}

/* ---- the gate ---- */

/* Binds by a name in the current directory: the path of a state directory may be longer than a
 * socket address. */
static int bind_gate(int dir_fd, const char *name)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        size_t size = strlen(name);
        int r = 0;

        if (fd < 0)
                return -errno;
        if (size == 0 || size >= sizeof(address.sun_path))
                return -EINVAL;
        memcpy(address.sun_path, name, size + 1);
        (void) unlinkat(dir_fd, name, 0);
        if (fchmod(fd, 0600) < 0 || fchdir(dir_fd) < 0)
                return -errno;
        if (bind(fd, (struct sockaddr *) &address, sizeof(address)) < 0 || listen(fd, 1) < 0)
                r = -errno;
        if (chdir("/") < 0 && r >= 0)
                r = -errno;
        return r < 0 ? r : TAKE_FD(fd);
}

int op_open_gate(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0), *slash = strrchr(path, '/');
        char directory[4096];
        int fd;

        if (path[0] != '/' || (size_t) (slash - path) >= sizeof(directory))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EINVAL, "%s", path);
        (void) snprintf(directory, sizeof(directory), "%.*s", (int) (slash - path + 1), path);
        ctx->gate_dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (ctx->gate_dir_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", directory);
        if (faccessat(ctx->gate_dir_fd, STATE_FILE_STARTED, F_OK, AT_SYMLINK_NOFOLLOW) >= 0) {
                ctx->was_gate_opened = true;
                return 0;
        }
        fd = bind_gate(ctx->gate_dir_fd, slash + 1);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, fd, "cannot bind %s", path);
        ctx->gate_fd = fd;
        return 0;
}

/* Waits at the gate. Returns the connection of `start`, or does not return: a stop signal ends the
 * process with 0, the end of ctr-exec with a failure. */
static int wait_at_gate(Context *ctx, int signal_fd)
{
        struct pollfd fds[] = {
                { .fd = ctx->gate_fd, .events = POLLIN },
                { .fd = signal_fd, .events = POLLIN },
                { .fd = ctx->sync_fd },
        };

        for (;;) {
                int fd;

                if (poll(fds, ELEMENTSOF(fds), -1) < 0 && errno != EINTR)
                        return -errno;
                if (fds[2].revents)
                        _exit(LAUNCH_EXIT_PROTOCOL);
                if (fds[1].revents) {
                        (void) spawn_send(ctx, SYNC_STOPPED, NULL);
                        _exit(EXIT_SUCCESS);
                }
                if (!fds[0].revents)
                        continue;
                fd = accept4(ctx->gate_fd, NULL, NULL, SOCK_CLOEXEC);
                if (fd >= 0 || (errno != ECONNABORTED && errno != EINTR && errno != EAGAIN))
                        return fd < 0 ? -errno : fd;
        }
}

int op_gate(Context *ctx, const ProgramOp *op, CtrError *err)
{
        _cleanup_close_ int signal_fd = -EBADF;
        sigset_t set = gate_signals(op);
        int fd;

        if (ctx->was_gate_opened)
                return 0;
        if (ctx->gate_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "no gate was opened");
        signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
        if (signal_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "signalfd");
        fd = wait_at_gate(ctx, signal_fd);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, fd, "waiting for start");
        ctx->gate_peer_fd = fd;
        closep(&ctx->gate_fd);
        if (has_poststart(ctx))
                send_peer(ctx, fd);
        return 0;
}

/* ---- hooks ---- */

_noreturn_ static void run_hook(
        Context *ctx, const char *path, char *const *argv, char *const *env, int stdin_fd)
{
        /* A session, so that a hook that takes too long is killed with what it started. */
        (void) setsid();
        (void) umask(ctx->payload_umask);
        spawn_reset_signals();
        if (hook_set_streams(ctx, stdin_fd) >= 0)
                (void) execve(path, argv, env);
        ctx->progress->hook_errno = errno;
        _exit(LAUNCH_EXIT_EXEC);
}

pid_t spawn_hook(Context *ctx, const char *path, char *const *argv, char *const *env, int stdin_fd,
        int *pidfd)
{
        struct clone_args args = {
                .flags = CLONE_PIDFD,
                .exit_signal = SIGCHLD,
                .pidfd = (uint64_t) (uintptr_t) pidfd,
        };
        pid_t pid;

        ctx->progress->hook_errno = 0;
        pid = sys_clone3(&args);
        if (pid == 0)
                run_hook(ctx, path, argv, env, stdin_fd);
        return pid < 0 ? -errno : pid;
}

/* ---- a process to hold namespaces ---- */

pid_t spawn_idle(uint64_t flags)
{
        struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
        pid_t pid = sys_clone3(&args);

        if (pid == 0) {
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                for (;;)
                        (void) pause();
        }
        return pid < 0 ? -errno : pid;
}

void spawn_end_idle(pid_t pid)
{
        (void) kill(pid, SIGKILL);
        while (waitid(P_PID, (id_t) pid, NULL, WEXITED) < 0 && errno == EINTR)
                ;
}

pid_t spawn_payload(void)
{
        return fork();
}
