/* Running one list of a program. */
#pragma once

#include "helper/context.h"

/* Runs the operations of ctx->list in order until one fails. HOST stops after the operations of a
 * start: hooks of kind "poststop" are left to interpret_poststop(). Returns 0, or -errno with the
 * record of the failure in *failure. */
int interpret_list(Context *ctx, LaunchReply *failure);

/* Is it a hook of kind "poststop"? */
bool interpret_is_poststop(const Context *ctx, const ProgramOp *op);

/* Runs the "poststop" hooks, all of them: a failing one is a warning on standard error. */
void interpret_poststop(Context *ctx);

/* The record of a failure outside of any operation; exit_status as in plan/launch.h. */
void interpret_fill_failure(
        LaunchReply *failure, ProgramOpcode opcode, int exit_status, const CtrError *err);
