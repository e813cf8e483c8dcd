/* Messages between ctr-exec and the clone.
 *
 * The socket pair is SOCK_SEQPACKET and close-on-exec: a byte is a SyncMessage, a LaunchReply is
 * the record of a failure, and end of file means that the other side is gone, or, after
 * SYNC_EXECUTING, that the payload runs. So neither side can wait for ever for one that died. */
#include "helper/sync.h"

#include "base/fd-message.h"
#include "helper/launch.h"
#include "helper/ops.h"
#include "helper/spawn.h"

#include <string.h>

static const char *const message_names[_SYNC_MAX] = {
        [SYNC_MAPS_WRITTEN] = "maps-written",
        [SYNC_NAMESPACES_READY] = "namespaces-ready",
        [SYNC_ROOTFS_READY] = "rootfs-ready",
        [SYNC_HOOKS_DONE] = "hooks-done",
        [SYNC_SETUP_DONE] = "setup-done",
        [SYNC_LIMITS_RESTORED] = "limits-restored",
        [SYNC_AT_GATE] = "at-gate",
        [SYNC_PLACED] = "placed",
        [SYNC_GATE_OPENED] = "gate-opened",
        [SYNC_EXECUTING] = "executing",
        [SYNC_STOPPED] = "stopped",
        [SYNC_LISTENER] = "listener",
        [SYNC_LISTENER_SENT] = "listener-sent",
        [SYNC_MAIN_PROCESS] = "main-process",
        [SYNC_MOUNTS_READY] = "mounts-ready",
        [SYNC_MOUNTS_COPIED] = "mounts-copied",
        [SYNC_ADOPTED] = "adopted",
};

const char *sync_message_name(int message)
{
        return message_names[message];
}

int sync_send(Context *ctx, SyncMessage message, CtrError *err)
{
        uint8_t byte = (uint8_t) message;

        /* read(2) and write(2), because the container's filter is loaded by now and may forbid the
         * calls that only sockets have. SIGPIPE is ignored. */
        if (write(ctx->sync_fd, &byte, 1) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot send \"%s\"", message_names[message]);
        return 0;
}

int sync_clone_died(const Context *ctx, CtrError *err)
{
        const ProgramOpInfo *info = program_op_info((ProgramOpcode) ctx->progress->opcode);

        return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                "the set-up process ended unexpectedly during \"%s\" (was it killed?)",
                info ? info->name : "clone");
}

/* As read(2) of the socket; the descriptor that came along is the gate's connection. */
static ssize_t read_with_peer(Context *ctx, void *buf, size_t size)
{
        size_t n_fds;
        int fd;
        ssize_t n = ctr_message_receive(ctx->sync_fd, buf, size, 0, &fd, 1, &n_fds);

        if (n_fds > 0) {
                closep(&ctx->gate_peer_fd);
                ctx->gate_peer_fd = fd;
        }
        return n;
}

static ssize_t read_message(Context *ctx, void *buf, size_t size)
{
        ssize_t n;

        do
                n = read(ctx->sync_fd, buf, size);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
}

void sync_send_peer(Context *ctx, int fd)
{
        uint8_t byte = SYNC_GATE_OPENED;

        (void) ctr_message_send(ctx->sync_fd, &byte, sizeof(byte), &fd, 1);
}

/* As sync_receive(); SYNC_ADOPTED: the clone is another one from here on. */
static int receive_one(Context *ctx, CtrError *err)
{
        union {
                uint8_t byte;
                SyncBirth birth;
                LaunchReply record;
        } buf;
        unsigned was_reset = 0;
        ssize_t n;

        if (ctx->list == PROGRAM_HOST && ctx->birth && !ctx->is_born &&
                birth_await_word(ctx, err) < 0)
                return -ECHILD;
        /* Only ctr-exec is sent descriptors; the clone's filter may not know recvmsg(2). An end
         * that came before all was read is told once, before what it has said until then. */
        do
                n = ctx->list == PROGRAM_HOST ? read_with_peer(ctx, &buf, sizeof(buf))
                                              : read_message(ctx, &buf, sizeof(buf));
        while (n == -ECONNRESET && !was_reset++);
        if (n < 0 && n != -ECONNRESET)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, (int) n, "cannot receive a message");
        if (n <= 0)
                return 0;
        if (n == 1 && buf.byte > 0 && buf.byte < _SYNC_MAX)
                return buf.byte;
        if (n == sizeof(buf.birth) && buf.birth.magic == SYNC_BIRTH_MAGIC &&
                ctx->list == PROGRAM_HOST && ctx->birth && !ctx->is_born) {
                int r = birth_adopt(ctx, buf.birth.pid, err);

                return r < 0 ? r : SYNC_ADOPTED;
        }
        if (n != sizeof(buf.record) || buf.record.kind != LAUNCH_FAILED)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "message of %zd bytes", n);
        buf.record.message[sizeof(buf.record.message) - 1] = '\0';
        ctx->child_failure = buf.record;
        ctx->has_child_failure = true;
        return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "%s", buf.record.message);
}

int sync_receive(Context *ctx, CtrError *err)
{
        int r;

        do
                r = receive_one(ctx, err);
        while (r == SYNC_ADOPTED && ctx->list == PROGRAM_HOST);
        return r;
}

int sync_await_birth(Context *ctx, CtrError *err)
{
        int r;

        if (!ctx->birth || ctx->is_born)
                return 0;
        r = receive_one(ctx, err);
        if (r == 0)
                return sync_clone_died(ctx, err);
        if (r > 0 && r != SYNC_ADOPTED)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "message \"%s\" came first",
                        message_names[r]);
        return r < 0 ? r : 0;
}

int op_send(Context *ctx, const ProgramOp *op, CtrError *err)
{
        if (op->number[0] == 0 || op->number[0] >= SYNC_EXECUTING)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "unknown message");
        if (op->number[0] == SYNC_AT_GATE && spawn_check_gate(ctx, err) < 0)
                return -EMFILE;
        return sync_send(ctx, (SyncMessage) op->number[0], err);
}

int sync_await(Context *ctx, SyncMessage message, CtrError *err)
{
        int r = sync_receive(ctx, err);

        if (r < 0)
                return r;
        if (r == 0)
                return ctx->list == PROGRAM_HOST
                               ? sync_clone_died(ctx, err)
                               : ctr_error_set(err, CTR_ERROR_SYSTEM, EPIPE, "ctr-exec is gone");
        if (r != (int) message)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "message \"%s\" came first",
                        message_names[r]);
        return 0;
}

int sync_await_or_stop(Context *ctx, SyncMessage message, CtrError *err)
{
        int r;

        do
                r = sync_receive(ctx, err);
        while (r == SYNC_GATE_OPENED);
        if (r < 0)
                return r;
        if (r == SYNC_STOPPED) {
                ctx->is_stopped = true;
                return 0;
        }
        if (r == 0)
                return sync_clone_died(ctx, err);
        if (r != (int) message)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "message \"%s\" came first",
                        message_names[r]);
        return 0;
}

int op_await(Context *ctx, const ProgramOp *op, CtrError *err)
{
        int r = op->number[0] < _SYNC_MAX
                        ? sync_await(ctx, (SyncMessage) op->number[0], err)
                        : ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "unknown message");

        if (r >= 0 && op->number[0] == SYNC_AT_GATE && !ctx->has_notify)
                launch_reply_progress(ctx, LAUNCH_CREATED);
        return r;
}
