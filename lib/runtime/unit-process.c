/* Processes that are PID 1's: see unit-process.h. Three tell how one ended: the kernel (Linux 6.15
 * and later), PID 1 while the unit is referenced, and the exit record that the unit's last command
 * writes. */
#include "runtime/unit-process.h"

#include "runtime/container.h"
#include "sd/sd-unit.h"
#include "sd/sd-watch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>

static int await_end(const UnitProcess *p, int timeout_msec)
{
        struct pollfd pollfd = { .fd = p->pidfd, .events = POLLIN };
        int r;

        while ((r = poll(&pollfd, 1, timeout_msec)) < 0 && errno == EINTR)
                ;
        return r < 0 ? -errno : r;
}

bool unit_process_has_ended(const UnitProcess *p)
{
        return p->pidfd < 0 || await_end(p, 0) > 0;
}

int unit_process_open(
        const Runtime *rt, const char *id, bool wants_reference, UnitProcess *ret, CtrError *err)
{
        UnitProcess p = UNIT_PROCESS_NULL;
        ContainerProcess process;
        Container c;
        int r;

        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        memcpy(p.unit, c.unit, sizeof(p.unit));
        r = container_get_process(&c, &process, err);
        if (r >= 0)
                r = p.pidfd = container_open_process(&process, err);
        p.pid = process.pid;
        p.state_fd = TAKE_FD(c.dir_fd);
        container_done(&c);
        if (r >= 0 && wants_reference && p.unit[0] && !process_exit_is_known_here()) {
                r = sd_connect(&p.bus, err);
                if (r >= 0)
                        r = sd_unit_ref(&p.bus, p.unit, err);
                if (r == 0) /* it is over, then there is a record */
                        sd_disconnect(&p.bus);
        }
        if (r < 0) {
                unit_process_done(&p);
                return r;
        }
        *ret = p;
        return 0;
}

int unit_process_signal(const UnitProcess *p, int signal_number, CtrError *err)
{
        if (p->pidfd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_PROCESS_NOT_EXECUTED, 0, "the process was not started");
        if (pidfd_send_signal(p->pidfd, signal_number, NULL, 0) >= 0)
                return 0;
        if (errno == ESRCH)
                return ctr_error_set(
                        err, CTR_ERROR_PROCESS_NOT_EXECUTED, ESRCH, "the process has ended");
        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot send signal %d", signal_number);
}

static int end_of_record(const ExitRecord *record, ProcessEnd *ret)
{
        ret->is_signal = strcmp(record->code, "killed") == 0 || strcmp(record->code, "dumped") == 0;
        ret->number = ret->is_signal ? record->status - 128 : record->status;
        return 0;
}

/* The record is written by the unit's last process: one that is not over yet has still something to
 * tell. */
static int read_record(int state_fd, const char *unit, ProcessEnd *ret, CtrError *err)
{
        struct timespec pause = { .tv_nsec = 1000000 };
        SdConnection bus = { 0 };
        SdUnitStatus status;
        ExitRecord record;
        bool is_over = false;
        int r = 0, found;

        for (;;) {
                found = exit_record_read(state_fd, &record, err);
                if (found != 0 || is_over || r < 0)
                        break;
                if (!bus.bus)
                        r = unit[0] ? sd_connect(&bus, err) : -ENOENT;
                if (r >= 0)
                        r = sd_unit_get_status(&bus, unit, &status, err);
                is_over = r < 0 || !status.is_loaded ||
                          strcmp(status.active_state, "inactive") == 0 ||
                          strcmp(status.active_state, "failed") == 0;
                if (!is_over)
                        (void) nanosleep(&pause, NULL);
        }
        sd_disconnect(&bus);
        if (found > 0)
                return end_of_record(&record, ret);
        if (found < 0)
                return found;
        return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "how the process ended is not known");
}

static void release(UnitProcess *p)
{
        if (p->bus.bus)
                (void) sd_unit_release(&p->bus, p->unit, NULL);
        sd_disconnect(&p->bus);
}

int unit_process_wait(UnitProcess *p, ProcessEnd *ret, CtrError *err)
{
        SdUnitExit e = { 0 };
        int r;

        if (p->pidfd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_PROCESS_NOT_EXECUTED, 0, "the process was not started");
        r = await_end(p, -1);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "waiting for the process");
        if (process_exit_is_known_here())
                return process_exit_wait_end(p->pidfd, ret, err);
        if (p->bus.bus && !p->has_end) {
                r = sd_watch_main_exit(&p->bus, p->unit, &e, err);
                if (r < 0)
                        return r;
        }
        if (e.is_known) {
                p->has_end = true;
                p->end = (ProcessEnd){ .is_signal = e.code != CLD_EXITED, .number = e.status };
                /* The name is free for the next one. */
                release(p);
        }
        if (!p->has_end)
                return read_record(p->state_fd, p->unit, ret, err);
        *ret = p->end;
        return 0;
}

void unit_process_done(UnitProcess *p)
{
        release(p);
        closep(&p->pidfd);
        closep(&p->state_fd);
        *p = UNIT_PROCESS_NULL;
}

int runtime_wait(const Runtime *rt, const char *id, ProcessEnd *ret, CtrError *err)
{
        UnitProcess p;
        CtrError unused;
        Container c;
        int r;

        if (!err)
                err = &unused;
        r = unit_process_open(rt, id, true, &p, err);
        if (r >= 0) {
                r = unit_process_wait(&p, ret, err);
                unit_process_done(&p);
                return r;
        }
        if (err->code != CTR_ERROR_CONTAINER_NOT_RUNNING)
                return r;
        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = read_record(c.dir_fd, c.unit, ret, err);
        container_done(&c);
        return r;
}
