/* Where the process runs and where its memory comes from: processors, memory nodes, and the
 * resource director's groups. Masks are laid out by plan; the kernel takes them as they are. */
#include "helper/ops.h"

#include "helper/kernel.h"

#include <sched.h>
#include <string.h>

/* Bits of an unsigned long, which set_mempolicy(2) counts in. */
#define BITS_PER_BYTE 8

/* More processors than a kernel can be built for; it takes as many bits as it knows. */
#define EVERY_CPU_BYTES 2048

int op_cpu_affinity(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *mask = program_string(&ctx->program, op->data[0]);
        unsigned char every[EVERY_CPU_BYTES];

        /* Best effort: who may not choose stays where the caller was. */
        if (!mask) {
                memset(every, 0xff, sizeof(every));
                (void) sched_setaffinity(
                        0, sizeof(every), (const cpu_set_t *) (const void *) every);
                return 0;
        }
        if (sched_setaffinity(0, op->data[0].size, (const cpu_set_t *) (const void *) mask) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "processors %s%s",
                        op_string(ctx, op, 0),
                        errno == EINVAL ? " (is one of them here, and in the cpuset?)" : "");
        return 0;
}

int op_memory_policy(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *mask = program_string(&ctx->program, op->data[0]);
        const char *nodes = op_string(ctx, op, 0);
        unsigned long n_bits = mask ? op->data[0].size * BITS_PER_BYTE + 1 : 0;

        if (syscall(SYS_set_mempolicy, (long) op->number[0], mask, n_bits) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "mode %#llx, nodes %s%s",
                        (unsigned long long) op->number[0], nodes ? nodes : "none",
                        errno == EINVAL ? " (does this kernel know the mode, is a node here?)"
                                        : "");
        return 0;
}
