/* Forwarding the notifications of an engine's container: see notify-forward.h. The payload may be
 * root of the host, so nothing but what it says of itself gets through: notify-filter.h. */
#include "runtime/notify-forward.h"

#include "base/notify-socket.h"
#include "plan/state-files.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define BARRIER_MSEC 30000

const char *notify_forward_target(void)
{
        const char *path = getenv("NOTIFY_SOCKET");

        return path && (path[0] == '/' || path[0] == '@') ? path : NULL;
}

int notify_forward_prepare(int state_fd, CtrError *err)
{
        /* STATE is root's alone; inside of the container anybody may come here. */
        if (mkdirat(state_fd, STATE_FILE_NOTIFY, 0755) < 0 ||
                fchmodat(state_fd, STATE_FILE_NOTIFY, 0755, 0) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot make %s", STATE_FILE_NOTIFY);
        return 0;
}

int notify_forward_begin(int state_fd, int *ret_fd, CtrError *err)
{
        _cleanup_close_ int fd = -EBADF, dir_fd = openat(state_fd, STATE_FILE_NOTIFY,
                                                 O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        *ret_fd = -EBADF;
        if (!notify_forward_target() || (dir_fd < 0 && errno == ENOENT))
                return 0;
        /* By the descriptor: the path may be longer than a socket address. */
        (void) snprintf(address.sun_path, sizeof(address.sun_path),
                "/proc/self/fd/%d/" STATE_FILE_NOTIFY_SOCKET, dir_fd);
        (void) unlinkat(dir_fd, STATE_FILE_NOTIFY_SOCKET, 0);
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (dir_fd < 0 || fd < 0 ||
                bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0 ||
                fchmodat(dir_fd, STATE_FILE_NOTIFY_SOCKET, 0666, 0) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "the container's notification socket");
        *ret_fd = TAKE_FD(fd);
        return 0;
}

static int tell(const char *text, CtrError *err)
{
        int r = notify_socket_send(notify_forward_target(), text, -EBADF, 0);

        if (r < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, r, "cannot notify %s", notify_forward_target());
        return 0;
}

/* So that the main process is known before the caller's own end is. */
static int tell_ready(pid_t pid, CtrError *err)
{
        struct pollfd pollfd = { .fd = -EBADF, .events = 0 };
        char text[32];
        int r;

        (void) snprintf(text, sizeof(text), "MAINPID=%d\n", (int) pid);
        r = tell(text, err);
        if (r < 0)
                return r;
        pollfd.fd = notify_socket_send_barrier(notify_forward_target());
        if (pollfd.fd >= 0) {
                (void) poll(&pollfd, 1, BARRIER_MSEC);
                (void) close(pollfd.fd);
        }
        return 0;
}

/* 1 once it is ready. */
static int forward(int fd, CtrError *err)
{
        NotifyDatagram datagram;
        NotifyMessage message;
        int r;

        r = notify_socket_receive(fd, &datagram);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "notifications of the container");
        if (r == 0)
                return 0;
        notify_filter(datagram.text, datagram.size, &message);
        r = message.size > 0 ? tell(message.text, err) : 0;
        notify_datagram_done(&datagram);
        return r < 0 ? r : message.is_ready;
}

void notify_forward_pass(int fd, bool *is_ready)
{
        struct pollfd pollfd = { .fd = fd, .events = POLLIN };

        while (fd >= 0 && poll(&pollfd, 1, 0) > 0) {
                char text[32];
                int r = forward(fd, NULL);

                if (r < 0)
                        return;
                if (r == 0 || *is_ready)
                        continue;
                *is_ready = true;
                (void) snprintf(text, sizeof(text), "MAINPID=%d\n", (int) getpid());
                (void) tell(text, NULL);
        }
}

int notify_forward_until_ready(int fd, int pidfd, pid_t pid, CtrError *err)
{
        struct pollfd fds[] = {
                { .fd = fd, .events = POLLIN },
                { .fd = pidfd, .events = POLLIN },
        };
        int r = 0;

        if (fd < 0)
                return 0;
        while (r == 0) {
                if (poll(fds, ELEMENTSOF(fds), -1) < 0 && errno != EINTR)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "waiting for the container");
                /* What it said before it ended still counts. */
                if (fds[0].revents)
                        r = forward(fd, err);
                else if (fds[1].revents)
                        return 0;
        }
        return r < 0 ? r : tell_ready(pid, err);
}
