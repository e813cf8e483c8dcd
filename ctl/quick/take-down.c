/* The end of a container by the quick programs: three calls on one connection, and what PID 1 does
 * is seen in the file system. Whatever is unusual is done by the whole program, from the beginning:
 * the state is there until the end. */
#include "runtime/orphan.h"
#include "runtime/unit-call.h"

#include "ctl/early-move.h"
#include "ctl/program.h"
#include "ctl/quick/bus.h"
#include "ctl/quick/hand-over.h"
#include "runtime/path-gone.h"
#include "runtime/unit-files.h"

#include <signal.h>
#include <string.h>

/* So long PID 1 gets to take a dead unit down, and to forget it; then the whole program asks it
 * what is the matter. */
#define DOWN_MSEC 2000
#define SOON_MSEC 70

/* Units beside its own, and units that stay loaded. */
static bool is_unusual(const Container *c)
{
        const SpecKeyValues *annotations = &c->state.annotations;

        for (size_t i = 0; i < annotations->n; i++)
                if (strcmp(annotations->items[i].key, PLAN_PUBLISH_ANNOTATION) == 0)
                        return true;
        return c->state.origin == PLAN_GENERATED;
}

/* Main process or all were killed already, if they are known. Only what PID 1 started since then
 * (Restart=) is left to KillUnit, and the end did not come soon. PID 1 removes the cgroup of a unit
 * in the moment in which it becomes inactive or failed. */
static bool stop(Bus *bus, const Container *c, SdStopKill killed, const char *cgroup)
{
        const BusCall kill_unit = { .method = "KillUnit",
                .signature = "ssi",
                .strings = { c->unit, killed == SD_STOP_KILL_MAIN ? "main" : "all" },
                .number = SIGKILL };
        bus_add(bus, &(BusCall){ .method = "StopUnit",
                             .signature = "ss",
                             .strings = { c->unit, "replace" } });
        if (killed != SD_STOP_KILL_MAIN)
                bus_add(bus, &kill_unit);
        if (bus_await(bus, NULL) != BUS_DONE)
                return false;
        if (path_await_gone(cgroup, SOON_MSEC))
                return true;
        bus_add(bus, &kill_unit);
        return bus_await(bus, NULL) == BUS_DONE && path_await_gone(cgroup, DOWN_MSEC);
}

/* PID 1 has forgotten it by itself, as it does with a unit that ended well: there is nothing to
 * stop or to reset, and nobody to ask. */
static bool is_forgotten(const char *unit, const char *cgroup)
{
        return path_is_gone(cgroup) && !unit_files_is_transient(unit);
}

static bool take_down(const Container *c, SdStopKill killed)
{
        _cleanup_(bus_closep) Bus *bus = NULL;
        char cgroup[CGROUP_PATH_MAX];
        BusResult result;

        if (is_unusual(c) || cgroup_of_unit(c->state.slice, c->unit, cgroup) < 0)
                return false;
        if (killed == SD_STOP_KILL_NONE && is_forgotten(c->unit, cgroup))
                return true;
#if HAS_QUICK_RUN
        /* PID 1 is about to start ExecStopPost= in the unit's cgroup. */
        if (killed != SD_STOP_KILL_NONE)
                early_move_begin();
#endif
        bus = bus_open();
        if (!bus || (killed != SD_STOP_KILL_NONE && !stop(bus, c, killed, cgroup)))
                return false;
        result = bus_await(bus,
                &(BusCall){
                        .method = "ResetFailedUnit", .signature = "s", .strings = { c->unit } });
        return (result == BUS_DONE || result == BUS_UNKNOWN_UNIT) &&
               unit_files_await_forgotten(c->unit);
}

int unit_call_take_down(const Container *c, SdStopKill killed, CtrError *err _unused_)
{
        if (!take_down(c, killed))
                hand_over(program_argv);
        unit_files_forget(c->unit);
        return 0;
}

int orphan_delete(const Runtime *rt _unused_, const char *id _unused_, CtrError *err _unused_)
{
        hand_over(program_argv);
}
