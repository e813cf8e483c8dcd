/* Telling PID 1 that the clone is the unit's main process now, and that the unit is up. The
 * protocol is that of sd_notify(3): lines of NAME=value in one datagram to $NOTIFY_SOCKET, '@' for
 * the abstract namespace. */
#include "helper/notify.h"

#include "helper/launch.h"
#include "helper/ops.h"
#include "helper/spawn.h"

#include <fcntl.h>
#include <stdio.h>
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

int notify_send(const char *path, const char *text, int passed_fd, pid_t pid)
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

int notify_send_barrier(const char *path)
{
        _cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF;
        int fds[2], r;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        read_fd = fds[0];
        write_fd = fds[1];
        r = notify_send(path, "BARRIER=1", write_fd, 0);
        return r < 0 ? r : TAKE_FD(read_fd);
}

/* Lines for PID 1, after MAINPID if it was not told yet. */
static int tell(Context *ctx, const char *lines, CtrError *err)
{
        char text[512], main_process[32] = "";
        int r;

        if (!ctx->notify_socket)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                        "NOTIFY_SOCKET is not set: not started by a unit of Type=notify");
        if (!ctx->is_main_told)
                (void) snprintf(
                        main_process, sizeof(main_process), "MAINPID=%d\n", (int) ctx->child_pid);
        (void) snprintf(text, sizeof(text), "%s%s", main_process, lines);
        r = notify_send(ctx->notify_socket, text, -EBADF, 0);
        if (r >= 0 && !ctx->is_main_told)
                r = ctx->main_told_fd = notify_send_barrier(ctx->notify_socket);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot notify PID 1");
        ctx->is_main_told = true;
        return 0;
}

int notify_main_process(Context *ctx, CtrError *err)
{
        return ctx->is_main_told ? 0 : tell(ctx, "", err);
}

int notify_ready(Context *ctx, const char *status, CtrError *err)
{
        char lines[440];
        int r;

        (void) snprintf(lines, sizeof(lines), "READY=1\nSTATUS=%.400s\n", status);
        r = tell(ctx, lines, err);
        if (r < 0)
                return r;
        ctx->is_ready_told = true;
        ctx->is_ready_early = !ctx->is_executed && !ctx->has_gate;
        if (ctx->is_ready_early)
                return 0;
        launch_reply_progress(ctx, ctx->is_executed ? LAUNCH_STARTED : LAUNCH_CREATED);
        /* Last: when the payload ends, PID 1 kills what is left in the unit, this process too. */
        spawn_release_clone(ctx);
        return 0;
}

int op_notify_ready(Context *ctx, const ProgramOp *op, CtrError *err)
{
        /* Nobody opens a gate for this invocation, and its payload says when it is ready. */
        if (ctx->was_gate_opened && ctx->is_payload_notifying)
                return 0;
        if (ctx->was_gate_opened && !ctx->is_executed) {
                /* Nobody opens a gate for this invocation: the unit is up when its payload runs. */
                ctx->is_ready_deferred = true;
                return 0;
        }
        return notify_ready(ctx, op_string(ctx, op, 0), err);
}

int op_notify_payload(Context *ctx, const ProgramOp *op, CtrError *err)
{
        int r = notify_main_process(ctx, err);

        if (r < 0)
                return r;
        launch_reply_progress(ctx, LAUNCH_STARTED);
        spawn_release_clone(ctx);
        return 0;
}

int op_pass_watchdog(Context *ctx, const ProgramOp *op, CtrError *err)
{
        ctx->wants_watchdog = true;
        return 0;
}
