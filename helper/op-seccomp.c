/* System call filters, compiled by plan, and the flag that makes them safe without privileges. */
#include "helper/ops.h"

#include "helper/kernel.h"

#include <linux/filter.h>
#include <sys/prctl.h>

int op_no_new_privileges(Context *ctx, const ProgramOp *op, CtrError *err)
{
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "PR_SET_NO_NEW_PRIVS");
        return 0;
}

int op_seccomp(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *bytes = program_string(&ctx->program, op->data[0]);
        size_t n = op->data[0].size / sizeof(struct sock_filter);
        struct sock_fprog filter = {
                .len = (unsigned short) n,
                .filter = (struct sock_filter *) (uintptr_t) bytes,
        };

        if (op_string(ctx, op, 0))
                return ctr_error_set(
                        err, CTR_ERROR_UNSUPPORTED, 0, "a listener is not supported by this build");
        if (n == 0 || n > BPF_MAXINSNS || op->data[0].size % sizeof(struct sock_filter) != 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, EINVAL, "filter of %u bytes", op->data[0].size);
        if (sys_seccomp(SECCOMP_SET_MODE_FILTER, (unsigned) op->number[0], &filter) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "filter of %zu instructions", n);
        return 0;
}
