/* Removing the cgroups of engines' containers: see placement-remove.h. */
#include "runtime/placement-remove.h"

#include "runtime/cgroup-tree.h"
#include "runtime/unit-call.h"
#include "runtime/unit-files.h"

#include "plan/state-files.h"

#include <fcntl.h>
#include <unistd.h>

/* The last that is written of a container that has been made. */
static bool is_complete(const Container *c)
{
        return faccessat(c->dir_fd, STATE_FILE_LIVE, F_OK, AT_SYMLINK_NOFOLLOW) >= 0;
}

/* A scope without processes goes by itself, but not at once, and one that lost its process early
 * may stay: PID 1 is asked to. A creator that was killed may even have asked for one that PID 1 has
 * not come to yet, and that would stay, empty: our request is behind that one. path NULL: its
 * process is not in it. */
static int remove_scope(const Container *c, const char *path, CtrError *err)
{
        CgroupEvents events;
        int r = path ? cgroup_kill(path) : 0;

        if (r < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, r, "cannot kill the processes of %s", path);
        if (!is_complete(c) || (path && cgroup_read_events(path, &events) >= 0))
                unit_call_stop(c->unit);
        unit_files_forget(c->unit);
        return 0;
}

/* Without a pid namespace of the container's own, processes outlive the first one: of a stopped
 * container too there may be some. */
int placement_remove(const Container *c, const ContainerProcess *process, CtrError *err)
{
        char path[CGROUP_PATH_MAX];
        int r;

        r = container_get_cgroup(c, process, path);
        switch (c->state.mode) {
        case PLAN_CGROUPFS:
                return r < 0 ? 0 : cgroup_remove(path, true, err);
        case PLAN_SCOPE:
                return remove_scope(c, r < 0 ? NULL : path, err);
        default:
                return 0;
        }
}

/* The payload was held until its scope was complete: PID 1 watches the cgroup since, and takes an
 * empty scope away without being asked. */
void placement_end(const Container *c, const ContainerProcess *process)
{
        char path[CGROUP_PATH_MAX];
        CgroupEvents events;

        if (c->state.mode == PLAN_SCOPE && container_get_cgroup(c, process, path) >= 0 &&
                (cgroup_read_events(path, &events) < 0 || !events.is_populated))
                return;
        (void) placement_remove(c, process, NULL);
}
