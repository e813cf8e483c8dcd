/* health: one check of a container, now. The timer of its unit calls it, or a person; what came of
 * the checks so far is one line in the state directory, which belongs to one run of the container.
 *
 * A check that fails because the container is ending says nothing about its health. */
#include "runtime/health.h"

#include "plan/health.h"
#include "runtime/launch-client.h"
#include "sd/sd-job.h"

#include "base/io.h"
#include "base/notify-socket.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PID1_SOCKET "/run/systemd/notify"

enum { WAIT_MSEC = 10000, PAUSE_MSEC = 20 };

static uint64_t now_msec(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_BOOTTIME, &ts);
        return (uint64_t) ts.tv_sec * 1000U + (uint64_t) ts.tv_nsec / 1000000U;
}

/* ---- the container ---- */

/* The timer starts together with the container: then it is waited for. 1 when it runs, 0 when there
 * is nothing to check (it is paused, or ended), or -errno. */
static int await_running(const Runtime *rt, const char *id, bool is_timer, Container *ret,
        ContainerProcess *ret_process, CtrError *err)
{
        uint64_t end = now_msec() + WAIT_MSEC;
        int r;

        for (;;) {
                struct timespec ts = { .tv_nsec = PAUSE_MSEC * 1000000L };
                CtrError e = { 0 };

                r = container_open(rt, id, ret, &e);
                if (r >= 0) {
                        r = container_get_process(ret, ret_process, &e);
                        if (r >= 0 && ret_process->status == CONTAINER_RUNNING)
                                return 1;
                        container_done(ret);
                        if (r >= 0 && ret_process->status == CONTAINER_PAUSED && is_timer)
                                return 0;
                        if (r >= 0)
                                (void) ctr_error_set(&e, CTR_ERROR_CONTAINER_NOT_RUNNING, 0,
                                        "container not running");
                }
                if (!is_timer || now_msec() >= end) {
                        *err = e;
                        return is_timer ? 0 : -EINVAL;
                }
                (void) nanosleep(&ts, NULL);
        }
}

/* Is it still the same run that was checked? */
static bool is_same_run(const Container *c, const ContainerProcess *process)
{
        ContainerProcess now;

        return container_get_process(c, &now, NULL) >= 0 && now.pid == process->pid &&
               strcmp(now.invocation_id, process->invocation_id) == 0 &&
               (now.status == CONTAINER_RUNNING || now.status == CONTAINER_PAUSED);
}

/* ---- one check ---- */

static void count(const Health *health, bool is_success, HealthRecord *record)
{
        if (is_success) {
                record->status = HEALTH_HEALTHY;
                record->n_failures = 0;
                return;
        }
        if (record->status == HEALTH_STARTING &&
                now_msec() - record->since_msec < health->start_period_msec)
                return;
        record->n_failures++;
        if (record->n_failures >= health->retries)
                record->status = HEALTH_UNHEALTHY;
}

static int act(const Runtime *rt, const Container *c, HealthAction action, CtrError *err)
{
        SdConnection bus = { 0 };
        int r;

        if (action == HEALTH_NONE)
                return 0;
        if (action == HEALTH_KILL)
                return runtime_kill(rt, c->id, SIGKILL, false, err);
        r = sd_connect(&bus, err);
        if (r >= 0)
                r = action == HEALTH_RESTART ? sd_job_restart_unattended(&bus, c->unit, err)
                                             : sd_job_stop_unattended(&bus, c->unit, err);
        sd_disconnect(&bus);
        return r;
}

static int check(const Runtime *rt, const Container *c, const Health *health,
        const ContainerProcess *process, HealthResult *ret, CtrError *err)
{
        _cleanup_close_ int null_fd = -EBADF, output_fd = -EBADF;
        int stdio[3];
        const LaunchFds fds = { .has_stdio = true, .stdio = stdio, .console = -EBADF };
        RuntimeExec exec = { .id = c->id,
                .args = health->args.items,
                .timeout_msec = health->timeout_msec,
                .fds = &fds };
        HealthRecord record;
        int r, status = 0;

        /* Nothing of the caller's: it may be the service, whose input is not for containers. */
        null_fd = stdio[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (null_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "/dev/null");
        output_fd = stdio[1] = stdio[2] = health_output_open(err);
        if (output_fd < 0)
                return output_fd;

        if (!health_record_read(c->dir_fd, process->invocation_id, &record)) {
                record = (HealthRecord){ .status = HEALTH_STARTING, .since_msec = now_msec() };
                r = health_record_write(c->dir_fd, process->invocation_id, &record, err);
                if (r < 0)
                        return r;
        }
        r = runtime_exec(rt, &exec, &status, &ret->reason);
        ret->is_success = r >= 0 && status == 0;
        /* What does not fit on the disk is no reason to count wrongly. */
        (void) health_output_keep(c->dir_fd, process->invocation_id, output_fd, NULL);
        if (!ret->is_success && !is_same_run(c, process))
                return 0;
        if (r >= 0 && status != 0)
                (void) ctr_error_set(
                        &ret->reason, CTR_ERROR_SYSTEM, 0, "the check exited with %d", status);
        /* Before the record: who is killed in between says it again. */
        if (ret->is_success && health->holds_ready && record.status != HEALTH_HEALTHY) {
                r = notify_socket_send(PID1_SOCKET, "READY=1", -EBADF, process->pid);
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot notify systemd");
        }
        count(health, ret->is_success, &record);
        ret->is_counted = true;
        ret->record = record;
        r = health_record_write(c->dir_fd, process->invocation_id, &record, err);
        if (r < 0 || record.status != HEALTH_UNHEALTHY || ret->is_success)
                return r;
        return act(rt, c, health->action, err);
}

int runtime_health(
        const Runtime *rt, const char *id, bool is_timer, HealthResult *ret, CtrError *err)
{
        ContainerProcess process;
        CtrError unused;
        Health health;
        Container c;
        int r;

        if (!err)
                err = &unused;
        *ret = (HealthResult){ 0 };
        r = await_running(rt, id, is_timer, &c, &process, err);
        if (r <= 0)
                return r;
        r = health_read(&c.state.annotations, &health, err);
        if (r == 0)
                r = ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "container %s has no health check (HealthCmd=)", id);
        else if (r > 0) {
                r = check(rt, &c, &health, &process, ret, err);
                health_done(&health);
        }
        container_done(&c);
        return r;
}
