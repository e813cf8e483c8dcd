/* kill and ps: signals to a container's processes, and their list. No bus but for a signal other
 * than SIGKILL to all of them. */
#include "runtime/container.h"
#include "runtime/host-process.h"
#include "runtime/kill-members.h"
#include "runtime/unit-call.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>

/* cgroup.kill of the unit, wherever in it init is; a service's has more in it than the container.
 */
static int kill_cgroup(const Container *c, const ContainerProcess *process, CtrError *err)
{
        char path[CGROUP_PATH_MAX];
        int r;

        if (c->state.mode == PLAN_SERVICE)
                return kill_members(c, process, err);
        r = container_get_cgroup(c, process, path);
        if (r >= 0)
                r = cgroup_kill(path);
        return r < 0 ? ctr_error_set(
                               err, CTR_ERROR_SYSTEM, r, "cannot kill the processes of %s", path)
                     : 0;
}

static int kill_init(const ContainerProcess *process, int signal_number, CtrError *err)
{
        _cleanup_close_ int pidfd = container_open_process(process, err);

        if (pidfd < 0)
                return pidfd;
        if (pidfd_send_signal(pidfd, signal_number, NULL, 0) >= 0)
                return 0;
        if (errno == ESRCH)
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot send the signal");
}

/* One by one: a cgroup without systemd has no better way for other signals than SIGKILL. */
static int kill_listed(
        const Container *c, const ContainerProcess *process, int signal_number, CtrError *err)
{
        _cleanup_free_ pid_t *pids = NULL;
        char path[CGROUP_PATH_MAX];
        size_t n;
        int r;

        r = container_get_cgroup(c, process, path);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cgroup of %s", c->id);
        r = cgroup_list_processes(path, &pids, &n, err);
        for (size_t i = 0; r >= 0 && i < n; i++)
                (void) kill(pids[i], signal_number);
        return r;
}

/* The kernel ends a pid namespace with its init: of a service, which may be about to end by itself,
 * nothing else is touched. */
static bool ends_with_init(const Container *c, const ContainerProcess *process)
{
        return c->state.mode == PLAN_SERVICE && container_has_pid_namespace(process);
}

static int kill_all(
        const Container *c, const ContainerProcess *process, int signal_number, CtrError *err)
{
        if (c->state.mode == PLAN_UNPLACED || signal_number == 0 ||
                (signal_number == SIGKILL && ends_with_init(c, process)))
                return kill_init(process, signal_number, err);
        if (signal_number == SIGKILL)
                return kill_cgroup(c, process, err);
        if (c->state.mode == PLAN_CGROUPFS)
                return kill_listed(c, process, signal_number, err);
        return unit_call_kill(c->unit, signal_number, err);
}

/* Without a pid namespace of the container's own its processes do not end with the first one. In a
 * service PID 1 ends them itself (KillMode=mixed), and what is there after that are the hooks of
 * its end. */
static bool is_outlived(const Container *c, const ContainerProcess *process)
{
        char path[CGROUP_PATH_MAX];
        CgroupEvents events;

        return c->state.mode != PLAN_SERVICE && container_get_cgroup(c, process, path) >= 0 &&
               cgroup_read_events(path, &events) >= 0 && events.is_populated;
}

static int kill_process(const Container *c, const ContainerProcess *process, int signal_number,
        bool is_all, CtrError *err)
{
        if (process->status == CONTAINER_STOPPED && signal_number == SIGKILL &&
                is_outlived(c, process))
                return kill_cgroup(c, process, err);
        if (process->status == CONTAINER_STOPPED && is_all)
                return 0;
        if (process->pid == 0)
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
        if (is_all || (signal_number == SIGKILL && !container_has_pid_namespace(process)))
                return kill_all(c, process, signal_number, err);
        return kill_init(process, signal_number, err);
}

static int kill_container(const Container *c, int signal_number, bool is_all, CtrError *err)
{
        ContainerProcess process;
        int r;

        r = container_get_process(c, &process, err);
        if (r >= 0)
                r = kill_process(c, &process, signal_number, is_all, err);
        if (r >= 0 && signal_number == SIGKILL && process.status == CONTAINER_PAUSED)
                container_thaw_dead(c, &process);
        return r;
}

int runtime_kill(const Runtime *rt, const char *id, int signal_number, bool is_all, CtrError *err)
{
        Container c;
        int r;

        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = kill_container(&c, signal_number, is_all, err);
        container_done(&c);
        return r;
}

/* Without a cgroup of its own only init is known to be the container's. */
static int list_processes(const Container *c, const ContainerProcess *process, pid_t **ret,
        size_t *ret_n, CtrError *err)
{
        char path[CGROUP_PATH_MAX];

        if (container_get_cgroup(c, process, path) >= 0) {
                int r = cgroup_list_processes(path, ret, ret_n, err);

                if (r >= 0 && c->state.mode == PLAN_SERVICE)
                        *ret_n = host_process_leave_out(*ret, *ret_n, process->pid);
                return r;
        }
        *ret = malloc(sizeof(**ret));
        if (!*ret)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "listing processes");
        **ret = process->pid;
        *ret_n = process->pid > 0;
        return 0;
}

int runtime_ps(const Runtime *rt, const char *id, pid_t **ret, size_t *ret_n, CtrError *err)
{
        ContainerProcess process;
        Container c;
        int r;

        r = container_look(rt, id, &c, &process, err);
        if (r < 0)
                return r;
        /* What init is in may be a part of the unit's cgroup. Of a stopped container it is the
         * unit's. */
        r = list_processes(&c, &process, ret, ret_n, err);
        container_done(&c);
        return r;
}
