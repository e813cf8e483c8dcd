/* pause and resume: systemd's freezer, for the whole unit; the kernel's for a cgroup that is not
 * systemd's. A container that ends meanwhile is not running any more, whatever else happens. */
#include "runtime/container.h"
#include "runtime/cgroup-tree.h"
#include "runtime/unit-call.h"

#include <poll.h>

typedef int (*StatusCheck)(const ContainerProcess *process, CtrError *err);

static bool has_ended(int process_fd)
{
        return poll(&(struct pollfd){ .fd = process_fd, .events = POLLIN }, 1, 0) != 0;
}

static int freeze_unit(
        const Container *c, const ContainerProcess *process, bool is_frozen, CtrError *err)
{
        _cleanup_close_ int process_fd = container_open_process(process, err);
        int r = process_fd;

        if (r >= 0)
                r = unit_call_freeze(c->unit, process_fd, is_frozen, err);
        if (!is_frozen || process_fd < 0 || !has_ended(process_fd))
                return r;
        container_thaw_dead(c, process);
        return ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
}

static int freeze(
        const Container *c, const ContainerProcess *process, bool is_frozen, CtrError *err)
{
        char path[CGROUP_PATH_MAX];

        if (c->unit[0])
                return freeze_unit(c, process, is_frozen, err);
        if (container_get_cgroup(c, process, path) < 0)
                return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                        "a container without a cgroup of its own cannot be paused");
        return cgroup_freeze(path, is_frozen, err);
}

/* Opens the container, checks its status, acts. */
static int with_container(
        const Runtime *rt, const char *id, StatusCheck check, bool is_frozen, CtrError *err)
{
        ContainerProcess process;
        Container c;
        int r;

        r = container_look(rt, id, &c, &process, err);
        if (r < 0)
                return r;
        r = check(&process, err);
        if (r >= 0)
                r = freeze(&c, &process, is_frozen, err);
        container_done(&c);
        return r;
}

static int check_pausable(const ContainerProcess *process, CtrError *err)
{
        switch (process->status) {
        case CONTAINER_CREATED:
        case CONTAINER_RUNNING:
                return 0;
        case CONTAINER_PAUSED:
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_PAUSED, 0, "container already paused");
        default:
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
        }
}

static int check_paused(const ContainerProcess *process, CtrError *err)
{
        if (process->status == CONTAINER_PAUSED)
                return 0;
        return ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_PAUSED, 0, "container not paused");
}

int runtime_pause(const Runtime *rt, const char *id, CtrError *err)
{
        return with_container(rt, id, check_pausable, true, err);
}

int runtime_resume(const Runtime *rt, const char *id, CtrError *err)
{
        return with_container(rt, id, check_paused, false, err);
}
