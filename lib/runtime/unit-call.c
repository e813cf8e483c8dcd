/* Calls of PID 1 about a running container: see unit-call.h. */
#include "runtime/unit-call.h"

#include "runtime/ports.h"
#include "runtime/service.h"
#include "sd/sd-job.h"
#include "sd/sd-unit.h"

int unit_call_kill(const char *unit, int signal_number, CtrError *err)
{
        SdConnection bus = { 0 };
        int r = sd_connect(&bus, err);

        if (r >= 0)
                r = sd_unit_kill(&bus, unit, "all", signal_number, err);
        sd_disconnect(&bus);
        return r;
}

int unit_call_freeze(const char *unit, int process_fd, bool is_frozen, CtrError *err)
{
        SdConnection bus = { 0 };
        int r = sd_connect(&bus, err);

        if (r >= 0)
                r = is_frozen ? sd_unit_freeze(&bus, unit, process_fd, err)
                              : sd_unit_thaw(&bus, unit, process_fd, err);
        sd_disconnect(&bus);
        return r;
}

void unit_call_stop(const char *unit)
{
        SdConnection bus = { 0 };

        if (sd_connect(&bus, NULL) >= 0)
                (void) sd_job_stop_unattended(&bus, unit, NULL);
        sd_disconnect(&bus);
}

int unit_call_take_down(const Container *c, SdStopKill killed, CtrError *err)
{
        SdConnection bus = { 0 };
        PlanPorts ports;
        int r;

        r = sd_connect(&bus, err);
        if (r < 0)
                return r;
        r = service_teardown(&bus, c->unit, killed, err);
        if (r >= 0 && c->state.origin != PLAN_GENERATED &&
                plan_ports_read(&c->state.annotations, &ports, NULL) >= 0) {
                ports_remove(&bus, c->id, &ports);
                plan_ports_done(&ports);
        }
        sd_disconnect(&bus);
        return r;
}
