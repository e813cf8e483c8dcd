/* Forwarding signals: see signal-forward.h. */
#include "runtime/signal-forward.h"

#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>

/* Not those that stop or crash the receiver itself, nor SIGCHLD, SIGPIPE and SIGURG, which are
 * about its own children and sockets. Real-time signals come on top. */
static const int forwarded[] = { SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM,
        SIGCONT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR };

/* Those that give up a start: everybody else's wait until there is somebody to get them. A window
 * that changes its size while a container starts is no reason not to start it. */
static const int stopping[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

int signal_forward_begin(SignalForward *s, CtrError *err)
{
        sigset_t set, stop;

        *s = SIGNAL_FORWARD_NULL;
        (void) sigemptyset(&set);
        for (size_t i = 0; i < ELEMENTSOF(forwarded); i++)
                (void) sigaddset(&set, forwarded[i]);
        for (int i = SIGRTMIN; i <= SIGRTMAX; i++)
                (void) sigaddset(&set, i);
        s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        if (s->fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "signalfd");
        (void) sigemptyset(&stop);
        for (size_t i = 0; i < ELEMENTSOF(stopping); i++)
                (void) sigaddset(&stop, stopping[i]);
        s->stop_fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
        if (s->stop_fd < 0) {
                closep(&s->fd);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "signalfd");
        }
        (void) sigprocmask(SIG_BLOCK, &set, &s->saved_mask);
        return 0;
}

void signal_forward_done(SignalForward *s)
{
        if (s->fd < 0)
                return;
        closep(&s->fd);
        closep(&s->stop_fd);
        (void) sigprocmask(SIG_SETMASK, &s->saved_mask, NULL);
}

static int take(int fd)
{
        struct signalfd_siginfo info;

        return read(fd, &info, sizeof(info)) == (ssize_t) sizeof(info) ? (int) info.ssi_signo : 0;
}

int signal_forward_take(const SignalForward *s)
{
        return take(s->fd);
}

int signal_forward_take_stop(const SignalForward *s)
{
        return take(s->stop_fd);
}

int signal_forward_until_exit(const SignalForward *s, int pidfd, CtrError *err)
{
        for (;;) {
                struct pollfd fds[] = { { .fd = pidfd, .events = POLLIN },
                        { .fd = s->fd, .events = POLLIN } };
                int number;

                if (poll(fds, ELEMENTSOF(fds), -1) < 0 && errno != EINTR)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "waiting for the process");
                if (fds[0].revents)
                        return 0;
                while ((number = signal_forward_take(s)) > 0)
                        (void) pidfd_send_signal(pidfd, number, NULL, 0);
        }
}
