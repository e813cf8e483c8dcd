/* Security modules: whether one that the configuration relies on is there, and the label that the
 * payload gets with its execve. */
#include "helper/ops.h"

#include "helper/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static const struct {
        const char *name, *title, *path;
        const char *attribute, *field;
        int unknown; /* errno of a label that the policy has not */
        const char *hint;
} modules[] = {
        { "apparmor", "AppArmor", "/sys/kernel/security/apparmor/profiles", "apparmor/exec",
                "process.apparmorProfile", ENOENT,
                "no such profile is loaded: aa-status lists those that are, apparmor_parser loads "
                "one" },
        { "selinux", "SELinux", "/sys/fs/selinux/enforce", "exec", "process.selinuxLabel", EINVAL,
                "the policy knows no such label" },
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

/* An unknown label is told without strerror: podman takes "No such file or directory" for a missing
 * program, and knows a label's error by the quoted path. */
static int label_error(const char *attribute, const char *value, int error, CtrError *err)
{
        for (size_t i = 0; i < ELEMENTSOF(modules); i++)
                if (strcmp(modules[i].attribute, attribute) == 0 && modules[i].unknown == -error)
                        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                                "%s: \"%s\" to `/proc/self/attr/%s`: %s", modules[i].field, value,
                                attribute, modules[i].hint);
        return ctr_error_set(
                err, CTR_ERROR_SYSTEM, error, "%s to `/proc/self/attr/%s`", value, attribute);
}

int op_lsm_label(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *attribute = op_string(ctx, op, 0), *value = op_string(ctx, op, 1);
        char file[96];
        int r;

        (void) snprintf(file, sizeof(file), "attr/%.80s", attribute);
        r = procfs_write_close(procfs_open_self(ctx, file, O_WRONLY), value);
        return r < 0 ? label_error(attribute, value, r, err) : 0;
}
