/* Containers that engines start: the process is the caller's child, and its cgroup is a scope unit,
 * a directory of the cgroup tree, or none. What differs from a service is here: the name, the
 * properties, and the point of the program where the child has to be in its cgroup. */
#include "plan/plan-internal.h"

#include "base/name.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_PREFIX "ctr"
#define DEFAULT_SLICE  "system.slice"

static const uint64_t timeout_stop_usec = 10 * UINT64_C(1000000);

static int refuse_path(const char *path, CtrError *err)
{
        return ctr_error_field(err, "linux.cgroupsPath",
                "\"%s\" is not of the form \"SLICE:PREFIX:NAME\", which a systemd cgroup has",
                path);
}

/* Characters of a unit name; '+' is written as systemd escapes it. */
static int append_name(char *buf, size_t size, size_t *used, const char *s, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                bool is_plain = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
                                (s[i] >= '0' && s[i] <= '9') || strchr("_.-@", s[i]);

                if ((!is_plain && s[i] != '+') || *used + (is_plain ? 1 : 4) >= size)
                        return -EINVAL;
                if (s[i] == '+') {
                        memcpy(buf + *used, "\\x2b", 4);
                        *used += 4;
                } else
                        buf[(*used)++] = s[i];
        }
        buf[*used] = '\0';
        return 0;
}

/* "PREFIX-NAME.scope", without a prefix "NAME.scope". */
static int make_scope_name(char unit[static CTR_UNIT_NAME_MAX], const char *prefix,
        size_t prefix_size, const char *name)
{
        size_t used = 0, room = CTR_UNIT_NAME_MAX - sizeof(".scope") + 1;
        int r;

        r = append_name(unit, room, &used, prefix, prefix_size);
        if (r >= 0 && prefix_size > 0)
                r = append_name(unit, room, &used, "-", 1);
        if (r >= 0)
                r = append_name(unit, room, &used, name, strlen(name));
        if (r < 0 || unit[0] == '.')
                return -EINVAL;
        memcpy(unit + used, ".scope", sizeof(".scope"));
        return 0;
}

int plan_scope_name(const Spec *spec, const char *id, char unit[static CTR_UNIT_NAME_MAX],
        char slice[static CTR_UNIT_NAME_MAX], CtrError *err)
{
        const char *path = spec->linux_.cgroups_path, *prefix, *name;
        size_t n;

        (void) snprintf(slice, CTR_UNIT_NAME_MAX, "%s", DEFAULT_SLICE);
        if (!path || *path == '\0') {
                if (make_scope_name(unit, DEFAULT_PREFIX, strlen(DEFAULT_PREFIX), id) < 0)
                        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                                "\"%s\" cannot be the name of a scope", id);
                return 0;
        }
        prefix = strchr(path, ':');
        name = prefix ? strchr(prefix + 1, ':') : NULL;
        if (!name || name[1] == '\0' || strchr(name + 1, ':'))
                return refuse_path(path, err);
        n = strlen(name);
        /* What runc would make of it PID 1 refuses: processes cannot be put into a slice. */
        if (n > 6 && strcmp(name + n - 6, ".slice") == 0)
                return plan_unsupported(err, "linux.cgroupsPath",
                        "a container cannot be a slice, in which systemd has no processes: "
                        "\"%s\" must end in a name without \".slice\"",
                        path);
        if (prefix > path)
                (void) snprintf(slice, CTR_UNIT_NAME_MAX, "%.*s%s", (int) (prefix - path), path,
                        prefix - path == 1 && *path == '-' ? ".slice" : "");
        if (!ctr_slice_is_valid(slice) ||
                make_scope_name(unit, prefix + 1, (size_t) (name - prefix) - 1, name + 1) < 0)
                return refuse_path(path, err);
        return 0;
}

