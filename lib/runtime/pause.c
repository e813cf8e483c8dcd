/* pause and resume: systemd's freezer, for the whole unit. */
#include "runtime/container.h"
#include "runtime/service.h"

typedef int (*StatusCheck)(const ContainerProcess *process, CtrError *err);
typedef int (*UnitCall)(SdConnection *bus, const char *unit, CtrError *err);

/* Opens the container, checks its status, connects, calls. */
static int with_unit(
        const Runtime *rt, const char *id, StatusCheck check, UnitCall call, CtrError *err)
{
        ContainerProcess process;
        SdConnection bus = { 0 };
        Container c;
        int r;

        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = container_get_process(&c, &process, err);
        if (r >= 0)
                r = check(&process, err);
        if (r >= 0)
                r = sd_connect(&bus, err);
        if (r >= 0)
                r = call(&bus, c.unit, err);
        sd_disconnect(&bus);
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
        return with_unit(rt, id, check_pausable, sd_unit_freeze, err);
}

int runtime_resume(const Runtime *rt, const char *id, CtrError *err)
{
        return with_unit(rt, id, check_paused, sd_unit_thaw, err);
}
