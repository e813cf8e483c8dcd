/* Where processes run and where their memory comes from: lists of numbers as the masks that the
 * kernel takes. */
#include "plan/cpu-list.h"
#include "plan/plan-internal.h"

/* Masks are arrays of unsigned long. */
enum { MASK_WORD = 8 };

static size_t mask_size(const CpuMask *mask)
{
        return (mask->n_bytes + MASK_WORD - 1) / MASK_WORD * MASK_WORD;
}

int plan_add_cpu_affinity(Plan *p, ProgramStage stage, const char *cpus, const char *field)
{
        ProgramBuilder *b = &p->program;
        CpuMask mask;

        if (!cpus)
                return 0;
        if (cpu_list_parse(cpus, &mask) < 0)
                return ctr_error_field(p->err, field, "\"%s\" is not a list of processors", cpus);
        program_add(b, stage,
                (ProgramOp){ .opcode = PROGRAM_OP_CPU_AFFINITY,
                        .string = { program_add_string(b, cpus) },
                        .data = { program_add_blob(b, mask.bytes, mask_size(&mask)) } });
        return 0;
}

/* What an engine was confined to is not for its containers: the kernel remembers an affinity across
 * a change of the control group (since Linux 6.2), so it is taken back there. */
void plan_add_every_cpu(Plan *p, ProgramStage stage)
{
        program_add(&p->program, stage, (ProgramOp){ .opcode = PROGRAM_OP_CPU_AFFINITY });
}

int plan_add_memory_policy(Plan *p)
{
        const SpecMemoryPolicy *policy = &p->spec->linux_.memory_policy;
        ProgramBuilder *b = &p->program;
        CpuMask mask = { .n_bytes = 0 };

        if (!policy->is_set)
                return 0;
        if (policy->nodes && cpu_list_parse(policy->nodes, &mask) < 0)
                return ctr_error_field(p->err, "linux.memoryPolicy.nodes",
                        "\"%s\" is not a list of memory nodes", policy->nodes);
        program_add(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_MEMORY_POLICY,
                        .number = { (uint64_t) policy->mode | policy->flags },
                        .string = { program_add_string(b, policy->nodes) },
                        .data = { program_add_blob(b, mask.bytes, mask_size(&mask)) } });
        return 0;
}
