/* The launch socket, ctr-exec's side: one request with the payload's standard descriptors, at most
 * two replies. */
#include "helper/launch.h"

#include "base/fd-message.h"

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

/* A link is no danger: O_NOFOLLOW would stay in the flags of the payload's descriptor, and criu
 * could not open it again. */
int launch_open_null(CtrError *err)
{
        _cleanup_close_ int fd = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open /dev/null");
        if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "/dev/null is not the null device");
        return TAKE_FD(fd);
}

static int null_to(int target, CtrError *err)
{
        _cleanup_close_ int fd = launch_open_null(err);

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

typedef struct Received {
        LaunchRequest request;
        int fds[LAUNCH_FDS_MAX];
        size_t n_fds;
} Received;

/* 1 when a message came, 0 when the peer is gone or has sent none yet. */
static int receive(int socket_fd, Received *ret, int flags, CtrError *err)
{
        const LaunchRequest *r = &ret->request;
        ssize_t n = ctr_message_receive(socket_fd, &ret->request, sizeof(ret->request), flags,
                ret->fds, LAUNCH_FDS_MAX, &ret->n_fds);

        if (n == 0 || n == -ECONNRESET || n == -EAGAIN)
                return 0;
        if (n < 0 && n != -EBADMSG)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, (int) n, "cannot receive the launch request");
        if (n != sizeof(*r) || r->magic != LAUNCH_MAGIC || (r->n_stdio != 0 && r->n_stdio != 3) ||
                r->n_kept > LAUNCH_FDS_MAX || r->n_listen > r->n_kept || r->n_console > 1 ||
                r->n_stdio + r->n_kept + r->n_console != ret->n_fds ||
                !memchr(r->listen_names, '\0', sizeof(r->listen_names)))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "launch request");
        return 1;
}

/* Gives the received descriptors their places in the context. */
static int apply(Context *ctx, const Received *received, CtrError *err)
{
        const LaunchRequest *request = &received->request;
        const int *fds = received->fds;

        if (request->n_stdio)
                memcpy(ctx->stdio_fd, fds, sizeof(ctx->stdio_fd));
        fds += request->n_stdio;
        ctx->kept_fds = arena_alloc(&ctx->arena, (request->n_kept + 1) * sizeof(int));
        if (!ctx->kept_fds)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "launch request");
        memcpy(ctx->kept_fds, fds, request->n_kept * sizeof(int));
        ctx->n_kept_fds = request->n_kept;
        ctx->n_listen_fds = request->n_listen;
        if (request->n_listen > 0 && request->listen_names[0]) {
                char *names = arena_alloc(&ctx->arena, sizeof(request->listen_names));

                if (!names)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "launch request");
                memcpy(names, request->listen_names, sizeof(request->listen_names));
                ctx->listen_names = names;
        }
        if (request->n_console)
                ctx->console_fd = fds[request->n_kept];
        ctx->console_rows = request->console_rows;
        ctx->console_columns = request->console_columns;
        return 0;
}

static int receive_request(Context *ctx, int socket_fd, int flags, CtrError *err)
{
        Received received;
        int r;

        r = receive(socket_fd, &received, flags, err);
        if (r <= 0)
                return r;
        if (received.request.kind != LAUNCH_REQUEST)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "launch request");
        r = apply(ctx, &received, err);
        return r < 0 ? r : 1;
}

int launch_receive(Context *ctx, CtrError *err)
{
        _cleanup_close_ int socket_fd = -EBADF;
        struct pollfd pollfd;
        int r;

        if (!launch_is_socket(STDIN_FILENO))
                return 0;
        socket_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        if (socket_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "launch socket");
        r = null_to(STDIN_FILENO, err);
        if (r < 0)
                return r;
        pollfd = (struct pollfd){ .fd = socket_fd, .events = POLLIN };
        if (poll(&pollfd, 1, REQUEST_TIMEOUT_MSEC) == 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ETIMEDOUT, "launch request");
        r = receive_request(ctx, socket_fd, MSG_DONTWAIT, err);
        if (r > 0)
                ctx->launch_fd = TAKE_FD(socket_fd);
        return r < 0 ? r : 0;
}

int launch_take_request(Context *ctx, CtrError *err)
{
        int r = ctx->launch_fd < 0 ? 0 : receive_request(ctx, ctx->launch_fd, MSG_DONTWAIT, err);

        return r < 0 ? r : 0;
}

int launch_await_placed(Context *ctx, CtrError *err)
{
        Received received;
        int r;

        r = receive(ctx->launch_fd, &received, 0, err);
        if (r < 0)
                return r;
        if (r == 0) {
                /* Whoever it was says itself why, or cannot be told: standard error is not ours. */
                ctx->is_answered = true;
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "the caller is gone");
        }
        if (received.request.kind != LAUNCH_PLACED || received.n_fds > 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "launch message");
        return 0;
}

void launch_close_kept(Context *ctx)
{
        for (uint32_t i = 0; i < ctx->n_kept_fds; i++)
                closep(&ctx->kept_fds[i]);
        ctx->n_kept_fds = 0;
}

int launch_reply(const Context *ctx, const LaunchReply *reply, int fd)
{
        ssize_t n;

        if (ctx->launch_fd < 0)
                return -ENOTCONN;
        n = ctr_message_send(ctx->launch_fd, reply, sizeof(*reply), &fd, fd >= 0);
        return n < 0 ? (int) n : 0;
}

void launch_reply_progress(Context *ctx, LaunchKind kind)
{
        LaunchReply reply = {
                .magic = LAUNCH_MAGIC,
                .kind = kind,
                .pid = ctx->child_pid,
                .between = ctx->between_pid,
        };

        (void) launch_reply(ctx, &reply, ctx->child_pidfd);
        ctx->is_answered = ctx->is_answered || kind != LAUNCH_CLONED;
}
