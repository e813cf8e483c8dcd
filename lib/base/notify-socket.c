/* Notification sockets: see notify-socket.h. */
#include "base/notify-socket.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Room for a descriptor and credentials. */
typedef union Control {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
} Control;

static void add_control(
        struct msghdr *message, Control *control, int type, const void *data, size_t size)
{
        struct cmsghdr *c = (struct cmsghdr *) (void *) (control->bytes + message->msg_controllen);

        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = type;
        c->cmsg_len = (__typeof__(c->cmsg_len)) CMSG_LEN(size);
        memcpy(CMSG_DATA(c), data, size);
        message->msg_control = control;
        message->msg_controllen += (__typeof__(message->msg_controllen)) CMSG_SPACE(size);
}

int notify_socket_send(const char *path, const char *text, int passed_fd, pid_t pid)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        struct ucred ucred = { .pid = pid, .uid = getuid(), .gid = getgid() };
        struct iovec iov = { .iov_base = (void *) (uintptr_t) text, .iov_len = strlen(text) };
        struct msghdr message = { .msg_name = &address, .msg_iov = &iov, .msg_iovlen = 1 };
        _cleanup_close_ int fd = -EBADF;
        size_t size = strlen(path);
        Control control = { 0 };

        if (size < 2 || size >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
                return -EINVAL;
        memcpy(address.sun_path, path, size);
        if (path[0] == '@')
                address.sun_path[0] = '\0';
        message.msg_namelen = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + size +
                                           (path[0] == '@' ? 0 : 1));
        if (passed_fd >= 0)
                add_control(&message, &control, SCM_RIGHTS, &passed_fd, sizeof(passed_fd));
        if (pid > 0)
                add_control(&message, &control, SCM_CREDENTIALS, &ucred, sizeof(ucred));
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int notify_socket_send_barrier(const char *path)
{
        _cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF;
        int fds[2], r;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        read_fd = fds[0];
        write_fd = fds[1];
        r = notify_socket_send(path, "BARRIER=1", write_fd, 0);
        return r < 0 ? r : TAKE_FD(read_fd);
}

static void take_control(struct msghdr *message, NotifyDatagram *ret)
{
        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
                size_t size = c->cmsg_len - CMSG_LEN(0);
                struct ucred ucred;

                if (c->cmsg_level != SOL_SOCKET)
                        continue;
                if (c->cmsg_type == SCM_RIGHTS && size <= sizeof(ret->fds) && ret->n_fds == 0) {
                        memcpy(ret->fds, CMSG_DATA(c), size);
                        ret->n_fds = (unsigned) (size / sizeof(int));
                }
                if (c->cmsg_type == SCM_CREDENTIALS && size == sizeof(ucred)) {
                        memcpy(&ucred, CMSG_DATA(c), sizeof(ucred));
                        ret->sender = ucred.pid;
                }
        }
}

int notify_socket_receive(int fd, NotifyDatagram *ret)
{
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(NOTIFY_FDS_MAX * sizeof(int)) +
                           CMSG_SPACE(sizeof(struct ucred))];
        } control;
        struct iovec iov = { .iov_base = ret->text, .iov_len = sizeof(ret->text) };
        struct msghdr message = { .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control) };
        ssize_t n;

        ret->sender = 0;
        ret->n_fds = 0;
        n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        take_control(&message, ret);
        ret->size = (size_t) n;
        return 1;
}

void notify_datagram_done(NotifyDatagram *datagram)
{
        for (unsigned i = 0; i < datagram->n_fds; i++)
                (void) close(datagram->fds[i]);
        datagram->n_fds = 0;
}
