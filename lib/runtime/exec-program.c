/* From the options of an exec to its program: see exec-program.h. */
#include "runtime/exec-program.h"

#include "runtime/exec-process.h"
#include "runtime/bundle.h"
#include "runtime/filter-cache.h"
#include "runtime/terminal.h"

#include "base/io.h"

#include <stdio.h>
#include <string.h>

#define CONFIG_SIZE_MAX (16U * 1024 * 1024)

/* --cgroup: a part of the unit's cgroup, by its path in it. */
static int choose_cgroup(const Container *c, const char *cgroup, PlanExec *exec,
        char path[static CGROUP_PATH_MAX], CtrError *err)
{
        size_t n;

        if (!cgroup)
                return 0;
        if (!ctr_cgroup_path_is_valid(cgroup))
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "--cgroup wants a path in the container's cgroup, not \"%.64s\"", cgroup);
        (void) snprintf(path, CGROUP_PATH_MAX, "%s", exec->cgroup_dir);
        (void) cgroup_cut_to_unit(path, c->unit);
        n = strlen(path);
        cgroup += strspn(cgroup, "/");
        if (*cgroup && snprintf(path + n, CGROUP_PATH_MAX - n, "/%s", cgroup) >=
                               (int) (CGROUP_PATH_MAX - n))
                return ctr_error_set(err, CTR_ERROR_USAGE, ENAMETOOLONG, "--cgroup");
        if (access(path, F_OK) < 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, errno, "cgroup %s", path);
        exec->cgroup_dir = path;
        exec->is_cgroup_exact = true;
        return 0;
}

static int compile(const Runtime *rt, const Container *c, const ContainerProcess *init,
        const RuntimeExec *options, ExecProgram *ret, CtrError *err)
{
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ char *text = NULL;
        ExecProcess process;
        FilterCache filters;
        PlanExec exec = { .id = c->id,
                .init_pid = init->pid,
                .init_starttime = init->starttime,
                .bundle = c->state.bundle,
                .cgroup_dir = init->cgroup,
                .has_console = true,
                .is_session = options->session,
                .filter_cache = &filters.plan };
        char cgroup[CGROUP_PATH_MAX];
        size_t size;
        int r;

        filter_cache_init(&filters, rt);
        r = choose_cgroup(c, options->cgroup, &exec, cgroup, err);
        if (r < 0)
                return r;
        r = exec_target_namespaces(init->pid, &exec.namespaces, err);
        if (r >= 0)
                r = ctr_read_file(c->dir_fd, STATE_FILE_CONFIG, CONFIG_SIZE_MAX, &text, &size, err);
        if (r >= 0)
                r = spec_parse(text, size, &spec, err);
        if (r < 0)
                return bundle_error(STATE_FILE_CONFIG, r, err);
        r = exec_process_make(spec, options, &process, err);
        if (r < 0)
                return r;
        ret->has_terminal = process.process.has_terminal;
        if (!options->session)
                r = terminal_check(
                        ret->has_terminal, options->is_detached, options->console_socket, err);
        if (r >= 0)
                r = plan_exec_program(spec, &process.process, &exec, &ret->bytes, &ret->size, err);
        /* The first affinity is that of ctr-exec before it joins. */
        if (!options->session && !process.process.exec_cpu_affinity_initial)
                exec_program_set_birthplace(ret, exec.cgroup_dir, exec.namespaces);
        exec_process_done(&process);
        return bundle_error(options->process_file, r, err);
}

int exec_program_make(
        const Runtime *rt, const RuntimeExec *options, ExecProgram *ret, CtrError *err)
{
        ContainerProcess init;
        Container c;
        int r;

        *ret = (ExecProgram){ 0 };
        r = exec_target_open(rt, options, &c, &init, err);
        if (r < 0)
                return r;
        r = compile(rt, &c, &init, options, ret, err);
        if (r >= 0)
                memcpy(ret->unit, c.unit, sizeof(ret->unit));
        container_done(&c);
        return r;
}
