/* The INSIDE stage: what needs the new root. Read-only and masked paths come before the working
 * directory is entered, so that it can never be a directory below a mask; the root turns read-only
 * after a missing working directory was made. */
#include "plan/plan-internal.h"
#include "plan/program-exec.h"
#include "plan/plan-sysctl.h"

#include <sched.h>
#include <string.h>

#ifndef MS_REC
#define MS_UNBINDABLE (1 << 17)
#define MS_PRIVATE    (1 << 18)
#define MS_SLAVE      (1 << 19)
#define MS_SHARED     (1 << 20)
#endif

enum { CHDIR_MAKE = 1, PROPAGATION_TREE = 1 };

static const uint64_t propagation_flags[_SPEC_PROPAGATION_MAX] = {
        [SPEC_PROPAGATION_SHARED] = MS_SHARED,
        [SPEC_PROPAGATION_SLAVE] = MS_SLAVE,
        [SPEC_PROPAGATION_PRIVATE] = MS_PRIVATE,
        [SPEC_PROPAGATION_UNBINDABLE] = MS_UNBINDABLE,
};

static int add_sysctls(Plan *p)
{
        const SpecKeyValues *sysctl = &p->spec->linux_.sysctl;
        ProgramBuilder *b = &p->program;

        for (size_t i = 0; i < sysctl->n; i++) {
                char field[PLAN_FIELD_MAX], path[SYSCTL_PATH_MAX];
                uint64_t namespace;

                (void) plan_field(field, "linux.sysctl[\"%s\"]", sysctl->items[i].key);
                if (sysctl_to_path(sysctl->items[i].key, path) < 0)
                        return ctr_error_field(p->err, field, "is not the name of a setting");
                namespace = sysctl_namespace(path);
                if (namespace == 0)
                        return ctr_error_field(p->err, field,
                                "is a setting of the whole host, not of a namespace");
                if (!((p->namespaces_new | p->namespaces_joined) & namespace))
                        return ctr_error_field(p->err, field,
                                "needs a namespace of the container's own for it in "
                                "linux.namespaces");
                if (strcmp(path, "kernel/hostname") == 0 && p->spec->hostname)
                        return ctr_error_field(p->err, field, "contradicts \"hostname\"");
                program_add(b, STAGE_INSIDE,
                        (ProgramOp){ .opcode = PROGRAM_OP_SYSCTL,
                                .string = { program_add_string(b, path),
                                        program_add_string(b, sysctl->items[i].value) } });
        }
        return 0;
}

static int add_paths(Plan *p, const SpecStrv *paths, const char *name, ProgramOpcode opcode)
{
        ProgramBuilder *b = &p->program;

        for (size_t i = 0; i < paths->n; i++) {
                char field[PLAN_FIELD_MAX];
                _cleanup_free_ char *clean = plan_path_clean("/", paths->items[i]);

                if (!clean)
                        return plan_no_memory(p->err);
                if (paths->items[i][0] != '/' || strcmp(clean, "/") == 0)
                        return ctr_error_field(p->err, plan_field(field, "linux.%s[%zu]", name, i),
                                "\"%s\" is not an absolute path below /", paths->items[i]);
                program_add(b, STAGE_INSIDE,
                        (ProgramOp){ .opcode = (uint16_t) opcode,
                                .string = { program_add_string(b, clean) } });
        }
        return 0;
}

/* The payload's capabilities are those of its user namespace, and mounts that a namespace made
 * itself are its own to change. Without one a payload with CAP_SYS_ADMIN is the host's root. */
bool plan_locks_mounts(const Plan *p)
{
        return p->has_user_namespace && (p->namespaces_new & CLONE_NEWNS);
}

/* What propagates out of a mount is no part of the lock and would be changed by it, the working
 * directory would be lost: both come after it. */
static void add_lock(Plan *p)
{
        ProgramBuilder *b = &p->program;

        if (!plan_locks_mounts(p))
                return;
        program_add(b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_LOCK_MOUNTS });
        program_add(b, STAGE_INSIDE, (ProgramOp){ .opcode = PROGRAM_OP_LOCK_MOUNTS });
        program_add_deferred(b, PROGRAM_DEFER_LOCKED, STAGE_INSIDE);
        program_add(b, STAGE_INSIDE,
                (ProgramOp){ .opcode = PROGRAM_OP_CHDIR,
                        .number = { PROGRAM_CHDIR_TRY },
                        .string = { program_add_string(b, p->spec->process.cwd) } });
}

int plan_add_inside(Plan *p)
{
        const SpecLinux *l = &p->spec->linux_;
        ProgramBuilder *b = &p->program;
        int r;

        r = add_sysctls(p);
        if (r >= 0)
                r = add_paths(p, &l->readonly_paths, "readonlyPaths", PROGRAM_OP_READONLY);
        if (r >= 0)
                r = add_paths(p, &l->masked_paths, "maskedPaths", PROGRAM_OP_MASK);
        if (r < 0)
                return r;

        program_add(b, STAGE_INSIDE,
                (ProgramOp){ .opcode = PROGRAM_OP_CHDIR,
                        .number = { (plan_has_joined_root(p->spec) ? 0 : CHDIR_MAKE) |
                                    PROGRAM_CHDIR_TRY },
                        .string = { program_add_string(b, p->spec->process.cwd) } });
        if (p->spec->root.is_readonly)
                program_add(b, STAGE_INSIDE, (ProgramOp){ .opcode = PROGRAM_OP_ROOT_READONLY });
        add_lock(p);
        if (l->rootfs_propagation != SPEC_PROPAGATION_UNSET)
                program_add(b, STAGE_INSIDE,
                        (ProgramOp){ .opcode = PROGRAM_OP_ROOT_PROPAGATION,
                                .number = { propagation_flags[l->rootfs_propagation],
                                        l->is_rootfs_propagation_recursive ? PROPAGATION_TREE
                                                                           : 0 } });
        return 0;
}
