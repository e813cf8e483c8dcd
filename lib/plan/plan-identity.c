/* The IDENTITY stage: who the payload is and what it may do. One function for init and for exec, so
 * that a process added later can never have more than the container's own. The order is the
 * kernel's: a filter needs CAP_SYS_ADMIN unless no_new_privs is set, so it comes before the
 * capabilities go, or (with no_new_privs) directly before execve, where it need not allow any of
 * the set-up. */
#include "plan/plan-internal.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>

enum { UMASK_DEFAULT = 022, IOPRIO_CLASS_SHIFT = 13 };

int plan_check_process(const SpecProcess *process, CtrError *err)
{
        if (!process->is_set)
                return ctr_error_field(err, "process", "is required");
        if (process->args.n == 0)
                return ctr_error_field(err, "process.args", "is required and must not be empty");
        if (!process->cwd || process->cwd[0] != '/')
                return ctr_error_field(
                        err, "process.cwd", "is required and must be an absolute path");
        return 0;
}

/* The limits of the process itself. Lowering oom_score_adj and raising a hard limit need the host's
 * CAP_SYS_RESOURCE: with a user namespace that is done before the clone and inherited. */
static void add_limits(Plan *p, const SpecProcess *process)
{
        bool has_user_namespace = p->has_user_namespace;
        ProgramBuilder *b = &p->program;

        if (process->oom_score_adj.is_set)
                program_add(b, has_user_namespace ? STAGE_PREPARE : STAGE_IDENTITY,
                        (ProgramOp){ .opcode = PROGRAM_OP_OOM_SCORE_ADJ,
                                .string = { program_add_format(
                                        b, "%" PRId32, process->oom_score_adj.value) } });
        for (size_t i = 0; i < process->n_rlimits; i++) {
                ProgramOp op = { .opcode = PROGRAM_OP_RLIMIT,
                        .number = { (uint64_t) process->rlimits[i].resource,
                                process->rlimits[i].soft, process->rlimits[i].hard } };

                if (has_user_namespace)
                        program_add(b, STAGE_PREPARE, op);
                program_add(b, STAGE_IDENTITY, op);
        }
}

bool plan_has_scheduling(const SpecProcess *process)
{
        return process->scheduler.is_set || process->io_priority.is_set;
}

void plan_add_scheduling(Plan *p, const SpecProcess *process, ProgramStage stage)
{
        const SpecScheduler *s = &process->scheduler;
        ProgramBuilder *b = &p->program;
        ProgramData times = { 0 };

        if (s->is_set) {
                if (s->runtime_nsec || s->deadline_nsec || s->period_nsec)
                        times = program_add_format(b, "%" PRIu64 " %" PRIu64 " %" PRIu64,
                                s->runtime_nsec, s->deadline_nsec, s->period_nsec);
                program_add(b, stage,
                        (ProgramOp){ .opcode = PROGRAM_OP_SCHEDULER,
                                .number = { (uint64_t) s->policy, s->flags,
                                        (uint64_t) (uint32_t) s->nice << 32 |
                                                (uint32_t) s->priority },
                                .string = { times } });
        }
        if (process->io_priority.is_set)
                program_add(b, stage,
                        (ProgramOp){ .opcode = PROGRAM_OP_IO_PRIORITY,
                                .number = { (uint64_t) process->io_priority.class
                                                    << IOPRIO_CLASS_SHIFT |
                                            (uint64_t) process->io_priority.priority } });
}

uint64_t plan_host_id(const Plan *p, const SpecIdMappings *map, uint32_t id)
{
        for (size_t i = 0; i < map->n; i++)
                if (id >= map->items[i].container_id &&
                        id - map->items[i].container_id < map->items[i].size)
                        return (uint64_t) map->items[i].host_id + id - map->items[i].container_id;
        return p->has_user_namespace ? PLAN_ID_UNKNOWN : id;
}

/* In its own user namespace the payload's process may not change the owner of the caller's pipes:
 * done before, with the host's privileges. */
static void add_stdio(Plan *p, const SpecProcess *process)
{
        uint64_t uid = plan_host_id(p, &p->spec->linux_.uid_mappings, process->user.uid);

        if (p->has_user_namespace && uid != PLAN_ID_UNKNOWN && !process->has_terminal)
                program_add(&p->program, STAGE_PREPARE,
                        (ProgramOp){ .opcode = PROGRAM_OP_GIVE_STDIO, .number = { uid } });
}

static void require_lsm(Plan *p, const char *name, const char *field)
{
        ProgramBuilder *b = &p->program;

        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_REQUIRE_LSM,
                        .string = { program_add_string(b, name), program_add_string(b, field) } });
}

