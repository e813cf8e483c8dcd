/* The session: of the terminal and of the keys. */
#include "helper/ops.h"

#include "helper/kernel.h"

#include <linux/keyctl.h>

/* Permission bits of keyctl_setperm(3): what a new session keyring has, plus search for the user,
 * so that a process that changed its uid by exec finds its keys. */
#define KEYRING_PERMISSIONS 0x3f1b0000UL

int op_new_session(Context *ctx, const ProgramOp *op, CtrError *err)
{
        if (setsid() < 0 && errno != EPERM)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "setsid");
        return 0;
}

int op_new_keyring(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *name = op_string(ctx, op, 0);
        long key = sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, name, 0);

        /* Kernels without keys, and filters of an outer container that hide them, have none to
         * share. */
        if (key < 0 && (errno == ENOSYS || errno == EPERM))
                return 0;
        if (key < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "%s%s", name,
                        errno == EDQUOT ? " (see /proc/sys/kernel/keys/maxkeys)" : "");
        (void) sys_keyctl(KEYCTL_SETPERM, (void *) (uintptr_t) key, KEYRING_PERMISSIONS);
        return 0;
}
