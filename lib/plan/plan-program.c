/* The set-up program of a container's init: the order of everything, in one screen. Subjects add
 * their operations to the stages they concern; this file owns the two lists' skeleton and every
 * message between them. */
#include "plan/plan-internal.h"

#include <sched.h>
#include <string.h>

/* Inherited mounts become slaves: what the host mounts later arrives, nothing gets out. Private
 * when the config asks for less. */
#ifndef MS_REC
#define MS_PRIVATE (1 << 18)
#define MS_SLAVE   (1 << 19)
#endif

enum { ROOTFS_SLAVE = 1, PIVOT_BY_MOVE = 1, PIVOT_HIDE = 2, OVERLAY_IN_USER_NAMESPACE = 1 };

static void add_message(Plan *p, ProgramStage stage, ProgramOpcode opcode, SyncMessage message)
{
        program_add(&p->program, stage,
                (ProgramOp){ .opcode = (uint16_t) opcode, .number = { message } });
}

static void add_plain(Plan *p, ProgramStage stage, ProgramOpcode opcode)
{
        program_add(&p->program, stage, (ProgramOp){ .opcode = (uint16_t) opcode });
}

static void add_state_path(Plan *p, ProgramStage stage, ProgramOpcode opcode, const char *name)
{
        ProgramBuilder *b = &p->program;

        program_add(b, stage,
                (ProgramOp){ .opcode = (uint16_t) opcode,
                        .string = { program_add_format(b, "%s/%s", p->ctx->state_dir, name) } });
}

static bool has_gate(const Plan *p)
{
        return p->ctx->origin == PLAN_TRANSIENT_CREATE;
}

/* The child is the engine's, and so are its cgroup and its end. */
static bool is_engine(const Plan *p)
{
        return p->ctx->mode != PLAN_SERVICE;
}

/* pids.max 0 stops even the set-up, so it waits until the set-up is over. */
int plan_add_cgroup_files(Plan *p, ProgramStage stage, bool is_pids)
{
        ProgramBuilder *b = &p->program;
        SpecKeyValues files;
        int r;

        r = plan_cgroup_files(&p->spec->linux_.resources, &files, p->err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < files.n; i++)
                if ((strcmp(files.items[i].key, "pids.max") == 0) == is_pids)
                        program_add(b, stage,
                                (ProgramOp){ .opcode = PROGRAM_OP_WRITE_CGROUP,
                                        .string = { program_add_string(b, files.items[i].key),
                                                program_add_string(b, files.items[i].value) } });
        plan_cgroup_files_done(&files);
        return 0;
}

/* Hooks find the root file system, with all mounts, where it is on the host: those of the container
 * as they are, those of the runtime when they enter the mount namespace (nsenter -m). */
static bool has_hooks_before_pivot(const Plan *p)
{
        return plan_has_hooks(p->spec, SPEC_HOOK_PRESTART) ||
               plan_has_hooks(p->spec, SPEC_HOOK_CREATE_RUNTIME) ||
               plan_has_hooks(p->spec, SPEC_HOOK_CREATE_CONTAINER);
}

static int add_rootfs(Plan *p)
{
        const SpecLinux *l = &p->spec->linux_;
        ProgramBuilder *b = &p->program;
        bool is_private = l->rootfs_propagation == SPEC_PROPAGATION_PRIVATE ||
                          l->rootfs_propagation == SPEC_PROPAGATION_UNBINDABLE;
        bool is_slave = l->rootfs_propagation == SPEC_PROPAGATION_SLAVE;
        _cleanup_free_ char *path = plan_path_clean(p->ctx->bundle, p->spec->root.path);
        uint64_t slot = program_add_slot(b);
        int r;

        if (!path)
                return plan_no_memory(p->err);
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_ROOTFS,
                        .number = { slot, is_slave ? ROOTFS_SLAVE : 0 },
                        .string = { program_add_string(b, path) } });
        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_INHERITED_PROPAGATION,
                        .number = { is_private ? MS_PRIVATE : MS_SLAVE } });
        r = plan_own_annotation(p, "org.ctrunit.rootfs", "overlay");
        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_ATTACH_ROOTFS,
                        .number = { slot },
                        .string = { program_add_string(
                                b, r == 0 && has_hooks_before_pivot(p) ? path : NULL) } });
        if (r > 0)
                program_add(b, STAGE_ROOTFS,
                        (ProgramOp){ .opcode = PROGRAM_OP_ATTACH_OVERLAY,
                                .number = {
                                        p->has_user_namespace ? OVERLAY_IN_USER_NAMESPACE : 0 } });
        return MIN_OF(r, 0);
}

/* HOST, PREPARE, before anything is opened. */
static int add_prepare(Plan *p)
{
        int r;

        r = plan_add_hook_state(p);
        if (r < 0)
                return r;
        plan_add_hook_output(p);
        if (p->has_limits)
                add_plain(p, STAGE_PREPARE, PROGRAM_OP_RAISE_LIMITS);
        r = plan_add_rdt(p, p->ctx->id);
        if (r < 0 || is_engine(p))
                return r;
        r = plan_add_cgroup_files(p, STAGE_PREPARE, false);
        return r < 0 ? r : plan_add_device_filter(p);
}

