/* Annotations that other runtimes act on and this one does not: asked for, they would change what a
 * container may do, so they are refused by name and not ignored. Those without a meaning for any
 * runtime stay what the specification calls them: the user's own. */
#include "plan/plan-internal.h"

#include <string.h>

static const struct {
        const char *key;
        const char *harmless; /* a value that asks for nothing; "" always does */
        const char *reason;
} refused[] = {
        { "run.oci.systemd.force_cgroup_v1", "0", "there is only cgroup v2 here" },
        { "run.oci.systemd.subgroup", NULL,
                "the container's processes are in the cgroup of its unit itself" },
        { "run.oci.delegate-cgroup", NULL,
                "the container's processes are in the cgroup of its unit itself" },
        { "run.oci.seccomp.receiver", NULL, "use linux.seccomp.listenerPath" },
        { "run.oci.seccomp.plugins", NULL, "plugins are not loaded into the runtime" },
        { "run.oci.seccomp_bpf_data", NULL, "write the filter as linux.seccomp" },
        { "run.oci.seccomp_fail_unknown_syscall", "0",
                "system calls that libseccomp does not know are left out" },
        { "run.oci.keep_original_groups", "0", "name the groups in process.user.additionalGids" },
        { "run.oci.pidfd_receiver", NULL, "is not implemented" },
        { "run.oci.hooks.stdout", NULL, "the output of hooks is in the journal of the unit" },
        { "run.oci.hooks.stderr", NULL, "the output of hooks is in the journal of the unit" },
        { "run.oci.mount_context_type", NULL, "is not implemented" },
        { "run.oci.handler", NULL, "there are no other handlers than Linux containers" },
        { "org.criu.config", NULL, "checkpoints are not implemented" },
};

int plan_check_engine_annotations(const Spec *spec, CtrError *err)
{
        for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
                const char *value = spec_find_annotation(spec, refused[i].key);
                char field[PLAN_FIELD_MAX];

                if (!value || *value == '\0' ||
                        (refused[i].harmless && strcmp(value, refused[i].harmless) == 0))
                        continue;
                return plan_unsupported(err,
                        plan_field(field, "annotations[\"%s\"]", refused[i].key),
                        "this annotation is not supported: %s", refused[i].reason);
        }
        return 0;
}
