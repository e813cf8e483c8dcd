/* Starting and taking down units: see service.h. */
#include "runtime/service.h"

#include "runtime/unit-files.h"
#include "sd/sd-job.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STOP_TIMEOUT_USEC (120U * 1000 * 1000) /* beyond TimeoutStopSec= of any unit we make */

/* Why the unit ended without a word: what PID 1 answered, if that was a failure, else a pointer to
 * the journal. */
static int silent_end_error(SdPending *call, const char *unit, CtrError *err)
{
        int r = call ? sd_pending_wait(call, err) : 0;

        if (r < 0)
                return r;
        return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                "the unit ended before the container started (see: journalctl -u %s)", unit);
}

/* Waits for the container's answer, the call's failure, or a request to give up. call NULL: its
 * answer was lost, and only the container can say something. */
static int await_reply(SdPending *call, int socket_fd, const ServiceStart *start, LaunchReply *ret,
        int *ret_pidfd, CtrError *err)
{
        enum { SOCKET, ABORT, BUS };
        int r, timeout = -1;

        for (;;) {
                struct pollfd fds[] = {
                        [SOCKET] = { .fd = socket_fd, .events = POLLIN },
                        [ABORT] = { .fd = start->abort_fd, .events = POLLIN },
                        [BUS] = { .fd = -EBADF },
                };

                r = call ? sd_poll_prepare(call->connection, &fds[BUS], &timeout, err) : 0;
                if (r < 0)
                        return r;
                if (poll(fds, ELEMENTSOF(fds), timeout) < 0 && errno != EINTR)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "waiting for the container");
                if (fds[SOCKET].revents) {
                        r = launch_receive(socket_fd, ret, ret_pidfd, err);
                        if (r < 0)
                                return r;
                        return r > 0 ? 0 : silent_end_error(call, start->unit, err);
                }
                if (fds[ABORT].revents)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, ECANCELED, "interrupted");
                r = call ? sd_poll_dispatch(call->connection, err) : 0;
                if (r < 0)
                        return r;
                if (call && call->is_done && call->result < 0) {
                        *err = call->error;
                        return call->result;
                }
        }
}

/* One attempt. -EAGAIN when PID 1 went away with the call, so that there is no unit: again, then.
 */
static int start_once(SdConnection *bus, const ServiceStart *start, SdRecovery *recovery,
        LaunchReply *ret, int *ret_pidfd, CtrError *err)
{
        _cleanup_close_ int ours = -EBADF, theirs = -EBADF;
        SdPending call = { 0 };
        int r;

        r = launch_socket_pair(&ours, &theirs, err);
        if (r < 0)
                return r;
        r = launch_send_request(ours, start->fds, err);
        if (r < 0)
                return r;
        if (property_set_number(start->properties, PROPERTY_STANDARD_INPUT_FD, (uint64_t) theirs) <
                0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "building the unit");
        r = sd_unit_start_transient(bus, start->unit, start->properties, start->ports, &call, err);
        /* Ours of their end: with it open the end of the file would never come. */
        closep(&theirs);
        if (r >= 0)
                r = await_reply(&call, ours, start, ret, ret_pidfd, err);
        sd_pending_done(&call);
        if (!sd_is_disconnect(r) || !sd_recover(bus, recovery))
                return r;
        /* The answer was lost; was the call? The unit, if there is one, has the other end. */
        r = sd_unit_is_loaded(bus, start->unit, err);
        if (r > 0)
                return await_reply(NULL, ours, start, ret, ret_pidfd, err);
        return r < 0 ? r : -EAGAIN;
}

int service_start(SdConnection *bus, const ServiceStart *start, LaunchReply *ret, int *ret_pidfd,
        CtrError *err)
{
        SdRecovery recovery = { 0 };
        CtrError unused;
        int r;

        if (!err)
                err = &unused;
        do
                r = start_once(bus, start, &recovery, ret, ret_pidfd, err);
        while (r == -EAGAIN);
        if (r < 0)
                return r;
        return ret->kind == LAUNCH_FAILED ? launch_reply_error(ret, err) : 0;
}

static void sleep_usec(unsigned usec)
{
        struct timespec ts = { .tv_nsec = (long) usec * 1000 };

        (void) nanosleep(&ts, NULL);
}

/* A unit made by the generator stays loaded, inactive; a transient one is gone. Another client's
 * reference may hold it for a moment: not longer than about a second is waited for it. */
static int wait_until_down(SdConnection *bus, const char *unit, CtrError *err)
{
        SdUnitStatus status;
        int r;

        for (unsigned usec = 500; usec < 500000; usec *= 2) {
                r = sd_unit_get_status(bus, unit, &status, err);
                if (r < 0 || !status.is_loaded || strcmp(status.active_state, "inactive") == 0)
                        return r;
                sleep_usec(usec);
        }
        return ctr_error_set(
                err, CTR_ERROR_SYSTEM, EBUSY, "unit %s is still %s", unit, status.active_state);
}

static int take_down(SdConnection *bus, const char *unit, SdStopKill killed, CtrError *err)
{
        char result[SD_JOB_RESULT_MAX];
        int r;

        if (killed == SD_STOP_KILL_NONE) {
                /* The usual case of a container that ended: gone already, or failed and forgotten
                 * by this. */
                r = sd_unit_reset_failed(bus, unit, err);
                if (r <= 0)
                        return r;
        }
        r = sd_job_stop(bus, unit, killed, STOP_TIMEOUT_USEC, result, err);
        if (r <= 0)
                return r;
        r = sd_unit_reset_failed(bus, unit, err);
        return r <= 0 ? r : wait_until_down(bus, unit, err);
}

int service_teardown(SdConnection *bus, const char *unit, SdStopKill killed, CtrError *err)
{
        int r = take_down(bus, unit, killed, err);

        if (r >= 0)
                unit_files_forget(unit);
        return r;
}