/* Hooks in the host's namespaces while the child waits with all mounts made. */
static void add_runtime_hooks(Plan *p)
{
        if (!plan_has_hooks(p->spec, SPEC_HOOK_PRESTART) &&
                !plan_has_hooks(p->spec, SPEC_HOOK_CREATE_RUNTIME) &&
                !plan_delegate_cgroup(p->spec))
                return;
        add_message(p, STAGE_ROOTFS, PROGRAM_OP_SEND, SYNC_ROOTFS_READY);
        add_message(p, STAGE_ATTEND, PROGRAM_OP_AWAIT, SYNC_ROOTFS_READY);
        plan_add_delegate_cgroup(p);
        plan_add_hooks(p, SPEC_HOOK_PRESTART, STAGE_ATTEND);
        plan_add_hooks(p, SPEC_HOOK_CREATE_RUNTIME, STAGE_ATTEND);
        add_message(p, STAGE_ATTEND, PROGRAM_OP_SEND, SYNC_HOOKS_DONE);
        add_message(p, STAGE_ROOTFS, PROGRAM_OP_AWAIT, SYNC_HOOKS_DONE);
}

static void add_pivot(Plan *p)
{
        uint64_t flags = 0;

        if (p->ctx->wants_no_pivot)
                flags = PIVOT_BY_MOVE | (plan_locks_mounts(p) ? PIVOT_HIDE : 0U);
        if (plan_has_joined_root(p->spec))
                return;
        plan_add_hooks(p, SPEC_HOOK_CREATE_CONTAINER, STAGE_ROOTFS);
        program_add_deferred(&p->program, PROGRAM_DEFER_MOUNTED, STAGE_ROOTFS);
        program_add(&p->program, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_PIVOT, .number = { flags } });
}

/* From here on the limits are the container's own, and what only the host may set is set. */
static int add_limits_restored(Plan *p)
{
        const SpecProcess *process = &p->spec->process;
        bool is_scheduled = p->has_user_namespace && plan_has_scheduling(process);
        int r = 0;

        if (!p->has_limits && !is_scheduled)
                return 0;
        add_message(p, STAGE_FINAL, PROGRAM_OP_SEND, SYNC_SETUP_DONE);
        add_message(p, STAGE_ATTEND, PROGRAM_OP_AWAIT, SYNC_SETUP_DONE);
        if (is_scheduled)
                plan_add_scheduling(p, process, STAGE_ATTEND);
        if (p->has_limits) {
                add_plain(p, STAGE_ATTEND, PROGRAM_OP_RESTORE_LIMITS);
                r = plan_add_cgroup_files(p, STAGE_ATTEND, true);
        }
        if (r < 0)
                return r;
        add_message(p, STAGE_ATTEND, PROGRAM_OP_SEND, SYNC_LIMITS_RESTORED);
        add_message(p, STAGE_FINAL, PROGRAM_OP_AWAIT, SYNC_LIMITS_RESTORED);
        return 0;
}

static int add_gate(Plan *p)
{
        ProgramBuilder *b = &p->program;
        int stop_signal = plan_stop_signal(p->spec, p->err);

        if (stop_signal < 0)
                return stop_signal;
        add_message(p, STAGE_FINAL, PROGRAM_OP_SEND, SYNC_AT_GATE);
        program_add(b, STAGE_FINAL,
                (ProgramOp){ .opcode = PROGRAM_OP_GATE, .number = { (uint64_t) stop_signal } });
        add_message(p, STAGE_ATTEND, PROGRAM_OP_AWAIT, SYNC_AT_GATE);
        if (!is_engine(p))
                program_add(b, STAGE_ATTEND,
                        (ProgramOp){ .opcode = PROGRAM_OP_NOTIFY_READY,
                                .string = { program_add_string(b, "created") } });
        return 0;
}

/* A created container waits with the limits it will run under; otherwise the start hooks still
 * belong to the set-up. */
