/* From the program of an exec to its process, which is a child of ours, and to its end. PID 1 and
 * the bus have no part in it. */
#pragma once

#include "runtime/exec-program.h"
#include "runtime/launch-client.h"

/* *ret_status as runtime_exec(). fds are the caller's own, and closed once they are passed on. */
int exec_launch(const RuntimeExec *options, const ExecProgram *program, LaunchFds *fds,
        int *ret_status, CtrError *err);
