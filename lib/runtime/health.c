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
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#define PID1_SOCKET "/run/systemd/notify"

enum { WAIT_MSEC = 10000, PAUSE_MSEC = 20, POLL_MSEC_MAX = 60000 };

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

/* Waits for so long, or until the container ends: then false. */
static bool outlasts(const ContainerProcess *process, uint64_t msec)
{
        _cleanup_close_ int fd = pidfd_open(process->pid, 0);
        struct pollfd ended = { .fd = fd, .events = POLLIN };
        uint64_t end = now_msec() + msec, now;

        while (fd >= 0 && (now = now_msec()) < end)
                if (poll(&ended, 1, (int) MIN_OF(end - now, (uint64_t) POLL_MSEC_MAX)) > 0)
                        return false;
        return fd >= 0;
}

/* ---- one check ---- */

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

/* The record of this run, which begins with its first check. */
static int read_record(const Container *c, const Health *health, const ContainerProcess *process,
        HealthRecord *ret, CtrError *err)
{
        if (health_record_read(c->dir_fd, process->invocation_id, ret))
                return 0;
        *ret = (HealthRecord){
                .status = HEALTH_STARTING,
                .since_msec = now_msec(),
                .is_up = health->startup.args.n == 0,
        };
        return health_record_write(c->dir_fd, process->invocation_id, ret, err);
}

/* Runs a command as the check that it is. 1, or 0 when the container has ended meanwhile: then it
 * says nothing. */
static int run_check(const Runtime *rt, const Container *c, const ContainerProcess *process,
        const SpecStrv *args, uint64_t timeout_msec, HealthResult *ret, CtrError *err)
{
        _cleanup_close_ int null_fd = -EBADF, output_fd = -EBADF;
        int stdio[3];
        const LaunchFds fds = { .has_stdio = true, .stdio = stdio, .console = -EBADF };
        RuntimeExec exec = {
                .id = c->id, .args = args->items, .timeout_msec = timeout_msec, .fds = &fds
        };
        int r, status = 0;

        ret->is_counted = false;
        /* Nothing of the caller's: it may be the service, whose input is not for containers. */
        null_fd = stdio[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (null_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "/dev/null");
        output_fd = stdio[1] = stdio[2] = health_output_open(err);
        if (output_fd < 0)
                return output_fd;
        r = runtime_exec(rt, &exec, &status, &ret->reason);
        ret->is_success = r >= 0 && status == 0;
        /* What does not fit on the disk is no reason to count wrongly. */
        (void) health_output_keep(c->dir_fd, process->invocation_id, output_fd, NULL);
        if (!ret->is_success && !is_same_run(c, process))
                return 0;
        if (r >= 0 && status != 0)
                (void) ctr_error_set(
                        &ret->reason, CTR_ERROR_SYSTEM, 0, "the check exited with %d", status);
        ret->is_counted = true;
        return 1;
}

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

static int check(const Runtime *rt, const Container *c, const Health *health,
        const ContainerProcess *process, HealthResult *ret, CtrError *err)
{
        HealthRecord record;
        int r = read_record(c, health, process, &record, err);

        if (r >= 0)
                r = run_check(rt, c, process, &health->args, health->timeout_msec, ret, err);
        if (r <= 0)
                return r;
        /* Before the record: who is killed in between says it again. */
        if (ret->is_success && health->holds_ready && record.status != HEALTH_HEALTHY) {
                r = notify_socket_send(PID1_SOCKET, "READY=1", -EBADF, process->pid);
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot notify systemd");
        }
        count(health, ret->is_success, &record);
        ret->record = record;
        r = health_record_write(c->dir_fd, process->invocation_id, &record, err);
        if (r < 0 || record.status != HEALTH_UNHEALTHY || ret->is_success)
                return r;
        return act(rt, c, health->action, err);
}

/* ---- until the program is up ---- */

/* One check. 1 when it was the last of them. */
static int check_startup(const Runtime *rt, const Container *c, const Health *health,
        const ContainerProcess *process, HealthResult *ret, CtrError *err)
{
        const HealthStartup *startup = &health->startup;
        HealthRecord *record = &ret->record;
        bool is_too_late;
        int r;

        r = run_check(rt, c, process, &startup->args, startup->timeout_msec, ret, err);
        if (r <= 0)
                return r;
        record->n_successes = ret->is_success ? record->n_successes + 1 : 0;
        record->n_failures = ret->is_success ? 0 : record->n_failures + 1;
        record->is_up = record->n_successes >= startup->successes;
        if (record->is_up)
                record->since_msec = now_msec();
        is_too_late = startup->retries > 0 && record->n_failures >= startup->retries;
        r = health_record_write(c->dir_fd, process->invocation_id, record, err);
        if (r >= 0 && is_too_late)
                r = act(rt, c, HEALTH_RESTART, err);
        return r < 0 ? r : is_too_late ? 0 : record->is_up;
}

/* Of the timer they follow each other at their own interval. 1 when the program is up, 0 when it is
 * not: by hand it was one check, else the container has ended. */
static int await_up(const Runtime *rt, const Container *c, const Health *health, bool is_timer,
        const ContainerProcess *process, HealthResult *ret, CtrError *err)
{
        int r = read_record(c, health, process, &ret->record, err);

        while (r >= 0 && !ret->record.is_up) {
                ContainerProcess now;

                r = container_get_process(c, &now, err);
                if (r < 0 || now.status != CONTAINER_PAUSED)
                        r = r < 0 ? r : check_startup(rt, c, health, process, ret, err);
                if (r != 0 || !is_timer)
                        return r;
                if (!outlasts(process, health->startup.interval_msec) || !is_same_run(c, process))
                        return 0;
        }
        return r < 0 ? r : 1;
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
                r = await_up(rt, &c, &health, is_timer, &process, ret, err);
                if (r > 0)
                        r = check(rt, &c, &health, &process, ret, err);
                health_done(&health);
        }
        container_done(&c);
        return r;
}
