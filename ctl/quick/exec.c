/* exec of the quick programs: a command and no more. Its program is derived from the one of the
 * container's init (plan/program-exec.h). All else, and every error before there is a process, is
 * the whole program's. */
#include "plan/program-exec.h"
#include "runtime/caller-fds.h"
#include "runtime/exec-launch.h"

#include "base/io.h"
#include "ctl/program.h"
#include "ctl/quick/hand-over.h"

/* Options that say who the process is, or that it has a terminal. */
static bool is_plain(const RuntimeExec *o)
{
        return !o->process_file && !o->cwd && !(o->env && o->env[0]) && !o->user &&
               o->n_additional_gids == 0 && !(o->capabilities && o->capabilities[0]) &&
               !o->wants_no_new_privileges && !o->apparmor_profile && !o->selinux_label &&
               !o->cgroup && !o->console_socket && !o->has_terminal && !o->session && o->args[0];
}

static int derive(const Container *c, const ContainerProcess *init, const RuntimeExec *options,
        ExecProgram *ret, CtrError *err)
{
        ProgramExec exec = { .init_pid = init->pid,
                .init_starttime = init->starttime,
                .cgroup_dir = init->cgroup,
                .args = options->args };
        _cleanup_free_ char *bytes = NULL;
        Program of_init;
        size_t size;
        int r;

        r = exec_target_namespaces(init->pid, &exec.namespaces, err);
        if (r >= 0)
                r = ctr_read_file(
                        c->dir_fd, STATE_FILE_PROGRAM, PROGRAM_SIZE_MAX, &bytes, &size, err);
        if (r >= 0)
                r = program_open(bytes, size, &of_init, err);
        if (r >= 0)
                r = program_exec_derive(&of_init, &exec, &ret->bytes, &ret->size, err);
        exec_program_set_birthplace(ret, exec.cgroup_dir, exec.namespaces);
        return r;
}

/* 1 when there is a program. */
static int make(const Runtime *rt, const RuntimeExec *options, ExecProgram *ret, CtrError *err)
{
        ContainerProcess init;
        Container c;
        int r;

        *ret = (ExecProgram){ 0 };
        if (!is_plain(options))
                return 0;
        r = exec_target_open(rt, options, &c, &init, err);
        if (r < 0)
                return r;
        r = c.state.has_plain_exec ? derive(&c, &init, options, ret, err) : 0;
        container_done(&c);
        return r;
}

int runtime_exec(const Runtime *rt, const RuntimeExec *options, int *ret_status, CtrError *err)
{
        ExecProgram made;
        LaunchFds fds;
        int r;

        *ret_status = 0;
        if (make(rt, options, &made, NULL) <= 0)
                hand_over(program_argv);
        r = caller_fds_collect(options->n_preserve_fds, false, &fds, err);
        if (r >= 0) {
                r = exec_launch(options, &made, &fds, ret_status, err);
                caller_fds_done(&fds);
        }
        exec_program_done(&made);
        return r;
}
