/* Telling PID 1 that the clone is the unit's main process now, and that the unit is up:
 * sd_notify(3). */
#include "helper/notify.h"

#include "base/notify-socket.h"
#include "helper/launch.h"
#include "helper/ops.h"
#include "helper/hand-over.h"

#include <stdio.h>

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
        r = notify_socket_send(ctx->notify_socket, text, -EBADF, 0);
        if (r >= 0 && !ctx->is_main_told)
                r = ctx->main_told_fd = notify_socket_send_barrier(ctx->notify_socket);
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
        hand_over_release(ctx);
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
        hand_over_release(ctx);
        return 0;
}

int op_pass_watchdog(Context *ctx, const ProgramOp *op, CtrError *err)
{
        ctx->wants_watchdog = true;
        return 0;
}
