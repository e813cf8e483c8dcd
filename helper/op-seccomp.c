/* System call filters, compiled by plan, and the flag that makes them safe without privileges. */
#include "helper/ops.h"

#include "helper/kernel.h"
#include "helper/sync.h"

#include <linux/filter.h>
#include <sys/prctl.h>

/* Linux 5.19. */
#define FLAG_WAIT_KILLABLE_RECV (1U << 5)

int op_no_new_privileges(Context *ctx, const ProgramOp *op, CtrError *err)
{
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "PR_SET_NO_NEW_PRIVS");
        return 0;
}

/* The agent has the listener before this process goes on: what it does next may wait for the agent.
 * Nothing but write(2) and read(2) is used, which no filter may notify about (plan). */
static int hand_over_listener(Context *ctx, int fd, CtrError *err)
{
        int r;

        ctx->progress->listener_fd = fd;
        r = sync_send(ctx, SYNC_LISTENER, err);
        if (r >= 0)
                r = sync_await(ctx, SYNC_LISTENER_SENT, err);
        return r;
}

/* 0, the listener, or -errno. */
static int load(const Context *ctx, const ProgramOp *op, unsigned flags)
{
        const char *bytes = program_string(&ctx->program, op->data[0]);
        size_t n = op->data[0].size / sizeof(struct sock_filter);
        struct sock_fprog filter = {
                .len = (unsigned short) n,
                .filter = (struct sock_filter *) (uintptr_t) bytes,
        };
        int fd;

        if (n == 0 || n > BPF_MAXINSNS || op->data[0].size % sizeof(struct sock_filter) != 0)
                return -EINVAL;
        fd = sys_seccomp(SECCOMP_SET_MODE_FILTER, flags, &filter);
        return fd < 0 ? -errno : fd;
}

int op_seccomp(Context *ctx, const ProgramOp *op, CtrError *err)
{
        bool has_listener = op_string(ctx, op, 0) != NULL;
        int fd = load(ctx, op,
                (unsigned) op->number[0] | (has_listener ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0));

        if (fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, fd, "filter of %u bytes", op->data[0].size);
        /* Closed by the execve: close(2) itself may be one of the calls to wait for. */
        return has_listener ? hand_over_listener(ctx, fd, err) : 0;
}

int hook_load_filter(const Context *ctx, const ProgramOp *op)
{
        /* Flags that the kernel takes with a listener only. */
        unsigned flags = (unsigned) op->number[0] & ~FLAG_WAIT_KILLABLE_RECV;
        int r = load(ctx, op, flags);

        if (r >= 0)
                return 0;
        errno = -r;
        return -1;
}
