/* From init's program to that of a plain exec: see program-exec.h. */
#include "plan/program-exec.h"

#include "plan/program-write.h"

#include <sched.h>
#include <string.h>

/* sched(7), linux/capability.h; not in the headers of every C library. */
enum { POLICY_DEADLINE = 6, FLAG_RESET_ON_FORK = 1, SYS_PTRACE = 19 };

bool program_exec_is_born_late(
        uint64_t namespaces, uint64_t capabilities, uint64_t policy, uint64_t scheduler_flags)
{
        return namespaces & CLONE_NEWPID && !(namespaces & CLONE_NEWUSER) &&
               capabilities & UINT64_C(1) << SYS_PTRACE && policy != POLICY_DEADLINE &&
               !(scheduler_flags & FLAG_RESET_ON_FORK);
}

/* What becomes of init's operations. Those of the stages that make the container are its own. */
static bool is_taken(const ProgramOp *op)
{
        switch (op->stage) {
        case STAGE_PREPARE:
                return op->opcode == PROGRAM_OP_REQUIRE_LSM;
        case STAGE_IDENTITY:
                return true;
        case STAGE_FINAL:
                return op->opcode == PROGRAM_OP_SECCOMP;
        default:
                return false;
        }
}

/* Before the clone only what a process in a user namespace inherits is set of the identity, and
 * whoever has a resource group joins it: that is decided anew for each exec. */
static bool is_derivable(const ProgramOp *op)
{
        if (op->stage == STAGE_PREPARE)
                return op->opcode != PROGRAM_OP_RLIMIT && op->opcode != PROGRAM_OP_OOM_SCORE_ADJ &&
                       op->opcode != PROGRAM_OP_RDT;
        return op->opcode != PROGRAM_OP_SECCOMP || op->string[0].size == 0;
}

/* Strings as strings, lists and blobs as they are: aligned for the latter. */
static void add_copy(ProgramBuilder *b, const Program *from, const ProgramOp *op)
{
        ProgramOp copy = *op;

        for (size_t i = 0; i < ELEMENTSOF(copy.string); i++)
                copy.string[i] = program_add_string(b, program_string(from, op->string[i]));
        for (size_t i = 0; i < ELEMENTSOF(copy.data); i++)
                copy.data[i] =
                        program_add_blob(b, program_string(from, op->data[i]), op->data[i].size);
        program_add(b, (ProgramStage) op->stage, copy);
}

static bool is_born_late(const Program *init, const ProgramExec *exec)
{
        uint64_t capabilities = 0, policy = 0, flags = 0;

        for (uint32_t i = 0; i < init->header->n_ops; i++) {
                const ProgramOp *op = &init->ops[i];

                if (op->opcode == PROGRAM_OP_BOUNDING)
                        capabilities |= op->number[0];
                if (op->opcode == PROGRAM_OP_SET_CAPABILITIES)
                        capabilities |= op->number[0] | op->number[1] | op->number[2];
                if (op->opcode == PROGRAM_OP_SCHEDULER) {
                        policy = op->number[0];
                        flags = op->number[1];
                }
        }
        return program_exec_is_born_late(exec->namespaces, capabilities, policy, flags);
}

static void add_entry(
        ProgramBuilder *b, const Program *init, const ProgramExec *exec, const char *cwd)
{
        bool is_late = is_born_late(init, exec);
        uint64_t slot = program_add_slot(b), before = is_late ? 0 : exec->namespaces & CLONE_NEWPID,
                 inside = exec->namespaces & ~before;

        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_PROCESS,
                        .number = { slot, (uint64_t) exec->init_pid, exec->init_starttime } });
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_JOIN_CGROUP,
                        .number = { PROGRAM_JOIN_FIRST_LEAF },
                        .string = { program_add_string(b, exec->cgroup_dir) } });
        if (before != 0)
                program_add(b, STAGE_PREPARE,
                        (ProgramOp){ .opcode = PROGRAM_OP_JOIN_BEFORE_CLONE,
                                .number = { slot, before } });
        program_add(b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_CLONE });
        program_add(b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_AWAIT_EXEC });
        if (inside != 0)
                program_add(b, STAGE_NAMESPACE,
                        (ProgramOp){
                                .opcode = PROGRAM_OP_JOIN_NAMESPACE, .number = { slot, inside } });
        program_add(b, STAGE_NAMESPACE, (ProgramOp){ .opcode = PROGRAM_OP_NEW_SESSION });
        program_add(b, STAGE_NAMESPACE, (ProgramOp){ .opcode = PROGRAM_OP_CPU_AFFINITY });
        program_add(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_CHDIR,
                        .number = { PROGRAM_CHDIR_TRY },
                        .string = { program_add_string(b, cwd) } });
        if (is_late)
                program_add(b, STAGE_FINAL,
                        (ProgramOp){ .opcode = PROGRAM_OP_BIRTH, .number = { slot } });
}

/* The operations that tell the working directory and the environment: the last ones. */
typedef struct Found {
        const ProgramOp *chdir, *exec;
} Found;

static bool find(const Program *init, Found *ret)
{
        *ret = (Found){ 0 };
        for (uint32_t i = 0; i < init->header->n_ops; i++) {
                const ProgramOp *op = &init->ops[i];

                if (!is_derivable(op))
                        return false;
                if (op->stage == STAGE_IDENTITY && op->opcode == PROGRAM_OP_CHDIR)
                        ret->chdir = op;
                if (op->opcode == PROGRAM_OP_EXEC || op->opcode == PROGRAM_OP_EXEC_UNDER_INIT)
                        ret->exec = op;
        }
        return ret->chdir && ret->exec;
}

static void add_all(
        ProgramBuilder *b, const Program *init, const ProgramExec *exec, const Found *found)
{
        add_entry(b, init, exec, program_string(init, found->chdir->string[0]));
        for (uint32_t i = 0; i < init->header->n_ops; i++)
                if (is_taken(&init->ops[i]))
                        add_copy(b, init, &init->ops[i]);
        program_add(b, STAGE_FINAL,
                (ProgramOp){ .opcode = PROGRAM_OP_EXEC,
                        .data = { program_add_list(b, exec->args),
                                program_add_blob(b, program_string(init, found->exec->data[1]),
                                        found->exec->data[1].size) } });
}

int program_exec_derive(
        const Program *init, const ProgramExec *exec, void **ret, size_t *ret_size, CtrError *err)
{
        static const char no_digest[] =
                "0000000000000000000000000000000000000000000000000000000000000000";
        const char *id = program_string(init, init->header->id);
        ProgramBuilder b = { 0 };
        Found found;
        int r;

        if (exec->namespaces & CLONE_NEWUSER || init->header->kind == PROGRAM_EXEC || !id ||
                !find(init, &found))
                return 0;
        add_all(&b, init, exec, &found);
        r = program_builder_finish(&b, PROGRAM_EXEC, id, no_digest, ret, ret_size);
        program_builder_done(&b);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "laying out the program") : 1;
}
