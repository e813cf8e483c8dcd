/* Checkpoint and restore: what libcontainer does with CRIU is not done here. Who asks is told, by
 * the error that anything unsupported is, once the question would make sense. */
#include "runtime/container.h"

static int refuse(const char *what, const char *id, CtrError *err)
{
        return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                "%s %s: checkpoints are not supported, CRIU is not used: a container can be paused, "
                "or stopped and started again",
                what, id);
}

int runtime_checkpoint(const Runtime *rt, const char *id, CtrError *err)
{
        ContainerProcess process;
        Container c;
        int r;

        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = container_get_live_process(&c, &process, err);
        container_done(&c);
        return r < 0 ? r : refuse("cannot checkpoint", id, err);
}

int runtime_restore(const Runtime *rt, const char *id, CtrError *err)
{
        Container c;
        int r;

        r = ctr_id_check(id, err);
        if (r < 0)
                return r;
        if (container_open(rt, id, &c, NULL) >= 0) {
                container_done(&c);
                return ctr_error_set(
                        err, CTR_ERROR_ID_IN_USE, 0, "container with given ID already exists");
        }
        return refuse("cannot restore", id, err);
}
