/* Telling PID 1 that the clone is the unit's main process now, and that the unit is up. The
 * protocol is that of sd_notify(3): lines of NAME=value in one datagram to $NOTIFY_SOCKET, '@' for
 * the abstract namespace. */
#include "helper/notify.h"

#include "helper/launch.h"
#include "helper/ops.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int notify_send(const char *path, const char *text)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = -EBADF;
        size_t size = strlen(path);
        socklen_t address_size;

        if (size < 2 || size >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
                return -EINVAL;
        memcpy(address.sun_path, path, size);
        if (path[0] == '@')
                address.sun_path[0] = '\0';
        address_size = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + size +
                                    (path[0] == '@' ? 0 : 1));
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *) &address,
                    address_size) < 0)
                return -errno;
        return 0;
}

int notify_ready(Context *ctx, const char *status, CtrError *err)
{
        char text[512];
        int r;

        if (!ctx->notify_socket)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                        "NOTIFY_SOCKET is not set: not started by a unit of Type=notify");
        (void) snprintf(text, sizeof(text), "MAINPID=%d\nREADY=1\nSTATUS=%.400s\n",
                (int) ctx->child_pid, status);
        r = notify_send(ctx->notify_socket, text);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot notify PID 1");
        launch_reply_progress(ctx, ctx->is_executed ? LAUNCH_STARTED : LAUNCH_CREATED);
        return 0;
}

int op_notify_ready(Context *ctx, const ProgramOp *op, CtrError *err)
{
        if (ctx->was_gate_opened && !ctx->is_executed) {
                /* Nobody opens a gate for this invocation: the unit is up when its payload runs. */
                ctx->is_ready_deferred = true;
                return 0;
        }
        return notify_ready(ctx, op_string(ctx, op, 0), err);
}
