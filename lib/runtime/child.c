/* Short-lived children: see child.h. Standard streams are files in memory: a program may write as
 * much as it likes before anybody reads, and what it leaves running holds nobody up. */
#include "runtime/child.h"

#include "base/io.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

enum { INPUT, OUTPUT, ERRORS, N_STREAMS };

static const int no_streams[N_STREAMS] = { -EBADF, -EBADF, -EBADF };

static void close_streams(const int streams[static N_STREAMS])
{
        for (size_t i = 0; i < N_STREAMS; i++)
                if (streams[i] >= 0)
                        (void) close(streams[i]);
}

/* Above 0, 1 and 2, whatever the caller has open. */
static int open_stream(void)
{
        _cleanup_close_ int fd = memfd_create("ctrunit-child", MFD_CLOEXEC);
        int high = fd < 0 ? -EBADF : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

        return high < 0 ? -errno : high;
}

static int open_streams(const ChildRun *run, int ret[static N_STREAMS])
{
        int r = 0;

        memcpy(ret, no_streams, sizeof(no_streams));
        for (size_t i = 0; i < N_STREAMS && r >= 0; i++)
                r = ret[i] = open_stream();
        if (r >= 0 && run->input)
                r = ctr_write_all(ret[INPUT], run->input, run->input_size);
        if (r >= 0 && lseek(ret[INPUT], 0, SEEK_SET) < 0)
                r = -errno;
        if (r < 0)
                close_streams(ret);
        return r < 0 ? r : 0;
}

static void restore_signals(void)
{
        sigset_t none;

        for (int i = 1; i < NSIG; i++)
                (void) signal(i, SIG_DFL);
        (void) sigemptyset(&none);
        (void) sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Only calls that are safe after fork(2) in a program of several threads. */
static _noreturn_ void execute(
        const ChildRun *run, const int streams[static N_STREAMS], int report_fd)
{
        char *const no_env[] = { NULL };
        int saved;

        restore_signals();
        (void) setsid();
        if ((run->netns_fd < 0 || setns(run->netns_fd, CLONE_NEWNET) >= 0) &&
                dup2(streams[INPUT], STDIN_FILENO) >= 0 &&
                dup2(streams[OUTPUT], STDOUT_FILENO) >= 0 &&
                dup2(streams[ERRORS], STDERR_FILENO) >= 0 &&
                close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) >= 0)
                (void) execve(run->path, run->argv, run->env ? run->env : no_env);
        saved = errno;
        (void) !write(report_fd, &saved, sizeof(saved));
        _exit(127);
}

