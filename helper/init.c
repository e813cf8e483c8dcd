/* A small init (RunInit= of .container files): what is left of ctr-exec once the payload is its
 * child. It has the payload's identity, filter and namespaces, no descriptor but the first three,
 * and its program file is the detached read-only clone that ctr-exec always runs from. */
#include "helper/init.h"

#include "helper/spawn.h"

#include <limits.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { SIGNAL_STATUS = 128, FD_MAX = 4096 };

/* As the payload ended: 128 plus the signal's number, because the first process of a namespace
 * cannot end itself by one. */
static _noreturn_ void end_as(int status)
{
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : SIGNAL_STATUS + WTERMSIG(status));
}

static void reap(pid_t payload, int options)
{
        int status;
        pid_t pid;

        while ((pid = waitpid(-1, &status, options)) > 0)
                if (pid == payload)
                        end_as(status);
        if (pid < 0 && errno == ECHILD)
                _exit(EXIT_FAILURE);
}

/* The end of the payload's socket must be its execve: nothing of it stays open here. A filter may
 * not know close_range(2). */
static void close_all(const Context *ctx)
{
        if (close_range(STDERR_FILENO + 1, UINT_MAX, 0) >= 0)
                return;
        (void) close(ctx->sync_fd);
        for (int fd = STDERR_FILENO + 1; fd < FD_MAX; fd++)
                (void) close(fd);
}

static _noreturn_ void serve(pid_t payload, const sigset_t *all)
{
        for (;;) {
                siginfo_t info;
                int signo = sigwaitinfo(all, &info);

                /* Without that call: no signal is handed on, but every end is seen. */
                if (signo < 0 && errno != EINTR)
                        reap(payload, 0);
                else if (signo == SIGCHLD)
                        reap(payload, WNOHANG);
                else if (signo > 0 && info.si_code <= 0)
                        /* Those that a terminal sends reach the payload by themselves. */
                        (void) kill(payload, signo);
        }
}

int init_split(Context *ctx)
{
        sigset_t all, before;
        pid_t payload;
        int r;

        (void) prctl(PR_SET_CHILD_SUBREAPER, 1);
        (void) sigfillset(&all);
        if (sigprocmask(SIG_BLOCK, &all, &before) < 0)
                return -errno;
        payload = spawn_payload();
        r = payload < 0 ? -errno : 0;
        if (payload > 0) {
                close_all(ctx);
                (void) prctl(PR_SET_NAME, "ctr-init");
                serve(payload, &all);
        }
        (void) sigprocmask(SIG_SETMASK, &before, NULL);
        return r;
}
