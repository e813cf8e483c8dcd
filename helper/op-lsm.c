/* Security modules: whether one that the configuration relies on is there, and the label that the
 * payload gets with its execve. */
#include "helper/ops.h"

#include "helper/procfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static const struct {
        const char *name, *title, *path;
} modules[] = {
        { "apparmor", "AppArmor", "/sys/kernel/security/apparmor/profiles" },
        { "selinux", "SELinux", "/sys/fs/selinux/enforce" },
};

int op_require_lsm(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *name = op_string(ctx, op, 0), *field = op_string(ctx, op, 1);

        for (size_t i = 0; i < ELEMENTSOF(modules); i++) {
                if (strcmp(modules[i].name, name) != 0)
                        continue;
                if (faccessat(AT_FDCWD, modules[i].path, F_OK, 0) >= 0)
                        return 0;
                return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                        "%s: %s is not enabled on this host", field, modules[i].title);
        }
        return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "%s", name);
}

int op_lsm_label(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *attribute = op_string(ctx, op, 0), *value = op_string(ctx, op, 1);
        char file[96];
        int r;

        (void) snprintf(file, sizeof(file), "attr/%.80s", attribute);
        r = procfs_write_close(procfs_open_self(ctx, file, O_WRONLY), value);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s to /proc/self/%s", value, file);
        return 0;
}
