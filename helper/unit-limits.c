/* Limits of the unit's cgroup, taken back for the set-up: see unit-limits.h. */
#include "helper/unit-limits.h"

#include "base/io.h"
#include "helper/cgroup.h"
#include "helper/ops.h"
#include "plan/state-files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define UNLIMITED "max"

static int raise_one(int fd, const char *file, char value[static 24], CtrError *err)
{
        int r = cgroup_read(fd, file, value, 24);

        if (r == -ENOENT) {
                value[0] = '\0';
                return 0;
        }
        if (r >= 0 && strcmp(value, UNLIMITED) != 0)
                r = ctr_write_value(fd, file, UNLIMITED);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot raise %s", file);
        return 0;
}

int limits_raise(SavedLimits *limits, CtrError *err)
{
        _cleanup_close_ int fd = cgroup_open_own();
        int r;

        if (fd == -ENOENT)
                return 0;
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, fd, "own cgroup");
        r = raise_one(fd, "pids.max", limits->pids_max, err);
        if (r >= 0)
                r = raise_one(fd, "memory.max", limits->memory_max, err);
        return r;
}

static int restore_one(int fd, const char *file, const char *value, CtrError *err)
{
        char now[24];
        int r;

        if (!value[0] || strcmp(value, UNLIMITED) == 0)
                return 0;
        r = cgroup_read(fd, file, now, sizeof(now));
        if (r >= 0 && strcmp(now, UNLIMITED) == 0)
                r = ctr_write_value(fd, file, value);
        if (r < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, r, "cannot restore %s to %s", file, value);
        return 0;
}

int limits_restore(const SavedLimits *limits, CtrError *err)
{
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!limits->pids_max[0] && !limits->memory_max[0])
                return 0;
        fd = cgroup_open_own();
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, fd, "own cgroup");
        r = restore_one(fd, "memory.max", limits->memory_max, err);
        if (r >= 0)
                r = restore_one(fd, "pids.max", limits->pids_max, err);
        return r;
}

int limits_save(const SavedLimits *limits, int state_fd, const char *invocation_id, CtrError *err)
{
        char text[128];
        int n, r;

        if (!limits->pids_max[0] && !limits->memory_max[0])
                return 0;
        n = snprintf(text, sizeof(text), "%s %s %.48s\n",
                limits->pids_max[0] ? limits->pids_max : UNLIMITED,
                limits->memory_max[0] ? limits->memory_max : UNLIMITED, invocation_id);
        r = ctr_write_file_atomic(state_fd, STATE_FILE_LIMITS, text, (size_t) n, 0600);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot save limits");
        return 0;
}

int limits_take(SavedLimits *limits, int state_fd, const char *invocation_id)
{
        _cleanup_close_ int fd =
                openat(state_fd, STATE_FILE_LIMITS, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        char text[128], invocation[49];
        SavedLimits saved = { 0 };
        ssize_t n;

        if (fd < 0)
                return -errno;
        (void) unlinkat(state_fd, STATE_FILE_LIMITS, 0);
        n = read(fd, text, sizeof(text) - 1);
        if (n < 0)
                return -errno;
        text[n] = '\0';
        if (sscanf(text, "%23s %23s %48s", saved.pids_max, saved.memory_max, invocation) != 3)
                return -EBADMSG;
        /* Left over from a start that failed: the cgroup is another one now. */
        if (strcmp(invocation, invocation_id) != 0)
                return -ENOENT;
        *limits = saved;
        return 0;
}

int op_raise_limits(Context *ctx, const ProgramOp *op, CtrError *err)
{
        SavedLimits prepared;
        int r;

        r = limits_raise(&ctx->limits, err);
        if (r < 0)
                return r;
        /* What `prepare` found counts where it has raised the limit already. */
        if (ctx->state_fd < 0 || limits_take(&prepared, ctx->state_fd, ctx->invocation_id) < 0)
                return 0;
        if (strcmp(ctx->limits.pids_max, UNLIMITED) == 0)
                memcpy(ctx->limits.pids_max, prepared.pids_max, sizeof(prepared.pids_max));
        if (strcmp(ctx->limits.memory_max, UNLIMITED) == 0)
                memcpy(ctx->limits.memory_max, prepared.memory_max, sizeof(prepared.memory_max));
        return 0;
}

int op_restore_limits(Context *ctx, const ProgramOp *op, CtrError *err)
{
        return limits_restore(&ctx->limits, err);
}
