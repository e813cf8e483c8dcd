/* The program of another process in a running container: it enters the container's namespaces and
 * cgroup through init's pidfd, then becomes what the IDENTITY stage says, the same code as init's.
 */
#include "plan/plan-internal.h"
#include "plan/program-exec.h"

#include <sched.h>

static uint64_t all_capabilities(const SpecProcess *process)
{
        const SpecCapabilities *c = &process->capabilities;

        return c->bounding | c->effective | c->permitted | c->inheritable;
}

static int add_entry(Plan *p, const SpecProcess *process, const PlanExec *exec)
{
        ProgramBuilder *b = &p->program;
        uint64_t slot = program_add_slot(b);
        bool is_late = program_exec_is_born_late(exec->namespaces,
                all_capabilities(&p->spec->process) | all_capabilities(process),
                process->scheduler.is_set ? (uint64_t) process->scheduler.policy : 0,
                process->scheduler.is_set ? process->scheduler.flags : 0);
        /* The pid namespace is for children only: ctr-exec joins it before the clone, or the clone
         * for the one that it makes in its place. */
        uint64_t before = is_late ? 0 : exec->namespaces & CLONE_NEWPID,
                 inside = exec->namespaces & ~before;
        int r;

        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_PROCESS,
                        .number = { slot, (uint64_t) exec->init_pid, exec->init_starttime } });
        r = plan_add_cpu_affinity(p, STAGE_PREPARE, process->exec_cpu_affinity_initial,
                "process.execCPUAffinity.initial");
        if (r < 0)
                return r;
        r = plan_add_rdt(p, exec->id);
        if (r < 0)
                return r;
        if (exec->cgroup_dir)
                program_add(b, STAGE_PREPARE,
                        (ProgramOp){ .opcode = PROGRAM_OP_JOIN_CGROUP,
                                .number = { (exec->is_cgroup_exact ? 0U : PROGRAM_JOIN_FIRST_LEAF) |
                                            (exec->is_session ? PROGRAM_JOIN_RETURNS : 0U) },
                                .string = { program_add_string(b, exec->cgroup_dir) } });
        if (before != 0)
                program_add(b, STAGE_PREPARE,
                        (ProgramOp){ .opcode = PROGRAM_OP_JOIN_BEFORE_CLONE,
                                .number = { slot, before } });
        program_add(b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_CLONE });
        if (exec->is_session && exec->cgroup_dir)
                program_add(b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_LEAVE_CGROUP });
        r = plan_add_listener(p, exec->id, "running", exec->init_pid);
        if (r < 0)
                return r;
        program_add(b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_AWAIT_EXEC });
        if (exec->is_session)
                program_add(b, STAGE_ATTEND,
                        (ProgramOp){ .opcode = PROGRAM_OP_NOTIFY_READY,
                                .string = { program_add_string(b, "running") } });
        /* While its privileges are the host's; the identity follows too late for these. */
        if (p->has_user_namespace)
                plan_add_scheduling(p, process, STAGE_NAMESPACE);
        if (inside != 0)
                program_add(b, STAGE_NAMESPACE,
                        (ProgramOp){
                                .opcode = PROGRAM_OP_JOIN_NAMESPACE, .number = { slot, inside } });
        if (inside & CLONE_NEWUSER)
                program_add(b, STAGE_NAMESPACE, (ProgramOp){ .opcode = PROGRAM_OP_BECOME_ROOT });
        program_add(b, STAGE_NAMESPACE, (ProgramOp){ .opcode = PROGRAM_OP_NEW_SESSION });
        if (is_late)
                program_add(b, STAGE_FINAL,
                        (ProgramOp){ .opcode = PROGRAM_OP_BIRTH, .number = { slot } });
        /* A session is PID 1's child. */
        if (!exec->is_session && !process->exec_cpu_affinity_initial &&
                !process->exec_cpu_affinity_final)
                plan_add_every_cpu(p, STAGE_NAMESPACE);
        return plan_add_cpu_affinity(p, STAGE_IDENTITY, process->exec_cpu_affinity_final,
                "process.execCPUAffinity.final");
}

static int build_exec(Plan *p, const SpecProcess *process, const PlanExec *exec)
{
        ProgramBuilder *b = &p->program;
        int r;

        r = plan_check_process(process, p->err);
        if (r >= 0)
                r = plan_check_terminal(process, exec->has_console, p->err);
        if (r >= 0)
                r = plan_check_user(p->spec, &process->user, p->err);
        if (r < 0)
                return r;
        /* Decides where what needs the host's privileges is set; whether the spec made it or joined
         * it. */
        p->has_user_namespace = exec->namespaces & CLONE_NEWUSER;
        p->bundle = exec->bundle ? exec->bundle : "";
        r = add_entry(p, process, exec);
        if (r < 0)
                return r;
        plan_add_console(p, process, STAGE_NAMESPACE, false);
        program_add(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_CHDIR,
                        .number = { PROGRAM_CHDIR_TRY },
                        .string = { program_add_string(b, process->cwd) } });
        r = plan_add_identity(p, process);
        if (r >= 0)
                r = plan_add_late_seccomp(p, process);
        if (r < 0)
                return r;
        program_add(b, STAGE_FINAL,
                (ProgramOp){ .opcode = PROGRAM_OP_EXEC,
                        .data = { program_add_list(b, process->args.items),
                                program_add_list(b, process->env.items) } });
        return b->error < 0 ? plan_no_memory(p->err) : 0;
}

bool plan_exec_is_plain(const Spec *spec, const PlanContext *ctx)
{
        const SpecProcess *process = &spec->process;
        PlanNotify notify;

        return !process->exec_cpu_affinity_initial && !process->exec_cpu_affinity_final &&
               !spec_find_namespace(spec, SPEC_NS_USER) &&
               !plan_has_listener(&spec->linux_.seccomp) && !spec->linux_.intel_rdt.is_set &&
               plan_find_notify(spec, ctx, &notify, NULL) >= 0 &&
               (notify == PLAN_NOTIFY_NONE || notify == PLAN_NOTIFY_HEALTH);
}

int plan_exec_program(const Spec *spec, const SpecProcess *process, const PlanExec *exec,
        void **ret, size_t *ret_size, CtrError *err)
{
        static const char no_digest[] =
                "0000000000000000000000000000000000000000000000000000000000000000";
        Plan p = { .spec = spec,
                .seccomp_compile = plan_seccomp_compile_cached,
                .filter_cache = exec->filter_cache,
                .err = err };
        int r;

        r = build_exec(&p, process, exec);
        if (r >= 0) {
                r = program_builder_finish(
                        &p.program, PROGRAM_EXEC, exec->id, no_digest, ret, ret_size);
                if (r < 0)
                        (void) ctr_error_set(err, CTR_ERROR_SYSTEM, r, "laying out the program");
        }
        program_builder_done(&p.program);
        return r;
}