static int add_final(Plan *p)
{
        const SpecProcess *process = &p->spec->process;
        ProgramBuilder *b = &p->program;
        int r;

        if (has_gate(p)) {
                if (is_engine(p))
                        program_add(b, STAGE_FINAL,
                                (ProgramOp){ .opcode = PROGRAM_OP_FIND_PROGRAM,
                                        .data = { program_add_list(b, process->args.items),
                                                program_add_list(b, process->env.items) } });
                r = add_limits_restored(p);
                if (r >= 0)
                        r = add_gate(p);
                if (r < 0)
                        return r;
                plan_add_hooks(p, SPEC_HOOK_START_CONTAINER, STAGE_FINAL);
        } else {
                plan_add_hooks(p, SPEC_HOOK_START_CONTAINER, STAGE_FINAL);
                r = add_limits_restored(p);
                if (r < 0)
                        return r;
        }
        r = plan_add_late_seccomp(p, process);
        if (r >= 0 && process->no_new_privileges)
                r = plan_add_listener(p, p->ctx->id, "creating", 0);
        if (r < 0)
                return r;
        if (p->notify != PLAN_NOTIFY_NONE && p->notify != PLAN_NOTIFY_HEALTH && !is_engine(p))
                add_plain(p, STAGE_FINAL, PROGRAM_OP_PASS_WATCHDOG);
        r = plan_own_annotation(p, "org.ctrunit.init", "true");
        if (r < 0)
                return r;
        program_add(b, STAGE_FINAL,
                (ProgramOp){ .opcode = r > 0 ? PROGRAM_OP_EXEC_UNDER_INIT : PROGRAM_OP_EXEC,
                        .data = { program_add_list(b, process->args.items),
                                plan_add_environment(p) } });
        return 0;
}

/* HOST, ATTEND, after execve. What follows notify-ready is not for `ctr-exec run`: record-exit runs
 * it at the unit's end, or, for a container with a gate, `ctr-exec poststop` at delete. */
static void add_after_exec(Plan *p)
{
        ProgramBuilder *b = &p->program;
        ProgramOp ready = { .opcode = PROGRAM_OP_NOTIFY_READY };
        bool is_payload_notifying = p->notify != PLAN_NOTIFY_NONE;
        /* Nobody waits for the unit's start job when the caller has a launch socket: PID 1 may
         * finish it while the set-up goes on. The caller is told of the execve all the same. */
        bool is_early = !is_engine(p) && p->ctx->has_waiting_caller &&
                        !plan_has_any_hook(p->spec) && !has_gate(p) && !is_payload_notifying;

        ready.string[0] = program_add_string(b, "running");
        if (is_early)
                program_add(b, STAGE_ATTEND, ready);
        add_plain(p, STAGE_ATTEND, PROGRAM_OP_AWAIT_EXEC);
        plan_add_hooks(p, SPEC_HOOK_POSTSTART, STAGE_ATTEND);
        if (is_payload_notifying && !is_engine(p))
                add_plain(p, STAGE_ATTEND, PROGRAM_OP_NOTIFY_PAYLOAD);
        else if (!is_early && !is_engine(p))
                program_add(b, STAGE_ATTEND, ready);
        plan_add_hooks(p, SPEC_HOOK_POSTSTOP, STAGE_ATTEND);
}

/* A root of the container's own, with all that is mounted in it. */
static int add_own_root(Plan *p)
{
        int r;

        r = add_rootfs(p);
        if (r >= 0)
                r = plan_add_joins(p);
        if (r >= 0)
                r = plan_add_mounts(p);
        if (r >= 0)
                r = plan_add_nodes(p);
        if (r < 0)
                return r;
        plan_add_notify(p);
        r = plan_add_credentials(p);
        if (r < 0)
                return r;
        plan_add_console(p, &p->spec->process, STAGE_ROOTFS, true);
        return 0;
}

int plan_build(Plan *p)
{
        int r;

        r = plan_check(p->spec, p->err);
        if (r >= 0)
                r = plan_find_notify(p->spec, p->ctx, &p->notify, p->err);
        if (r >= 0)
                r = plan_check_terminal(&p->spec->process, p->ctx->has_console, p->err);
        if (r < 0)
                return r;
        plan_find_namespaces(p);

        r = add_prepare(p);
        if (r >= 0)
                r = plan_has_joined_root(p->spec) ? plan_add_joins(p) : add_own_root(p);
        if (r < 0)
                return r;
        plan_add_placed(p);
        if (has_gate(p))
                add_state_path(p, STAGE_PREPARE, PROGRAM_OP_OPEN_GATE, STATE_FILE_GATE);
        r = plan_add_namespaces(p);
        if (r >= 0 && plan_has_joined_root(p->spec))
                r = plan_add_joined_root(p);
        if (r >= 0)
                r = plan_add_ports(p);
        if (r < 0)
                return r;
        if (is_engine(p))
                plan_add_placement_request(p);
        add_state_path(p, STAGE_ATTEND, PROGRAM_OP_RECORD_PID, STATE_FILE_PID);
        r = plan_add_placement_reply(p);
        if (r < 0)
                return r;
        add_runtime_hooks(p);
        add_pivot(p);
        r = plan_add_inside(p);
        if (r >= 0 && is_engine(p))
                plan_add_every_cpu(p, STAGE_INSIDE);
        if (r >= 0)
                r = plan_add_identity(p, &p->spec->process);
        if (r >= 0 && !p->spec->process.no_new_privileges)
                r = plan_add_listener(p, p->ctx->id, "creating", 0);
        if (r >= 0)
                r = add_final(p);
        if (r < 0)
                return r;
        add_after_exec(p);
        return p->program.error < 0 ? plan_no_memory(p->err) : 0;
}