int child_wait(pid_t pid)
{
        siginfo_t info = { 0 };

        while (waitid(P_PID, (id_t) pid, &info, WEXITED) < 0)
                if (errno != EINTR)
                        return -errno;
        return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

static uint64_t now_usec(void)
{
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

/* 0 when it has ended, -ETIMEDOUT. */
static int await_end(int pidfd, uint64_t timeout_usec)
{
        uint64_t deadline = now_usec() + timeout_usec, now;
        struct pollfd pollfd = { .fd = pidfd, .events = POLLIN };
        int r, msec;

        for (;;) {
                now = now_usec();
                msec = timeout_usec == 0 ? -1
                       : now >= deadline
                               ? 0
                               : (int) MIN_OF((deadline - now) / 1000 + 1, (uint64_t) INT32_MAX);
                r = poll(&pollfd, 1, msec);
                if (r > 0)
                        return 0;
                if (r == 0)
                        return -ETIMEDOUT;
                if (errno != EINTR)
                        return -errno;
        }
}

static int read_output(int fd, ChildResult *ret)
{
        off_t size = lseek(fd, 0, SEEK_END);

        if (size < 0 || lseek(fd, 0, SEEK_SET) < 0)
                return -errno;
        return ctr_read_fd(fd, "output", CHILD_OUTPUT_MAX, &ret->output, &ret->output_size, NULL);
}

/* The last line or two of what it said. */
static void read_errors(int fd, ChildResult *ret)
{
        off_t size = lseek(fd, 0, SEEK_END), room = (off_t) sizeof(ret->errors) - 1;
        off_t start = size > room ? size - room : 0;
        ssize_t n = pread(fd, ret->errors, (size_t) (size - start), start);

        if (n <= 0)
                return;
        while (n > 0 && (unsigned char) ret->errors[n - 1] <= ' ')
                n--;
        ret->errors[n] = '\0';
        for (char *p = ret->errors; *p; p++)
                if ((unsigned char) *p < ' ')
                        *p = ' ';
}

/* The child is there: how it began, and its end. */
static int attend(const ChildRun *run, pid_t pid, int report_fd, ChildResult *ret, CtrError *err)
{
        _cleanup_close_ int pidfd = pidfd_open(pid, 0);
        int r, exec_errno = 0;
        ssize_t n;

        do
                n = read(report_fd, &exec_errno, sizeof(exec_errno));
        while (n < 0 && errno == EINTR);
        r = pidfd < 0 ? -EBADF : n != 0 ? 0 : await_end(pidfd, run->timeout_usec);
        if (r < 0) {
                (void) kill(-pid, SIGKILL);
                (void) kill(pid, SIGKILL);
        }
        ret->status = child_wait(pid);
        if (n != 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, exec_errno, "%s cannot be executed", run->what);
        if (r == -ETIMEDOUT)
                (void) ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                        "%s was killed after its timeout of %llu ms", run->what,
                        (unsigned long long) run->timeout_usec / 1000);
        else if (r < 0)
                (void) ctr_error_set(err, CTR_ERROR_SYSTEM, r, "waiting for %s", run->what);
        return r;
}

int child_run(const ChildRun *run, ChildResult *ret, CtrError *err)
{
        int streams[N_STREAMS], report[2], r;
        pid_t pid;

        *ret = (ChildResult){ 0 };
        r = open_streams(run, streams);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "starting %s", run->what);
        if (pipe2(report, O_CLOEXEC) < 0) {
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "starting %s", run->what);
                close_streams(streams);
                return r;
        }
        pid = fork();
        if (pid == 0)
                execute(run, streams, report[1]);
        r = -errno;
        (void) close(report[1]);
        if (pid > 0) {
                r = attend(run, pid, report[0], ret, err);
                if (r >= 0 && read_output(streams[OUTPUT], ret) < 0)
                        r = ctr_error_set(err, CTR_ERROR_SYSTEM, EFBIG, "output of %s", run->what);
                read_errors(streams[ERRORS], ret);
        } else
                (void) ctr_error_set(err, CTR_ERROR_SYSTEM, r, "starting %s", run->what);
        (void) close(report[0]);
        close_streams(streams);
        return r;
}

void child_result_done(ChildResult *result)
{
        free(result->output);
        *result = (ChildResult){ 0 };
}

int child_run_checked(const ChildRun *run, CtrError *err)
{
        ChildResult result;
        int r;

        r = child_run(run, &result, err);
        if (r >= 0 && result.status != 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "%s %s %d%s%s", run->what,
                        result.status > 128 ? "was killed by signal" : "exited with status",
                        result.status > 128 ? result.status - 128 : result.status,
                        result.errors[0] ? ": " : "", result.errors);
        child_result_done(&result);
        return r;
}

pid_t child_call(
        int (*f)(int socket_fd, void *argument), void *argument, int *ret_socket, CtrError *err)
{
        int sockets[2], r;
        pid_t pid;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "starting a process");
        pid = fork();
        if (pid == 0) {
                restore_signals();
                (void) close(sockets[0]);
                _exit(f(sockets[1], argument));
        }
        r = -errno;
        (void) close(sockets[1]);
        if (pid < 0) {
                (void) close(sockets[0]);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "starting a process");
        }
        *ret_socket = sockets[0];
        return pid;
}