static void add_labels(Plan *p, const SpecProcess *process)
{
        ProgramBuilder *b = &p->program;

        if (p->spec->linux_.mount_label && *p->spec->linux_.mount_label)
                require_lsm(p, "selinux", "linux.mountLabel");
        if (process->apparmor_profile && *process->apparmor_profile)
                require_lsm(p, "apparmor", "process.apparmorProfile");
        if (process->selinux_label && *process->selinux_label)
                require_lsm(p, "selinux", "process.selinuxLabel");

        if (p->spec->linux_.personality.is_set)
                program_add(b, STAGE_IDENTITY,
                        (ProgramOp){ .opcode = PROGRAM_OP_PERSONALITY,
                                .number = { p->spec->linux_.personality.domain } });
        if (process->apparmor_profile && *process->apparmor_profile)
                program_add(b, STAGE_IDENTITY,
                        (ProgramOp){ .opcode = PROGRAM_OP_LSM_LABEL,
                                .string = { program_add_string(b, "apparmor/exec"),
                                        program_add_format(
                                                b, "exec %s", process->apparmor_profile) } });
        if (process->selinux_label && *process->selinux_label)
                program_add(b, STAGE_IDENTITY,
                        (ProgramOp){ .opcode = PROGRAM_OP_LSM_LABEL,
                                .string = { program_add_string(b, "exec"),
                                        program_add_string(b, process->selinux_label) } });
}

static int add_seccomp(Plan *p, ProgramStage stage)
{
        const SpecSeccomp *s = &p->spec->linux_.seccomp;
        ProgramBuilder *b = &p->program;
        _cleanup_free_ void *filter = NULL;
        uint32_t flags = s->flags;
        bool has_listener;
        size_t size = 0;
        int r;

        if (!s->is_set || !p->seccomp_compile)
                return 0;
        if (s->raw_filter) {
                program_add(b, stage,
                        (ProgramOp){ .opcode = PROGRAM_OP_SECCOMP,
                                .data = {
                                        program_add_blob(b, s->raw_filter, s->raw_filter_size) } });
                return 0;
        }
        r = p->seccomp_compile(s, p->filter_cache, &filter, &size, p->err);
        if (r < 0)
                return r;
        has_listener = plan_has_listener(s);
        if (has_listener && flags & FLAG_TSYNC)
                flags |= FLAG_TSYNC_ESRCH; /* the kernel takes the two together only with it */
        program_add(b, stage,
                (ProgramOp){ .opcode = PROGRAM_OP_SECCOMP,
                        .number = { flags },
                        .string = { program_add_string(b, has_listener ? s->listener_path : NULL) },
                        .data = { program_add_blob(b, filter, size) } });
        return 0;
}

int plan_add_late_seccomp(Plan *p, const SpecProcess *process)
{
        return process->no_new_privileges ? add_seccomp(p, STAGE_FINAL) : 0;
}

static void add_credentials(Plan *p, const SpecProcess *process)
{
        const SpecCapabilities *c = &process->capabilities;
        const SpecUser *u = &process->user;
        ProgramBuilder *b = &p->program;

        program_add(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_BOUNDING, .number = { c->bounding } });
        if (u->keeps_groups)
                program_add(b, STAGE_IDENTITY, (ProgramOp){ .opcode = PROGRAM_OP_KEEP_GROUPS });
        program_add(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_SET_IDS,
                        .number = { u->uid, u->gid },
                        .data = { program_add_blob(b, u->additional_gids,
                                u->n_additional_gids * sizeof(*u->additional_gids)) } });
        program_add(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_SET_CAPABILITIES,
                        .number = { c->effective, c->permitted, c->inheritable, c->ambient } });
        if (process->no_new_privileges)
                program_add(
                        b, STAGE_IDENTITY, (ProgramOp){ .opcode = PROGRAM_OP_NO_NEW_PRIVILEGES });
}

int plan_add_identity(Plan *p, const SpecProcess *process)
{
        ProgramBuilder *b = &p->program;
        int r;

        add_stdio(p, process);
        add_limits(p, process);
        /* A process in a user namespace may lower itself at most. */
        if (!p->has_user_namespace)
                plan_add_scheduling(p, process, STAGE_IDENTITY);
        r = plan_add_memory_policy(p);
        if (r < 0)
                return r;
        add_labels(p, process);
        program_add(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_UMASK,
                        .number = { process->user.umask.is_set ? process->user.umask.value
                                                               : UMASK_DEFAULT } });
        if (!process->no_new_privileges) {
                r = add_seccomp(p, STAGE_IDENTITY);
                if (r < 0)
                        return r;
        }
        add_credentials(p, process);
        /* Does nothing when the one before, as root, succeeded. */
        program_add(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_CHDIR,
                        .string = { program_add_string(b, process->cwd) } });
        return 0;
}
