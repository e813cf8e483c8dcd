/* process.terminal: the payload's standard descriptors are a terminal of the container's own
 * devpts, and whoever holds the console socket gets the other side. */
#include "plan/plan-internal.h"

enum { CONSOLE_DEVICE = 1 };

int plan_check_terminal(const SpecProcess *process, bool has_console, CtrError *err)
{
        if (!process->has_terminal || has_console)
                return 0;
        return plan_unsupported(err, "process.terminal",
                "a terminal needs somebody who holds its other side: set it to false, start the "
                "container attached, or give a console socket");
}

void plan_add_console(Plan *p, const SpecProcess *process, ProgramStage stage, bool is_init)
{
        bool has_size = process->console_height.is_set && process->console_width.is_set;

        if (!process->has_terminal)
                return;
        program_add(&p->program, stage,
                (ProgramOp){ .opcode = PROGRAM_OP_CONSOLE,
                        .number = { has_size ? process->console_height.value : 0,
                                has_size ? process->console_width.value : 0, process->user.uid,
                                is_init ? CONSOLE_DEVICE : 0 } });
}
