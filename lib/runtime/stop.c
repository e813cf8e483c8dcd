/* stop: the container's end in good order. Its unit knows how; without one the same is done by
 * hand: SIGTERM, ten seconds, SIGKILL to what is left. */
#include "runtime/container.h"
#include "sd/sd-job.h"

#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>

#define STOP_TIMEOUT_USEC (120U * 1000 * 1000) /* beyond TimeoutStopSec= of any unit we make */
#define STOP_TIMEOUT_MSEC 10000

static int stop_unit(const Container *c, CtrError *err)
{
        char result[SD_JOB_RESULT_MAX];
        SdConnection bus = { 0 };
        int r;

        r = sd_connect(&bus, err);
        if (r >= 0)
                r = sd_job_stop(&bus, c->unit, SD_STOP_KILL_NONE, STOP_TIMEOUT_USEC, result, err);
        sd_disconnect(&bus);
        return r < 0 ? r : 0;
}

static int stop_process(const Container *c, const ContainerProcess *process, CtrError *err)
{
        _cleanup_close_ int pidfd = container_open_process(process, NULL);
        struct pollfd pollfd = { .fd = pidfd, .events = POLLIN };
        char path[CGROUP_PATH_MAX];

        if (pidfd < 0)
                return 0;
        if (pidfd_send_signal(pidfd, SIGTERM, NULL, 0) < 0 && errno != ESRCH)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot send the signal");
        (void) poll(&pollfd, 1, STOP_TIMEOUT_MSEC);
        if (container_get_cgroup(c, process, path) >= 0)
                (void) cgroup_kill(path);
        (void) pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
        (void) poll(&pollfd, 1, STOP_TIMEOUT_MSEC);
        return 0;
}

int runtime_stop(const Runtime *rt, const char *id, CtrError *err)
{
        ContainerProcess process;
        Container c;
        int r;

        r = container_look(rt, id, &c, &process, err);
        if (r < 0)
                return r;
        r = c.unit[0] ? stop_unit(&c, err) : stop_process(&c, &process, err);
        container_done(&c);
        return r;
}
