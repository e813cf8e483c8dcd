/* Terminals: see terminal.h. */
#include "runtime/terminal.h"

#include "base/fd-message.h"
#include "runtime/caller-fds.h"
#include "runtime/notify-forward.h"

#include "base/io.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <time.h>

#define END_OF_FILE 4    /* ^D */
#define DETACH_KEY  0x1d /* ^], as machinectl(1) has it */

enum { DETACH_TIMES = 3, DETACH_MSEC = 1000 };

int terminal_check(bool has_terminal, bool is_detached, const char *console_socket, CtrError *err)
{
        if (has_terminal && is_detached && !console_socket)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "cannot allocate tty if the runtime will detach without setting console socket");
        if (console_socket && (!has_terminal || !is_detached))
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "cannot use console socket if the runtime will not detach or allocate tty");
        return 0;
}

int terminal_begin(
        Terminal *t, bool has_terminal, const char *console_socket, LaunchFds *fds, CtrError *err)
{
        struct winsize size;
        int pair[2];

        *t = TERMINAL_NULL;
        if (!has_terminal)
                return 0;
        fds->has_stdio = false;
        if (console_socket) {
                fds->console = caller_connect(console_socket, err);
                return fds->console < 0 ? fds->console : 0;
        }
        if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) >= 0) {
                fds->console_rows = size.ws_row;
                fds->console_columns = size.ws_col;
        }
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "socketpair");
        t->socket_fd = pair[0];
        fds->console = pair[1];
        return 0;
}

static void copy_window_size(const Terminal *t)
{
        struct winsize size;

        if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) >= 0 && size.ws_row > 0)
                (void) ioctl(t->ptmx_fd, TIOCSWINSZ, &size);
}

/* What is typed belongs to the payload's terminal, which echoes and makes signals of it. */
static void make_raw(Terminal *t)
{
        struct termios raw;

        if (tcgetattr(STDIN_FILENO, &t->saved) < 0)
                return;
        raw = t->saved;
        cfmakeraw(&raw);
        t->is_raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) >= 0;
}

int terminal_receive(int socket_fd, CtrError *err)
{
        char name[64];
        size_t n_fds;
        int fd;

        if (ctr_message_receive(socket_fd, name, sizeof(name), MSG_DONTWAIT, &fd, 1, &n_fds) <= 0 ||
                n_fds != 1)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EPROTO, "the terminal did not come");
        return fd;
}

int terminal_take(Terminal *t, CtrError *err)
{
        int fd;

        if (t->socket_fd < 0)
                return 0;
        fd = terminal_receive(t->socket_fd, err);
        if (fd < 0)
                return fd;
        t->ptmx_fd = fd;
        closep(&t->socket_fd);
        (void) fcntl(t->ptmx_fd, F_SETFL, O_NONBLOCK);
        make_raw(t);
        return 0;
}

/* Bytes on their way to the payload. */
typedef struct Input {
        char buf[4096];
        size_t start, end;
        bool is_closed;
        unsigned n_keys; /* of DETACH_KEY in a row */
        uint64_t first_key_msec;
} Input;

static uint64_t now_msec(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000U + (uint64_t) ts.tv_nsec / 1000000U;
}

/* Did the keys that just came say that somebody wants to leave? */
static bool is_detach(Input *in)
{
        uint64_t now = now_msec();

        for (size_t i = in->start; i < in->end; i++) {
                if (in->buf[i] != DETACH_KEY) {
                        in->n_keys = 0;
                        continue;
                }
                if (in->n_keys == 0 || now - in->first_key_msec > DETACH_MSEC) {
                        in->n_keys = 0;
                        in->first_key_msec = now;
                }
                if (++in->n_keys == DETACH_TIMES)
                        return true;
        }
        return false;
}

static void read_input(Input *in)
{
        ssize_t n = read(STDIN_FILENO, in->buf, sizeof(in->buf));

        if (n < 0 && (errno == EINTR || errno == EAGAIN))
                return;
        in->start = 0;
        in->end = n > 0 ? (size_t) n : 0;
        if (n > 0)
                return;
        /* A terminal has no end of file but this one. */
        in->is_closed = true;
        in->buf[in->end++] = END_OF_FILE;
}

static void write_input(const Terminal *t, Input *in)
{
        ssize_t n = write(t->ptmx_fd, in->buf + in->start, in->end - in->start);

        if (n > 0)
                in->start += (size_t) n;
        else if (n < 0 && errno != EAGAIN && errno != EINTR)
                in->start = in->end;
        if (in->start == in->end)
                in->start = in->end = 0;
}

/* One buffer of output. 1: there may be more; 0: nothing now; -EIO: no process has the terminal
 * open.
 */
static int pass_output(const Terminal *t)
{
        char buf[16384];
        ssize_t n = read(t->ptmx_fd, buf, sizeof(buf));

        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -EIO;
        if (n == 0)
                return -EIO;
        (void) ctr_write_all(STDOUT_FILENO, buf, (size_t) n);
        return 1;
}

static void pass_signals(const Terminal *t, const SignalForward *signals, int pidfd)
{
        int number;

        while ((number = signal_forward_take(signals)) > 0)
                if (number == SIGWINCH && t->ptmx_fd >= 0)
                        copy_window_size(t);
                else
                        (void) pidfd_send_signal(pidfd, number, NULL, 0);
}

int terminal_until_exit(Terminal *t, const SignalForward *signals, int pidfd, CtrError *err)
{
        enum { PROCESS, SIGNALS, OUTPUT, INPUT, NOTIFY };
        bool is_hung_up = t->ptmx_fd < 0, is_ready = false;
        Input in = { .is_closed = is_hung_up };

        if (is_hung_up && t->notify_fd < 0)
                return signal_forward_until_exit(signals, pidfd, err);
        for (;;) {
                bool has_input = in.end > in.start;
                struct pollfd fds[] = {
                        [PROCESS] = { .fd = pidfd, .events = POLLIN },
                        [SIGNALS] = { .fd = signals->fd, .events = POLLIN },
                        [OUTPUT] = { .fd = is_hung_up ? -1 : t->ptmx_fd,
                                .events = (short) (POLLIN | (has_input ? POLLOUT : 0)) },
                        [INPUT] = { .fd = in.is_closed || has_input ? -1 : STDIN_FILENO,
                                .events = POLLIN },
                        [NOTIFY] = { .fd = t->notify_fd, .events = POLLIN },
                };

                if (poll(fds, ELEMENTSOF(fds), -1) < 0 && errno != EINTR)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "waiting for the process");
                /* What it said before it ended still counts. */
                notify_forward_pass(t->notify_fd, &is_ready);
                if (fds[OUTPUT].revents & POLLOUT)
                        write_input(t, &in);
                if (fds[OUTPUT].revents & (POLLIN | POLLHUP | POLLERR))
                        is_hung_up = pass_output(t) < 0;
                if (fds[INPUT].revents) {
                        read_input(&in);
                        if (t->wants_detach && is_detach(&in))
                                return 1;
                }
                if (fds[SIGNALS].revents)
                        pass_signals(t, signals, pidfd);
                if (fds[PROCESS].revents)
                        break;
        }
        while (t->ptmx_fd >= 0 && pass_output(t) > 0)
                ;
        return 0;
}

void terminal_done(Terminal *t)
{
        if (t->is_raw)
                (void) tcsetattr(STDIN_FILENO, TCSADRAIN, &t->saved);
        t->is_raw = false;
        closep(&t->socket_fd);
        closep(&t->ptmx_fd);
        closep(&t->notify_fd);
}
