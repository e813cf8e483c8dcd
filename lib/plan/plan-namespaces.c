/* Namespaces: which are made by the clone, which are joined and where. A user namespace decides it:
 * the child is inside from its first instruction and could not join what the host's root owns, so
 * ctr-exec joins before the clone (and goes back). File systems of namespaces that are not the
 * user namespace's own are made by ctr-exec then, too (plan-mounts.c). The cgroup namespace is
 * never part of the clone, and a time namespace only works for children. */
#include "plan/plan-internal.h"
#include "plan/plan-sysctl.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

enum { ID_MAP_SIZE_MAX = 4096 };

static const struct {
        SpecNamespaceType type;
        uint64_t flag;
} namespace_flags[] = {
        { SPEC_NS_USER, CLONE_NEWUSER },
        { SPEC_NS_PID, CLONE_NEWPID },
        { SPEC_NS_NETWORK, CLONE_NEWNET },
        { SPEC_NS_MOUNT, CLONE_NEWNS },
        { SPEC_NS_IPC, CLONE_NEWIPC },
        { SPEC_NS_UTS, CLONE_NEWUTS },
        { SPEC_NS_CGROUP, CLONE_NEWCGROUP },
        { SPEC_NS_TIME, CLONE_NEWTIME },
};

void plan_find_namespaces(Plan *p)
{
        p->namespaces_new = p->namespaces_joined = 0;
        for (size_t i = 0; i < ELEMENTSOF(namespace_flags); i++) {
                const SpecNamespace *ns = spec_find_namespace(p->spec, namespace_flags[i].type);

                if (ns && ns->path)
                        p->namespaces_joined |= namespace_flags[i].flag;
                else if (ns)
                        p->namespaces_new |= namespace_flags[i].flag;
        }
        p->has_user_namespace = (p->namespaces_new | p->namespaces_joined) & CLONE_NEWUSER;
}

/* The member of config.json that changes something of the namespace: of a joined one that is the
 * host's own it would change the host. NULL: none does. */
static const char *find_change(const Plan *p, uint64_t flag, char field[static PLAN_FIELD_MAX])
{
        const SpecKeyValues *sysctl = &p->spec->linux_.sysctl;
        char path[SYSCTL_PATH_MAX];

        if (flag == CLONE_NEWUTS && p->spec->hostname)
                return "hostname";
        if (flag == CLONE_NEWUTS && p->spec->domainname)
                return "domainname";
        for (size_t i = 0; i < sysctl->n; i++)
                if (sysctl_to_path(sysctl->items[i].key, path) >= 0 &&
                        sysctl_namespace(path) == flag)
                        return plan_field(field, "linux.sysctl[\"%s\"]", sysctl->items[i].key);
        return NULL;
}

int plan_add_joins(Plan *p)
{
        ProgramBuilder *b = &p->program;
        char field[PLAN_FIELD_MAX];

        for (size_t i = 0; i < ELEMENTSOF(namespace_flags); i++) {
                const SpecNamespace *ns = spec_find_namespace(p->spec, namespace_flags[i].type);
                uint64_t flag = namespace_flags[i].flag, slot;
                const char *change;

                if (!ns || !ns->path || flag == CLONE_NEWNS) /* plan-joined-root.c */
                        continue;
                slot = program_add_slot(b);
                change = find_change(p, flag, field);
                program_add(b, STAGE_PREPARE,
                        (ProgramOp){ .opcode = PROGRAM_OP_OPEN_NAMESPACE,
                                .number = { slot, flag },
                                .string = { program_add_string(b, ns->path),
                                        change ? program_add_string(b, change)
                                               : (ProgramData){ 0 } } });
                /* A process never changes its own pid namespace, only its children's. */
                if (flag == CLONE_NEWPID || p->has_user_namespace)
                        program_add(b, STAGE_PREPARE,
                                (ProgramOp){ .opcode = PROGRAM_OP_JOIN_BEFORE_CLONE,
                                        .number = { slot, flag } });
                else
                        program_add(b, STAGE_NAMESPACE,
                                (ProgramOp){ .opcode = PROGRAM_OP_JOIN_NAMESPACE,
                                        .number = { slot, flag } });
        }
        return 0;
}

/* proc(5), /proc/PID/timens_offsets. */
static void add_time(Plan *p)
{
        const SpecLinux *l = &p->spec->linux_;
        ProgramBuilder *b = &p->program;
        char offsets[160];
        size_t n = 0;

        if (!(p->namespaces_new & CLONE_NEWTIME))
                return;
        offsets[0] = '\0';
        if (l->time_offset_monotonic.is_set)
                n += (size_t) snprintf(offsets, sizeof(offsets), "monotonic %" PRId64 " %u\n",
                        l->time_offset_monotonic.secs, l->time_offset_monotonic.nanosecs);
        if (l->time_offset_boottime.is_set)
                (void) snprintf(offsets + n, sizeof(offsets) - n, "boottime %" PRId64 " %u\n",
                        l->time_offset_boottime.secs, l->time_offset_boottime.nanosecs);
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_UNSHARE_TIME,
                        .string = { program_add_string(b, offsets) } });
}

