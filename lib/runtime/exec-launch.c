/* Running the program of an exec: see exec-launch.h. */
#include "runtime/exec-launch.h"

#include "runtime/caller-fds.h"
#include "runtime/helper-spawn.h"
#include "runtime/pid-file.h"
#include "runtime/signal-forward.h"
#include "runtime/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>

/* Starts the program and returns the new process, our child. */
static int launch(const ExecProgram *program, const LaunchFds *fds, pid_t *ret_pid, int *ret_pidfd,
        CtrError *err)
{
        _cleanup_close_ int program_fd = -EBADF, ours = -EBADF, theirs = -EBADF, cgroup_fd = -EBADF;
        LaunchReply reply;
        pid_t helper;
        int r;

        program_fd = exec_program_memfd(program, err);
        if (program_fd < 0)
                return program_fd;
        r = launch_socket_pair(&ours, &theirs, err);
        if (r >= 0)
                r = launch_send_request(ours, fds, err);
        if (r >= 0 && program->birthplace[0])
                cgroup_fd = open(program->birthplace, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (r >= 0)
                r = helper_spawn("exec", NULL,
                        &(HelperFds){
                                .program = program_fd, .socket = theirs, .cgroup = cgroup_fd },
                        false, &helper, err);
        if (r < 0)
                return r;
        closep(&theirs);
        closep(&cgroup_fd);
        r = launch_receive(ours, &reply, ret_pidfd, err);
        (void) helper_wait(helper);
        /* Our children, too: a process that is not the program and has ended, and a program that
         * could not be started. */
        if (r > 0 && reply.between > 0)
                (void) helper_wait(reply.between);
        if (r > 0 && reply.kind == LAUNCH_FAILED && reply.pid > 0)
                (void) helper_wait(reply.pid);
        if (r < 0)
                return r;
        if (r == 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, EPIPE, "ctr-exec ended without an answer");
        if (reply.kind == LAUNCH_FAILED) {
                r = launch_reply_error(&reply, err);
                /* 126 and 127 could be the program's own: an error of exec is told by its one
                 * status. */
                if (err)
                        err->exit_status = 0;
                return r;
        }
        *ret_pid = reply.pid;
        return 0;
}

static int reap(pid_t pid, int *ret_status, CtrError *err)
{
        int r = helper_wait(pid);

        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "waiting for process %d", (int) pid);
        *ret_status = r;
        return 0;
}

/* Its session goes with it: what the process started would stay in the container. */
static void end_process(pid_t pid, int pidfd)
{
        int unused;

        if (getsid(pid) == pid)
                (void) kill(-pid, SIGKILL);
        (void) pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
        (void) reap(pid, &unused, NULL);
}

/* Everybody who asked for the process hears of it. */
static int announce(
        const RuntimeExec *options, Terminal *terminal, pid_t pid, int pidfd, CtrError *err)
{
        int r = pid_file_write(options->pid_file, pid, err);

        if (r >= 0)
                r = caller_send_fd(options->pidfd_socket, pidfd, err);
        return r >= 0 ? terminal_take(terminal, err) : r;
}

/* Until the process runs and is known. One that its caller could not be told of does not stay. */
static int start(const RuntimeExec *options, const ExecProgram *program, LaunchFds *fds,
        Terminal *terminal, pid_t *ret_pid, int *ret_pidfd, CtrError *err)
{
        int r;

        r = terminal_begin(terminal, program->has_terminal, options->console_socket, fds, err);
        if (r >= 0)
                r = launch(program, fds, ret_pid, ret_pidfd, err);
        caller_fds_done(fds);
        if (r < 0)
                return r;
        r = announce(options, terminal, *ret_pid, *ret_pidfd, err);
        if (r < 0)
                end_process(*ret_pid, *ret_pidfd);
        return r;
}

static int await_timeout(const RuntimeExec *options, pid_t pid, int pidfd, CtrError *err)
{
        struct pollfd pollfd = { .fd = pidfd, .events = POLLIN };
        int r;

        do
                r = poll(&pollfd, 1, (int) MIN_OF(options->timeout_msec, (uint64_t) INT32_MAX));
        while (r < 0 && errno == EINTR);
        if (r > 0)
                return 0;
        end_process(pid, pidfd);
        return ctr_error_set(err, CTR_ERROR_SYSTEM, ETIMEDOUT, "the process was killed");
}

int exec_launch(const RuntimeExec *options, const ExecProgram *program, LaunchFds *fds,
        int *ret_status, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF;
        SignalForward signals = SIGNAL_FORWARD_NULL;
        Terminal terminal = TERMINAL_NULL;
        pid_t pid;
        int r;

        if (!options->is_detached) {
                r = signal_forward_begin(&signals, err);
                if (r < 0)
                        return r;
        }
        r = start(options, program, fds, &terminal, &pid, &pidfd, err);
        terminal.wants_detach = options->has_detach_keys;
        if (r >= 0 && options->timeout_msec > 0)
                r = await_timeout(options, pid, pidfd, err);
        else if (r >= 0 && !options->is_detached)
                r = terminal_until_exit(&terminal, &signals, pidfd, err);
        terminal_done(&terminal);
        /* Somebody left: the terminal is hung up, and what becomes of the process is its affair. */
        if (r == 0 && !options->is_detached)
                r = reap(pid, ret_status, err);
        signal_forward_done(&signals);
        return r;
}
