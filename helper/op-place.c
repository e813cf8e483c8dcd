/* A container of an engine: its caller makes the cgroup and moves the clone there, between two
 * messages on the launch socket. */
#include "helper/ops.h"

#include "helper/launch.h"

#include <poll.h>
#include <string.h>

int op_request_cgroup(Context *ctx, const ProgramOp *op, CtrError *err)
{
        if (ctx->launch_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "nobody is there to make a cgroup");
        launch_reply_progress(ctx, LAUNCH_CLONED);
        return 0;
}

/* A clone that fails meanwhile is noticed by who waits for its next message: the caller's answer is
 * the nearer event, and comes in any case. */
int op_await_cgroup(Context *ctx, const ProgramOp *op, CtrError *err)
{
        return launch_await_placed(ctx, err);
}
