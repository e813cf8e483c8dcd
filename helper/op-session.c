/* The session: of the terminal and of the keys.
 *
 * With StandardInput=tty PID 1 starts ctr-exec as leader of a session whose terminal is its
 * standard input. It would take the terminal away from the payload when it ends, so it gives it up
 * while nobody else is in its session, and the clone takes it for its own. */
#include "helper/ops.h"

#include "helper/kernel.h"

#include <linux/keyctl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

/* Permission bits of keyctl_setperm(3): what a new session keyring has, plus search for the user,
 * so that a process that changed its uid by exec finds its keys. */
#define KEYRING_PERMISSIONS 0x3f1b0000UL

int session_leave_terminal(Context *ctx, CtrError *err)
{
        int r;

        if (tcgetsid(STDIN_FILENO) != getpid())
                return 0;
        /* The kernel tells everybody in the session, that is us. */
        (void) signal(SIGHUP, SIG_IGN);
        r = ioctl(STDIN_FILENO, TIOCNOTTY) < 0 ? -errno : 0;
        (void) signal(SIGHUP, SIG_DFL);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot give up the terminal");
        ctx->has_terminal = true;
        return 0;
}

int op_new_session(Context *ctx, const ProgramOp *op, CtrError *err)
{
        /* The one that takes this one's place has a session of its own. */
        if (ctx->birth)
                return 0;
        if (setsid() < 0 && errno != EPERM)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "setsid");
        if (ctx->has_terminal && ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno,
                        "cannot take the terminal of StandardInput=tty");
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
