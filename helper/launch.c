/* The launch socket, ctr-exec's side: one request with the payload's standard descriptors, at most
 * two replies. */
#include "helper/launch.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* The caller sends its request before it asks PID 1 for the unit, so there is nothing to wait for
 * except a machine that is very busy. */
#define REQUEST_TIMEOUT_MSEC 5000

bool launch_is_socket(int fd)
{
        int type = 0, domain = 0;
        socklen_t type_size = sizeof(type), domain_size = sizeof(domain);

        return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) >= 0 &&
               getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) >= 0 &&
               type == SOCK_SEQPACKET && domain == AF_UNIX;
}

/* The host's /dev/null, proven to be it. */
static int open_null(CtrError *err)
{
        _cleanup_close_ int fd = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open /dev/null");
        if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "/dev/null is not the null device");
        return TAKE_FD(fd);
}

static int null_to(int target, CtrError *err)
{
        _cleanup_close_ int fd = open_null(err);

        if (fd < 0)
                return fd;
        if (fd == target) {
                TAKE_FD(fd);
                return fcntl(target, F_SETFD, 0) < 0 ? -errno : 0;
        }
        if (dup2(fd, target) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot place /dev/null");
        return 0;
}

int launch_fill_stdio(CtrError *err)
{
        for (int fd = 0; fd <= STDERR_FILENO; fd++) {
                int r;

                if (fcntl(fd, F_GETFD) >= 0)
                        continue;
                r = null_to(fd, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Takes the descriptors out of a received message. */
static int take_descriptors(struct msghdr *message, int ret[static LAUNCH_FDS_MAX], unsigned *n)
{
        *n = 0;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
                size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || *n > 0 ||
                        count > LAUNCH_FDS_MAX)
                        continue;
                memcpy(ret, CMSG_DATA(c), count * sizeof(int));
                *n = (unsigned) count;
        }
        return message->msg_flags & MSG_CTRUNC ? -EBADMSG : 0;
}

/* Which number each descriptor gets in the payload. */
static int assign_descriptors(Context *ctx, const LaunchRequest *request, const int *fds)
{
        unsigned n_stdio = request->first_fd == 0 ? ELEMENTSOF(ctx->stdio_fd) : 0;

        if (request->n_fds == 0)
                return 0;
        if ((request->first_fd != 0 && request->first_fd != 3) || request->n_fds < n_stdio)
                return -EBADMSG;
        memcpy(ctx->stdio_fd, fds, n_stdio * sizeof(*fds));
        ctx->n_preserved_fds = request->n_fds - n_stdio;
        memcpy(ctx->preserved_fd, fds + n_stdio, ctx->n_preserved_fds * sizeof(*fds));
        return 0;
}

/* 1 when a request came, 0 when the peer is gone. */
static int receive_request(Context *ctx, int socket_fd, CtrError *err)
{
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(LAUNCH_FDS_MAX * sizeof(int))];
        } control;
        LaunchRequest request;
        struct iovec iov = { .iov_base = &request, .iov_len = sizeof(request) };
        struct msghdr message = { .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control) };
        int fds[LAUNCH_FDS_MAX];
        unsigned n_fds;
        ssize_t n;

        n = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno == ECONNRESET))
                return 0;
        if (n < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot receive the launch request");
        if (take_descriptors(&message, fds, &n_fds) < 0 || n != sizeof(request) ||
                request.magic != LAUNCH_MAGIC || request.kind != LAUNCH_REQUEST ||
                request.n_fds != n_fds || assign_descriptors(ctx, &request, fds) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "launch request");
        return 1;
}

int launch_receive_early(Context *ctx, CtrError *err)
{
        struct pollfd pollfd = { .fd = ctx->launch_fd, .events = POLLIN };
        int r;

        if (ctx->launch_fd < 0 || poll(&pollfd, 1, 0) <= 0)
                return 0;
        r = receive_request(ctx, ctx->launch_fd, err);
        return r < 0 ? r : 0;
}

int launch_receive(Context *ctx, CtrError *err)
{
        _cleanup_close_ int socket_fd = -EBADF;
        struct pollfd pollfd = { .events = POLLIN };
        int r;

        if (!launch_is_socket(STDIN_FILENO))
                return 0;
        socket_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        if (socket_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "launch socket");
        r = null_to(STDIN_FILENO, err);
        if (r < 0)
                return r;
        pollfd.fd = socket_fd;
        if (poll(&pollfd, 1, REQUEST_TIMEOUT_MSEC) == 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ETIMEDOUT, "launch request");
        r = receive_request(ctx, socket_fd, err);
        if (r > 0)
                ctx->launch_fd = TAKE_FD(socket_fd);
        return r < 0 ? r : 0;
}

int launch_reply(const Context *ctx, const LaunchReply *reply, int fd)
{
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = { 0 };
        struct iovec iov = { .iov_base = (void *) (uintptr_t) reply, .iov_len = sizeof(*reply) };
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

        if (ctx->launch_fd < 0)
                return -ENOTCONN;
        if (fd >= 0) {
                control.header.cmsg_level = SOL_SOCKET;
                control.header.cmsg_type = SCM_RIGHTS;
                control.header.cmsg_len = CMSG_LEN(sizeof(int));
                memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
                message.msg_control = &control;
                message.msg_controllen = sizeof(control);
        }
        return sendmsg(ctx->launch_fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

void launch_reply_progress(const Context *ctx, LaunchKind kind)
{
        LaunchReply reply = {
                .magic = LAUNCH_MAGIC,
                .kind = kind,
                .pid = ctx->child_pid,
        };

        (void) launch_reply(ctx, &reply, ctx->child_pidfd);
}
