/* Attributes of the process that execve keeps: resource limits, scheduling, personality, umask. */
#include "helper/ops.h"

#include "helper/kernel.h"
#include "helper/procfs.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/resource.h>

#define IOPRIO_WHO_PROCESS 1 /* of linux/ioprio.h; 0: the caller */

/* The first version of struct sched_attr of sched_setattr(2). */
typedef struct SchedulerAttributes {
        uint32_t size;
        uint32_t policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime_nsec;
        uint64_t deadline_nsec;
        uint64_t period_nsec;
} SchedulerAttributes;

int op_oom_score_adj(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *value = op_string(ctx, op, 0);
        int r = procfs_write_close(procfs_open_self(ctx, "oom_score_adj", O_WRONLY), value);

        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s%s", value,
                        r == -EACCES ? " (lowering it needs CAP_SYS_RESOURCE)" : "");
        return 0;
}

/* In the HOST list: only the hard limit, and only upwards, for the clone to inherit. The privilege
 * to raise it is the host's, which a process in a user namespace has not. */
static void keep_higher(int resource, struct rlimit *limit)
{
        struct rlimit now;

        if (prlimit(0, resource, NULL, &now) < 0)
                return;
        limit->rlim_cur = now.rlim_cur;
        limit->rlim_max = MAX_OF(now.rlim_max, limit->rlim_max);
}

int op_rlimit(Context *ctx, const ProgramOp *op, CtrError *err)
{
        struct rlimit limit = { .rlim_cur = op->number[1], .rlim_max = op->number[2] };

        if (ctx->list == PROGRAM_HOST)
                keep_higher((int) op->number[0], &limit);
        if (prlimit(0, (int) op->number[0], &limit, NULL) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "resource %llu to %llu:%llu%s",
                        (unsigned long long) op->number[0], (unsigned long long) op->number[1],
                        (unsigned long long) op->number[2],
                        errno == EPERM ? " (raising the hard limit needs CAP_SYS_RESOURCE)" : "");
        return 0;
}

/* A container of a thousand mounts needs as many descriptors, and PID 1 and shells give 1024. */
void process_raise_nofile(Context *ctx)
{
        struct rlimit limit;

        if (prlimit(0, RLIMIT_NOFILE, NULL, &limit) < 0 || limit.rlim_cur >= limit.rlim_max)
                return;
        ctx->soft_nofile = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        if (prlimit(0, RLIMIT_NOFILE, &limit, NULL) < 0)
                ctx->soft_nofile = 0;
}

void process_restore_nofile(Context *ctx)
{
        struct rlimit limit;

        if (ctx->soft_nofile == 0 || prlimit(0, RLIMIT_NOFILE, NULL, &limit) < 0)
                return;
        limit.rlim_cur = MIN_OF(ctx->soft_nofile, limit.rlim_max);
        (void) prlimit(0, RLIMIT_NOFILE, &limit, NULL);
        ctx->soft_nofile = 0;
}

/* Whom scheduling is for: in the HOST list the clone, which in a user namespace has not got the
 * privilege. It waits meanwhile. */
static pid_t scheduled_process(const Context *ctx)
{
        return ctx->list == PROGRAM_HOST ? ctx->child_pid : 0;
}

int op_scheduler(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *times = op_string(ctx, op, 0);
        unsigned long long runtime = 0, deadline = 0, period = 0;
        SchedulerAttributes attributes = {
                .size = sizeof(attributes),
                .policy = (uint32_t) op->number[0],
                .flags = op->number[1],
                .nice = (int32_t) (op->number[2] >> 32),
                .priority = (uint32_t) op->number[2],
        };

        if (times && sscanf(times, "%llu %llu %llu", &runtime, &deadline, &period) != 3)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "%s", times);
        attributes.runtime_nsec = runtime;
        attributes.deadline_nsec = deadline;
        attributes.period_nsec = period;
        if (syscall(SYS_sched_setattr, scheduled_process(ctx), &attributes, 0) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "policy %llu",
                        (unsigned long long) op->number[0]);
        return 0;
}

int op_io_priority(Context *ctx, const ProgramOp *op, CtrError *err)
{
        if (sys_ioprio_set(IOPRIO_WHO_PROCESS, scheduled_process(ctx), (int) op->number[0]) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "%#llx", (unsigned long long) op->number[0]);
        return 0;
}

int op_personality(Context *ctx, const ProgramOp *op, CtrError *err)
{
        if (personality((unsigned long) op->number[0]) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "%#llx", (unsigned long long) op->number[0]);
        return 0;
}

int op_umask(Context *ctx, const ProgramOp *op, CtrError *err)
{
        /* Takes effect with the execve: until then modes are exact. */
        ctx->payload_umask = (mode_t) op->number[0] & 0777;
        return 0;
}
