/* Annotations of other runtimes. Those that stand for a member of the specification were read into
 * it (spec-engine.c). What else can be honoured is here; the rest, asked for, would change what a
 * container may do, so it is refused by name and not ignored. Annotations without a meaning for any
 * runtime stay what the specification calls them: the user's own. */
#include "plan/plan-internal.h"

#include "base/name.h"

#include <string.h>

#define SUB_CGROUP         "run.oci.systemd.subgroup"
#define DELEGATE_CGROUP    "run.oci.delegate-cgroup"
#define HOOKS_STDOUT       "run.oci.hooks.stdout"
#define HOOKS_STDERR       "run.oci.hooks.stderr"
#define PIDFD_RECEIVER     "run.oci.pidfd_receiver"
#define CRIU_CONFIG        "org.criu.config" /* of checkpoints: lib/runtime/criu.c */
#define MOUNT_CONTEXT_TYPE "run.oci.mount_context_type"

enum { SUB_CGROUP_OWNED = 1, COMPONENT_MAX = 255 };

static const struct {
        const char *key;
        const char *harmless; /* a value that asks for nothing; "" always does */
        const char *reason;
} refused[] = {
        { "run.oci.systemd.force_cgroup_v1", "0", "there is only cgroup v2 here" },
        { "run.oci.seccomp.plugins", NULL, "plugins are not loaded into the runtime" },
        { "run.oci.timens_offset", NULL, "use linux.timeOffsets" },
        { "run.oci.handler", NULL, "there are no other handlers than Linux containers" },
};

static const char *const absolute_paths[] = { HOOKS_STDOUT, HOOKS_STDERR, PIDFD_RECEIVER,
        CRIU_CONFIG };
static const char *const cgroup_names[] = { SUB_CGROUP, DELEGATE_CGROUP };
static const char *const context_types[] = { "context", "fscontext", "defcontext", "rootcontext" };

/* "" asks for nothing. */
static const char *find(const Spec *spec, const char *key)
{
        const char *value = spec_find_annotation(spec, key);

        return value && *value ? value : NULL;
}

const char *plan_sub_cgroup(const Spec *spec)
{
        return find(spec, SUB_CGROUP);
}

const char *plan_delegate_cgroup(const Spec *spec)
{
        return find(spec, DELEGATE_CGROUP);
}

const char *plan_pidfd_receiver(const Spec *spec)
{
        return find(spec, PIDFD_RECEIVER);
}

const char *plan_label_option(const Spec *spec)
{
        const char *value = find(spec, MOUNT_CONTEXT_TYPE);

        return value ? value : context_types[0];
}

static int fail(CtrError *err, const char *key, const char *value, const char *expected)
{
        char field[PLAN_FIELD_MAX];

        return ctr_error_field(err, plan_field(field, "annotations[\"%s\"]", key),
                "\"%.64s\" is not %s", value, expected);
}

static int check_refused(const Spec *spec, CtrError *err)
{
        for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
                const char *value = find(spec, refused[i].key);
                char field[PLAN_FIELD_MAX];

                if (!value || (refused[i].harmless && strcmp(value, refused[i].harmless) == 0))
                        continue;
                return plan_unsupported(err,
                        plan_field(field, "annotations[\"%s\"]", refused[i].key),
                        "this annotation is not supported: %s", refused[i].reason);
        }
        return 0;
}

/* One component that the kernel does not use for files of its own: those have a dot after the name
 * of a controller, or begin with "cgroup.". */
static bool is_cgroup_name(const char *name)
{
        return ctr_cgroup_path_is_valid(name) && !strpbrk(name, "/.") &&
               strlen(name) <= COMPONENT_MAX;
}

static int check_cgroups(const Spec *spec, PlanMode mode, CtrError *err)
{
        const char *delegate = plan_delegate_cgroup(spec);

        for (size_t i = 0; i < ELEMENTSOF(cgroup_names); i++) {
                const char *value = find(spec, cgroup_names[i]);

                if (!value)
                        continue;
                if (!is_cgroup_name(value))
                        return fail(err, cgroup_names[i], value,
                                "the name of one cgroup, without slashes and dots");
                if (mode == PLAN_CGROUPFS || mode == PLAN_UNPLACED)
                        return fail(err, cgroup_names[i], value,
                                "possible without systemd's cgroup manager");
        }
        if (delegate && !plan_sub_cgroup(spec))
                return fail(err, DELEGATE_CGROUP, delegate, "of use without " SUB_CGROUP);
        return 0;
}

int plan_check_engine_annotations(const Spec *spec, PlanMode mode, CtrError *err)
{
        const char *type = plan_label_option(spec);
        int r = check_refused(spec, err);

        if (r >= 0)
                r = check_cgroups(spec, mode, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(absolute_paths); i++) {
                const char *value = find(spec, absolute_paths[i]);

                if (value && value[0] != '/')
                        return fail(err, absolute_paths[i], value, "an absolute path");
        }
        for (size_t i = 0; i < ELEMENTSOF(context_types); i++)
                if (strcmp(context_types[i], type) == 0)
                        return 0;
        return fail(err, MOUNT_CONTEXT_TYPE, type,
                "\"context\", \"fscontext\", \"defcontext\" or \"rootcontext\"");
}

void plan_add_hook_output(Plan *p)
{
        const char *output = find(p->spec, HOOKS_STDOUT), *error = find(p->spec, HOOKS_STDERR);
        ProgramBuilder *b = &p->program;

        if ((output || error) && plan_has_any_hook(p->spec))
                program_add(b, STAGE_PREPARE,
                        (ProgramOp){ .opcode = PROGRAM_OP_HOOK_OUTPUT,
                                .string = { program_add_string(b, output),
                                        program_add_string(b, error) } });
}

static void add_cgroup(Plan *p, const char *name, uint64_t flags, uint32_t uid, uint32_t gid)
{
        ProgramBuilder *b = &p->program;

        if (name)
                program_add(b, STAGE_ATTEND,
                        (ProgramOp){ .opcode = PROGRAM_OP_SUB_CGROUP,
                                .number = { flags, uid, gid },
                                .string = { program_add_string(b, name) } });
}

void plan_add_sub_cgroup(Plan *p)
{
        add_cgroup(p, plan_sub_cgroup(p->spec), 0, 0, 0);
}

/* The host's id of the container's root. */
static uint32_t root_of(const SpecIdMappings *map)
{
        for (size_t i = 0; i < map->n; i++)
                if (map->items[i].container_id == 0)
                        return map->items[i].host_id;
        return 0;
}

/* Once the cgroup namespace is made, in which the one above is the root. */
void plan_add_delegate_cgroup(Plan *p)
{
        const SpecLinux *l = &p->spec->linux_;

        add_cgroup(p, plan_delegate_cgroup(p->spec), SUB_CGROUP_OWNED, root_of(&l->uid_mappings),
                root_of(&l->gid_mappings));
}
