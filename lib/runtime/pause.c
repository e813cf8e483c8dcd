/* pause and resume: systemd's freezer, for the whole unit; the kernel's for a cgroup that is not
 * systemd's. */
#include "runtime/container.h"
#include "runtime/cgroup-tree.h"
#include "runtime/unit-call.h"

typedef int (*StatusCheck)(const ContainerProcess *process, CtrError *err);

static int freeze(
        const Container *c, const ContainerProcess *process, bool is_frozen, CtrError *err)
{
        char path[CGROUP_PATH_MAX];

        if (c->unit[0])
                return unit_call_freeze(c->unit, is_frozen, err);
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

        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = container_get_process(&c, &process, err);
        if (r >= 0)
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
