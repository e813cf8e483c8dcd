/* A mount namespace that exists already: the container's root is that namespace's own, as it is for
 * a process of exec. Nothing is mounted and no root is changed, because each mount and a
 * pivot_root(2) would be that of all who are in it, would stay behind when the container ends, and
 * a chroot(2) instead would be no boundary. So a member of config.json that means a mount, or a
 * change of one, is refused by name and never ignored. So are createContainer hooks, programs of
 * the host that would be run where others say what lies under their path. ctr-exec refuses the
 * host's own namespace when it sees it. */
#include "plan/plan-internal.h"

#include <sched.h>
#include <string.h>

bool plan_has_joined_root(const Spec *spec)
{
        const SpecNamespace *mount = spec_find_namespace(spec, SPEC_NS_MOUNT);

        return mount && mount->path;
}

int plan_check_joined_root(const Spec *spec, CtrError *err)
{
        const SpecNamespace *user = spec_find_namespace(spec, SPEC_NS_USER);
        const SpecLinux *l = &spec->linux_;
        const struct {
                bool is_asked;
                const char *field;
        } mounting[] = {
                { spec->root.is_readonly, "root.readonly" },
                { spec->n_mounts > 0, "mounts" },
                { l->n_devices > 0, "linux.devices" },
                { l->masked_paths.n > 0, "linux.maskedPaths" },
                { l->readonly_paths.n > 0, "linux.readonlyPaths" },
                { l->mount_label && *l->mount_label, "linux.mountLabel" },
                { l->rootfs_propagation != SPEC_PROPAGATION_UNSET, "linux.rootfsPropagation" },
                { spec_find_annotation(spec, "org.ctrunit.rootfs") != NULL,
                        "annotations[\"org.ctrunit.rootfs\"]" },
                { spec_find_annotation(spec, "org.ctrunit.credentials") != NULL,
                        "annotations[\"org.ctrunit.credentials\"]" },
        };

        if (!plan_has_joined_root(spec))
                return 0;
        if (strcmp(spec->root.path, "/") != 0)
                return plan_unsupported(err, "root.path",
                        "must be \"/\" with a joined mount namespace: its root is the container's");
        for (size_t i = 0; i < ELEMENTSOF(mounting); i++)
                if (mounting[i].is_asked)
                        return plan_unsupported(err, mounting[i].field,
                                "cannot be with a joined mount namespace: it would change the "
                                "mounts of all who are in it");
        /* It would be looked up, and its libraries, among files of those who are in there. */
        if (plan_has_hooks(spec, SPEC_HOOK_CREATE_CONTAINER))
                return plan_unsupported(err, "hooks.createContainer",
                        "cannot be with a joined mount namespace, where there are no programs of "
                        "the host");
        if (user && !user->path)
                return plan_unsupported(err, "linux.namespaces",
                        "a new user namespace has no rights in a joined mount namespace: join the "
                        "user namespace that owns it");
        return 0;
}

int plan_add_joined_root(Plan *p)
{
        const SpecNamespace *ns = spec_find_namespace(p->spec, SPEC_NS_MOUNT);
        ProgramBuilder *b = &p->program;
        uint64_t slot = program_add_slot(b);

        if (p->notify != PLAN_NOTIFY_NONE)
                return plan_unsupported(p->err, "linux.namespaces",
                        "a payload in a joined mount namespace cannot notify: its socket would be "
                        "a mount");
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_NAMESPACE,
                        .number = { slot, CLONE_NEWNS },
                        .string = { program_add_string(b, ns->path) } });
        /* By the child itself, last of all namespaces: never may ctr-exec resolve a path in what
         * others have mounted. */
        program_add(b, STAGE_NAMESPACE,
                (ProgramOp){
                        .opcode = PROGRAM_OP_JOIN_NAMESPACE, .number = { slot, CLONE_NEWNS } });
        plan_add_console(p, &p->spec->process, STAGE_NAMESPACE, false);
        return 0;
}