int plan_state_url(const char *directory, char url[static PLAN_STATE_URL_MAX])
{
        static const char hex[] = "0123456789abcdef";
        size_t used = (size_t) snprintf(url, PLAN_STATE_URL_MAX, "file:");

        for (const char *p = directory; *p; p++) {
                unsigned char u = (unsigned char) *p;
                bool is_plain = (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') ||
                                (u >= '0' && u <= '9') || (u < 0x80 && strchr("/_.+-", u));

                if (used + 4 > PLAN_STATE_URL_MAX)
                        return -ENAMETOOLONG;
                if (is_plain) {
                        url[used++] = (char) u;
                        continue;
                }
                url[used++] = '%';
                url[used++] = hex[u >> 4];
                url[used++] = hex[u & 15];
        }
        url[used] = '\0';
        return 0;
}

/* The scope's name is the engine's choice: by this entry `delete -f` finds it when all state is
 * lost. */
static int document_state(const PlanContext *ctx, PropertyList *list)
{
        char url[PLAN_STATE_URL_MAX];
        int r = plan_state_url(ctx->state_dir, url);

        return r < 0 ? 0 : property_add_string(list, PROPERTY_DOCUMENTATION, url);
}

/* Only what a scope takes: it has no commands, no journal stream, no notifications. */
int plan_fill_scope(const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err)
{
        static const struct {
                PropertyId id;
                const char *text; /* NULL: number */
                uint64_t number;
        } fixed[] = {
                { PROPERTY_DOCUMENTATION, "man:ctr-runtime(8)", 0 },
                /* Whoever waits for the process has seen its end: nobody comes to look. */
                { PROPERTY_COLLECT_MODE, "inactive-or-failed", 0 },
                /* The engine stops its containers at shutdown, in its own way. */
                { PROPERTY_DEFAULT_DEPENDENCIES, NULL, false },
                { PROPERTY_OOM_POLICY, "continue", 0 },
                { PROPERTY_TIMEOUT_STOP, NULL, timeout_stop_usec },
                { PROPERTY_DELEGATE, NULL, true },
                { PROPERTY_CPU_ACCOUNTING, NULL, true },
                { PROPERTY_IO_ACCOUNTING, NULL, true },
                { PROPERTY_MEMORY_ACCOUNTING, NULL, true },
                { PROPERTY_TASKS_ACCOUNTING, NULL, true },
        };
        char unit[CTR_UNIT_NAME_MAX], slice[CTR_UNIT_NAME_MAX], text[CTR_ID_MAX + 16];
        int r = 0;

        if (ctx->mode == PLAN_SCOPE) {
                r = plan_scope_name(spec, ctx->id, unit, slice, err);
                if (r < 0)
                        return r;
                r = property_set_string(list, PROPERTY_SLICE, slice);
        }
        (void) snprintf(text, sizeof(text), "Container %s", ctx->id);
        if (r >= 0)
                r = property_set_string(list, PROPERTY_DESCRIPTION, text);
        for (size_t i = 0; i < ELEMENTSOF(fixed) && r >= 0; i++)
                r = fixed[i].text ? property_set_string(list, fixed[i].id, fixed[i].text)
                                  : property_set_number(list, fixed[i].id, fixed[i].number);
        if (r >= 0 && ctx->mode == PLAN_SCOPE)
                r = document_state(ctx, list);
        return r < 0 ? plan_no_memory(err) : 0;
}

void plan_add_placement_request(Plan *p)
{
        program_add(&p->program, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_REQUEST_CGROUP });
}

/* The last of "ro" and "rw" counts. Without either a service's is read-only. */
static bool is_writable_cgroup(const Plan *p, const SpecMount *m)
{
        bool is_writable = p->ctx->mode != PLAN_SERVICE;

        if (!m->type || (strcmp(m->type, "cgroup") != 0 && strcmp(m->type, "cgroup2") != 0))
                return false;
        for (size_t i = 0; i < m->options.n; i++)
                if (strcmp(m->options.items[i], "rw") == 0)
                        is_writable = true;
                else if (strcmp(m->options.items[i], "ro") == 0)
                        is_writable = false;
        return is_writable;
}

/* Who owns the container's cgroup, where it is the root of what the container sees and may write:
 * config-linux.md, "Cgroup ownership". In a user namespace, whose root is nobody to the kernel's
 * files otherwise; unknown when it stays the host's. */
static uint64_t find_owner(const Plan *p)
{
        const Spec *spec = p->spec;

        if (!(p->namespaces_new & CLONE_NEWUSER) || !(p->namespaces_new & CLONE_NEWCGROUP) ||
                p->ctx->mode == PLAN_UNPLACED || plan_sub_cgroup(spec))
                return PLAN_ID_UNKNOWN;
        for (size_t i = 0; i < spec->n_mounts; i++)
                if (is_writable_cgroup(p, &spec->mounts[i]))
                        return plan_host_id(p, &spec->linux_.uid_mappings, spec->process.user.uid);
        return PLAN_ID_UNKNOWN;
}

bool plan_waits_for_place(const Plan *p)
{
        return p->ctx->mode != PLAN_SERVICE || plan_sub_cgroup(p->spec) ||
               find_owner(p) != PLAN_ID_UNKNOWN;
}

int plan_add_placement_reply(Plan *p)
{
        uint64_t owner = find_owner(p);
        int r = 0;

        if (!plan_waits_for_place(p))
                return 0;
        if (p->ctx->mode != PLAN_SERVICE) {
                program_add(&p->program, STAGE_ATTEND,
                        (ProgramOp){ .opcode = PROGRAM_OP_AWAIT_CGROUP });
                r = plan_add_device_filter(p);
        }
        plan_add_sub_cgroup(p);
        if (owner != PLAN_ID_UNKNOWN)
                program_add(&p->program, STAGE_ATTEND,
                        (ProgramOp){ .opcode = PROGRAM_OP_GIVE_CGROUP, .number = { owner } });
        program_add(&p->program, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_SEND, .number = { SYNC_PLACED } });
        return r;
}

/* Everything before this runs while PID 1 makes the scope; everything after may look at the cgroup.
 */
void plan_add_placed(Plan *p)
{
        if (!plan_waits_for_place(p) || p->is_placed)
                return;
        p->is_placed = true;
        program_add(&p->program, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_AWAIT, .number = { SYNC_PLACED } });
        if (p->namespaces_new & CLONE_NEWCGROUP)
                program_add(&p->program, STAGE_ROOTFS,
                        (ProgramOp){ .opcode = PROGRAM_OP_UNSHARE_CGROUP });
}
