/* The listener of a system call filter with SCMP_ACT_NOTIFY, on its way to the agent that answers:
 * the container's process gets it from seccomp(2), and must not use more system calls than a
 * message takes, because each may already wait for that agent. So ctr-exec takes the descriptor out
 * of it (pidfd_getfd(2)) and sends it, with the state of config-linux.md#containerprocessstate,
 * over the agent's stream socket. */
#include "helper/ops.h"

#include "base/fd-message.h"
#include "helper/sync.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>

/* By a descriptor, because the path may be longer than a socket address. */
static int connect_to(const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int path_fd = open(path, O_PATH | O_CLOEXEC);
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (path_fd < 0 || fd < 0)
                return -errno;
        (void) snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", path_fd);
        if (connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

static int send_with_descriptor(int socket_fd, const char *text, size_t size, int fd)
{
        size_t n_fds = 1; /* the descriptor goes once */

        while (size > 0) {
                ssize_t n = ctr_message_send(socket_fd, text, size, &fd, n_fds);

                if (n < 0)
                        return (int) n;
                text += n;
                size -= (size_t) n;
                n_fds = 0;
        }
        return 0;
}

/* The state in the arena. The container's own process is the clone, unless the program names one.
 */
static const char *build_state(Context *ctx, const ProgramOp *op, size_t *ret_size)
{
        const char *status = op_string(ctx, op, 1), *head = op_string(ctx, op, 2);
        const char *tail = op_string(ctx, op, 3);
        size_t size = strlen(head) + strlen(status) + strlen(tail) + 96;
        int pid = op->number[0] != 0 ? (int) op->number[0] : (int) ctx->child_pid, n;
        char *text = arena_alloc(&ctx->arena, size);

        if (!text)
                return NULL;
        n = snprintf(text, size, "%s,\"status\":\"%s\",\"pid\":%d%s,\"pid\":%d}", head, status, pid,
                tail, (int) ctx->child_pid);
        *ret_size = n > 0 ? (size_t) n : 0;
        return text;
}

int op_send_listener(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0), *state;
        _cleanup_close_ int listener_fd = -EBADF, socket_fd = -EBADF;
        size_t size;
        int r = sync_await_or_stop(ctx, SYNC_LISTENER, err);

        if (r < 0 || ctx->is_stopped)
                return r;
        listener_fd = pidfd_getfd(ctx->child_pidfd, ctx->progress->listener_fd, 0);
        if (listener_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot take the listener");
        state = build_state(ctx, op, &size);
        if (!state)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "%s", path);
        socket_fd = connect_to(path);
        r = socket_fd < 0 ? socket_fd : send_with_descriptor(socket_fd, state, size, listener_fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s (is the agent running?)", path);
        return sync_send(ctx, SYNC_LISTENER_SENT, err);
}
