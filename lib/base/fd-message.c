/* Messages with descriptors: see fd-message.h. */
#include "base/fd-message.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int ctr_send_fds(int socket_fd, const void *data, size_t size, const int *fds, size_t n)
{
        CtrMessageFds control;
        struct iovec iov = { .iov_base = (void *) (uintptr_t) data, .iov_len = size };
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

        if (n > CTR_MESSAGE_FDS_MAX)
                return -E2BIG;
        if (n > 0) {
                struct cmsghdr *c;

                memset(&control, 0, sizeof(control));
                message.msg_control = &control;
                message.msg_controllen = (socklen_t) CMSG_SPACE(sizeof(int) * n);
                c = CMSG_FIRSTHDR(&message);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = (socklen_t) CMSG_LEN(sizeof(int) * n);
                memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
        }
        return sendmsg(socket_fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

size_t ctr_take_fds(struct msghdr *message, int *fds, size_t max)
{
        size_t taken = 0;

        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
                size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                        continue;
                for (size_t i = 0; i < n; i++) {
                        int fd;

                        memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
                        if (taken < max)
                                fds[taken++] = fd;
                        else
                                (void) close(fd);
                }
        }
        return taken;
}
