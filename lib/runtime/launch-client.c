/* Launch requests and replies: see launch-client.h. */
#include "runtime/launch-client.h"

#include "base/fd-message.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

int launch_socket_pair(int *ret_ours, int *ret_theirs, CtrError *err)
{
        int fds[2];

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make a socket pair");
        *ret_ours = fds[0];
        *ret_theirs = fds[1];
        return 0;
}

static int send_message(
        int fd, const LaunchRequest *request, const int *fds, size_t n, CtrError *err)
{
        int r = ctr_send_fds(fd, request, sizeof(*request), fds, n);

        return r < 0 ? ctr_error_set(err, r == -E2BIG ? CTR_ERROR_USAGE : CTR_ERROR_SYSTEM, r,
                               "cannot send the launch request")
                     : 0;
}

int launch_send_request(int fd, const LaunchFds *fds, CtrError *err)
{
        LaunchRequest request = { .magic = LAUNCH_MAGIC,
                .kind = LAUNCH_REQUEST,
                .n_stdio = fds->has_stdio ? 3 : 0,
                .n_kept = (uint32_t) fds->n_kept,
                .n_listen = (uint32_t) fds->n_listen,
                .n_console = fds->console >= 0,
                .console_rows = fds->console_rows,
                .console_columns = fds->console_columns };
        int all[LAUNCH_FDS_MAX + 4];
        size_t n = 0;

        if (fds->listen_names && strlen(fds->listen_names) >= sizeof(request.listen_names))
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "LISTEN_FDNAMES is too long: at most %zu bytes",
                        sizeof(request.listen_names) - 1);
        if (fds->listen_names)
                memcpy(request.listen_names, fds->listen_names, strlen(fds->listen_names));

        for (int i = 0; fds->has_stdio && i < 3; i++)
                all[n++] = fds->stdio ? fds->stdio[i] : i;
        for (size_t i = 0; i < fds->n_kept; i++)
                all[n++] = fds->kept[i];
        if (fds->console >= 0)
                all[n++] = fds->console;
        return send_message(fd, &request, all, n, err);
}

int launch_send_placed(int fd, CtrError *err)
{
        LaunchRequest request = { .magic = LAUNCH_MAGIC, .kind = LAUNCH_PLACED };

        return send_message(fd, &request, NULL, 0, err);
}

int launch_receive(int fd, LaunchReply *ret, int *ret_pidfd, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF;
        CtrMessageFds control;
        struct iovec iov = { .iov_base = ret, .iov_len = sizeof(*ret) };
        struct msghdr message = { .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control) };
        ssize_t n;

        do
                n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
        while (n < 0 && errno == EINTR);
        *ret_pidfd = -EBADF;
        /* A peer that died with unread data of ours in its queue. */
        if (n == 0 || (n < 0 && errno == ECONNRESET))
                return 0;
        if (n < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot read the launch reply");
        (void) ctr_take_fds(&message, &pidfd, 1);
        if ((size_t) n != sizeof(*ret) || ret->magic != LAUNCH_MAGIC ||
                ret->kind < LAUNCH_CREATED || ret->kind > LAUNCH_CLONED)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EPROTO, "launch reply");
        ret->message[sizeof(ret->message) - 1] = '\0';
        *ret_pidfd = TAKE_FD(pidfd);
        return 1;
}

int launch_reply_error(const LaunchReply *reply, CtrError *err)
{
        bool is_exec = reply->exit_status == LAUNCH_EXIT_EXEC;
        bool is_missing = reply->errno_value == ENOENT || reply->errno_value == ENOTDIR;

        (void) ctr_error_set(err, is_exec ? CTR_ERROR_PROCESS_NOT_EXECUTED : CTR_ERROR_SYSTEM, 0,
                "%s", reply->message);
        if (err) {
                err->errno_value = reply->errno_value;
                err->exit_status = !is_exec ? 1 : is_missing ? 127 : 126;
        }
        return reply->errno_value > 0 ? -reply->errno_value : -EIO;
}
