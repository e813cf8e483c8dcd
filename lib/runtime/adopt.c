/* A process from outside becomes one of the container's: it keeps its namespaces, but it is in the
 * container's cgroup, so it counts for its limits, is listed, frozen and killed with it. (SetPid of
 * virtcontainers, for programs that have joined a container by themselves.) */
#include "runtime/container.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>

/* PID 1 and threads of the kernel are nobody's. */
static int move(const Container *c, const ContainerProcess *process, pid_t pid, CtrError *err)
{
        char path[CGROUP_PATH_MAX], number[32];
        _cleanup_close_ int fd = -EBADF;
        int r;

        r = container_get_cgroup(c, process, path);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cgroup of %s", c->id);
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        (void) snprintf(number, sizeof(number), "%d", (int) pid);
        r = fd < 0 ? -errno : ctr_write_value(fd, "cgroup.procs", number);
        if (r == -ESRCH || r == -EINVAL)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "there is no process %d that can be moved", (int) pid);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot move process %d to %s",
                               (int) pid, path)
                     : 0;
}

int runtime_adopt(const Runtime *rt, const char *id, pid_t pid, CtrError *err)
{
        ContainerProcess process;
        Container c;
        int r;

        if (pid < 2)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0, "pid is not the number of a process");
        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = container_get_process(&c, &process, err);
        if (r >= 0 && process.status == CONTAINER_PAUSED)
                r = ctr_error_set(err, CTR_ERROR_CONTAINER_PAUSED, 0, "container paused");
        else if (r >= 0 && process.status != CONTAINER_RUNNING)
                r = ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
        if (r >= 0)
                r = move(&c, &process, pid, err);
        container_done(&c);
        return r;
}
