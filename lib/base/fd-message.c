/* Messages with descriptors: see fd-message.h. The only file that knows how SCM_RIGHTS is laid
 * out, beside notify-socket.c, which has credentials too. */
#include "base/fd-message.h"

#include <string.h>
#include <sys/socket.h>

typedef union Control {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int) * CTR_MESSAGE_FDS_MAX)];
} Control;

ssize_t ctr_message_send(int socket_fd, const void *data, size_t size, const int *fds, size_t n_fds)
{
        struct iovec iov = { .iov_base = (void *) (uintptr_t) data, .iov_len = size };
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
        Control control;
        ssize_t n;

        if (n_fds > CTR_MESSAGE_FDS_MAX)
                return -E2BIG;
        if (n_fds > 0) {
                message.msg_control = &control;
                message.msg_controllen =
                        (__typeof__(message.msg_controllen)) CMSG_SPACE(sizeof(int) * n_fds);
                memset(&control, 0, message.msg_controllen);
                control.header.cmsg_level = SOL_SOCKET;
                control.header.cmsg_type = SCM_RIGHTS;
                control.header.cmsg_len =
                        (__typeof__(control.header.cmsg_len)) CMSG_LEN(sizeof(int) * n_fds);
                memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * n_fds);
        }
        do
                n = sendmsg(socket_fd, &message, MSG_NOSIGNAL);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
}

static void take_fds(struct msghdr *message, int *fds, size_t max_fds, size_t *n)
{
        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
                size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                        continue;
                for (size_t i = 0; i < count; i++) {
                        int fd;

                        memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
                        if (*n < max_fds)
                                fds[(*n)++] = fd;
                        else
                                (void) close(fd);
                }
        }
}

ssize_t ctr_message_receive(int socket_fd, void *buf, size_t size, int flags, int *fds,
        size_t max_fds, size_t *ret_n_fds)
{
        Control control;
        struct iovec iov = { .iov_base = buf, .iov_len = size };
        struct msghdr message = { .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control) };
        ssize_t n;

        *ret_n_fds = 0;
        do
                n = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC | flags);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        take_fds(&message, fds, max_fds, ret_n_fds);
        if (message.msg_flags & MSG_CTRUNC) {
                for (size_t i = 0; i < *ret_n_fds; i++)
                        (void) close(fds[i]);
                *ret_n_fds = 0;
                return -EBADMSG;
        }
        return n;
}