/* user_namespaces(7): one line a range, all in one write(2) of less than a page. */
int plan_add_id_map_text(Plan *p, const SpecIdMappings *map, const char *field, ProgramData *ret)
{
        ProgramBuilder *b = &p->program;
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return plan_no_memory(p->err);
        for (size_t i = 0; i < map->n; i++)
                (void) fprintf(f, "%" PRIu32 " %" PRIu32 " %" PRIu32 "\n",
                        map->items[i].container_id, map->items[i].host_id, map->items[i].size);
        if (fclose(f) != 0)
                return plan_no_memory(p->err);
        if (size >= ID_MAP_SIZE_MAX)
                return plan_unsupported(p->err, field,
                        "the kernel takes less than %d bytes of mappings, these are %zu: use fewer "
                        "or shorter numbers",
                        ID_MAP_SIZE_MAX, size);
        *ret = program_add_string(b, text);
        return 0;
}

static int add_map(Plan *p, ProgramOpcode opcode, const SpecIdMappings *map, const char *field)
{
        ProgramData text;
        int r = plan_add_id_map_text(p, map, field, &text);

        if (r >= 0)
                program_add(&p->program, STAGE_ATTEND,
                        (ProgramOp){ .opcode = (uint16_t) opcode, .string = { text } });
        return r;
}

static int add_user_namespace(Plan *p)
{
        ProgramBuilder *b = &p->program;
        int r;

        if (!p->has_user_namespace)
                return 0;
        if (!(p->namespaces_new & CLONE_NEWUSER)) {
                program_add(b, STAGE_NAMESPACE, (ProgramOp){ .opcode = PROGRAM_OP_BECOME_ROOT });
                return 0;
        }
        r = add_map(
                p, PROGRAM_OP_WRITE_UID_MAP, &p->spec->linux_.uid_mappings, "linux.uidMappings");
        if (r >= 0)
                r = add_map(p, PROGRAM_OP_WRITE_GID_MAP, &p->spec->linux_.gid_mappings,
                        "linux.gidMappings");
        if (r < 0)
                return r;
        program_add(b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_SEND, .number = { SYNC_MAPS_WRITTEN } });
        program_add(b, STAGE_NAMESPACE,
                (ProgramOp){ .opcode = PROGRAM_OP_AWAIT, .number = { SYNC_MAPS_WRITTEN } });
        program_add(b, STAGE_NAMESPACE, (ProgramOp){ .opcode = PROGRAM_OP_BECOME_ROOT });
        return 0;
}

static void add_child_setup(Plan *p)
{
        ProgramBuilder *b = &p->program;

        if (p->namespaces_new & CLONE_NEWCGROUP && !plan_waits_for_place(p))
                program_add(b, STAGE_NAMESPACE, (ProgramOp){ .opcode = PROGRAM_OP_UNSHARE_CGROUP });
        program_add(b, STAGE_NAMESPACE, (ProgramOp){ .opcode = PROGRAM_OP_NEW_SESSION });
        if (!p->ctx->wants_no_new_keyring)
                program_add(b, STAGE_NAMESPACE,
                        (ProgramOp){ .opcode = PROGRAM_OP_NEW_KEYRING,
                                .string = { program_add_format(b, "_ses.%s", p->ctx->id) } });
        if (p->spec->hostname && *p->spec->hostname)
                program_add(b, STAGE_NAMESPACE,
                        (ProgramOp){ .opcode = PROGRAM_OP_SET_HOSTNAME,
                                .string = { program_add_string(b, p->spec->hostname) } });
        if (p->spec->domainname && *p->spec->domainname)
                program_add(b, STAGE_NAMESPACE,
                        (ProgramOp){ .opcode = PROGRAM_OP_SET_DOMAINNAME,
                                .string = { program_add_string(b, p->spec->domainname) } });
        if (p->namespaces_new & CLONE_NEWNET)
                program_add(b, STAGE_NAMESPACE, (ProgramOp){ .opcode = PROGRAM_OP_LOOPBACK_UP });
}

/* Once the child is in its network namespace, new or joined. */
static void add_net_devices(Plan *p)
{
        const SpecNetDevices *devices = &p->spec->linux_.net_devices;
        ProgramBuilder *b = &p->program;

        if (devices->n == 0)
                return;
        program_add(b, STAGE_NAMESPACE,
                (ProgramOp){ .opcode = PROGRAM_OP_SEND, .number = { SYNC_NAMESPACES_READY } });
        program_add(b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_AWAIT, .number = { SYNC_NAMESPACES_READY } });
        for (size_t i = 0; i < devices->n; i++)
                program_add(b, STAGE_ATTEND,
                        (ProgramOp){ .opcode = PROGRAM_OP_NET_DEVICE,
                                .string = { program_add_string(b, devices->items[i].host_name),
                                        program_add_string(b, devices->items[i].name) } });
}

int plan_add_namespaces(Plan *p)
{
        ProgramBuilder *b = &p->program;
        int r;

        add_time(p);
        program_add(b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_CLONE,
                        .number = { p->namespaces_new &
                                    ~(uint64_t) (CLONE_NEWCGROUP | CLONE_NEWTIME) } });
        r = add_user_namespace(p);
        if (r < 0)
                return r;
        add_child_setup(p);
        add_net_devices(p);
        return 0;
}
