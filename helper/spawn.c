/* Processes: the clone with its id maps and its gate, hooks, processes that borrow this one's
 * memory. What passes between them is in sync.c, what PID 1 is told in hand-over.c.
 *
 * The clone is a sibling of ctr-exec (CLONE_PARENT): whoever started ctr-exec is its parent and
 * reaps it, PID 1 in service mode. ctr-exec cannot wait for it and has a pidfd instead. */
#include "helper/spawn.h"

#include "base/io.h"
#include "helper/hand-over.h"
#include "helper/interpret.h"
#include "helper/kernel.h"
#include "helper/launch.h"
#include "helper/namespace.h"
#include "helper/ops.h"
#include "helper/procfs.h"
#include "helper/sync.h"
#include "plan/state-files.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#define GATE_FDS      2
#define FAREWELL_MSEC 5000 /* a failed clone waits for ctr-exec, ctr-exec for a killed clone */

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
        closep(&ctx->restore_fd);
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
                (setns(request->ctx->user_namespace_fd, CLONE_NEWUSER) < 0 || context_hide() < 0))
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
        return ctx->user_namespace_fd >= 0
                       ? borrow(ctx, CLONE_PARENT, clone_now, request, &ctx->between_pid)
                       : clone_now(request);
}

/* The process in between counts in the pid namespace that was joined: "Pid:" of the pidfd is the
 * number in ours (proc(5), /proc/PID/fdinfo). */
int spawn_find_pid(int pidfd, pid_t *ret)
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

int spawn_open_process(pid_t pid, int *ret_pidfd, int *ret_proc_fd)
{
        _cleanup_close_ int pidfd = pidfd_open(pid, 0), proc_fd = -EBADF;
        char name[32];

        (void) snprintf(name, sizeof(name), "/proc/%d", (int) pid);
        proc_fd = pidfd < 0 ? -EBADF : open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        /* Alive afterwards: the directory is its own. */
        if (proc_fd < 0 || pidfd_send_signal(pidfd, 0, NULL, 0) < 0)
                return -errno;
        *ret_pidfd = TAKE_FD(pidfd);
        *ret_proc_fd = TAKE_FD(proc_fd);
        return 0;
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
        r = clone_somewhere(ctx, &request);
        (void) sigprocmask(SIG_SETMASK, &before, NULL);
        (void) close(sockets[1]);
        closep(&ctx->gate_fd);
        /* What only the clone uses: its ends must be seen as such. */
        closep(&ctx->console_fd);
        launch_close_kept(ctx);
        if (r == -EAGAIN)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                        "cannot clone: one process more than pids.limit or TasksMax= allow, where ctr-exec counts until the program runs");
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot clone with flags %#llx",
                        (unsigned long long) op->number[0]);
        ctx->child_pid = request.pid;
        ctx->child_pidfd = pidfd;
        r = namespace_return(ctx, err);
        if (r < 0)
                return r;
        if (ctx->user_namespace_fd >= 0) {
                r = spawn_find_pid(pidfd, &ctx->child_pid);
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
        hand_over_release(ctx);
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
int spawn_bind_gate(int dir_fd, const char *name)
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
        fd = spawn_bind_gate(ctx->gate_dir_fd, slash + 1);
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
                        (void) sync_send(ctx, SYNC_STOPPED, NULL);
                        _exit(EXIT_SUCCESS);
                }
                if (!fds[0].revents)
                        continue;
                fd = accept4(ctx->gate_fd, NULL, NULL, SOCK_CLOEXEC);
                if (fd >= 0 || (errno != ECONNABORTED && errno != EINTR && errno != EAGAIN))
                        return fd < 0 ? -errno : fd;
        }
}

/* The payload's limit is in force already: without a descriptor for signals and one for `start` the
 * container would be created and end at once. */
int spawn_check_gate(const Context *ctx, CtrError *err)
{
        int fds[GATE_FDS] = { -EBADF, -EBADF }, r = 0;

        for (size_t i = 0; i < ELEMENTSOF(fds) && r >= 0; i++) {
                fds[i] = fcntl(ctx->sync_fd, F_DUPFD_CLOEXEC, 0);
                /* A filter that forbids it says nothing about descriptors. */
                r = fds[i] < 0 && (errno == EMFILE || errno == EINVAL) ? -EMFILE : 0;
        }
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                closep(&fds[i]);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, r,
                               "process.rlimits, or else the caller's limit: RLIMIT_NOFILE leaves "
                               "no descriptor to wait for `start` with; `run` needs none")
                     : 0;
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
        if (hand_over_has_poststart(ctx))
                sync_send_peer(ctx, fd);
        return 0;
}

/* ---- hooks ---- */

_noreturn_ static void run_hook(Context *ctx, const ProgramOp *op, char *const *argv,
        char *const *env, int stdin_fd, const ProgramOp *filter)
{
        /* A session, so that a hook that takes too long is killed with what it started. */
        (void) setsid();
        (void) umask(ctx->payload_umask);
        process_restore_nofile(ctx);
        spawn_reset_signals();
        hook_set_directory(ctx, op);
        if (hook_set_streams(ctx, stdin_fd) >= 0 && (!filter || hook_load_filter(ctx, filter) >= 0))
                (void) execve(op_string(ctx, op, 0), argv, env);
        ctx->progress->hook_errno = errno;
        _exit(LAUNCH_EXIT_EXEC);
}

pid_t spawn_hook(Context *ctx, const ProgramOp *op, char *const *argv, char *const *env,
        int stdin_fd, const ProgramOp *filter, int *pidfd)
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
                run_hook(ctx, op, argv, env, stdin_fd, filter);
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

/* Newer calls get ENOSYS, or worse, from filters of their time. */
pid_t spawn_sibling(void)
{
        return sys_clone_sibling();
}

pid_t spawn_payload(void)
{
        return fork();
}
