/* exec: another process in a running container. ctr-exec runs a program that plan made from the
 * same policy as the container's own; it clones with CLONE_PARENT, so the new process is our child
 * and its exit status ours to wait for. */
#include "runtime/caller-fds.h"
#include "runtime/exec-launch.h"
#include "runtime/session.h"

int runtime_exec(const Runtime *rt, const RuntimeExec *options, int *ret_status, CtrError *err)
{
        ExecProgram program;
        LaunchFds fds;
        int r;

        *ret_status = 0;
        if (options->session)
                return session_start(rt, options, err);
        r = caller_fds_collect(options->n_preserve_fds, false, &fds, err);
        if (r < 0)
                return r;
        r = exec_program_make(rt, options, &program, err);
        if (r >= 0)
                r = exec_launch(options, &program, &fds, ret_status, err);
        caller_fds_done(&fds);
        exec_program_done(&program);
        return r;
}
