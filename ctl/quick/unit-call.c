/* The calls of runtime/unit-call.h on a running container by the quick programs. A call that fails
 * is made once more by the whole program, which has the words for it; one whose answer is lost with
 * PID 1 or the bus (a daemon-reexec) is repeated here, as both ways of doing it may be done twice.
 */
#include "runtime/unit-call.h"

#include "ctl/program.h"
#include "ctl/quick/bus.h"
#include "ctl/quick/hand-over.h"

#include <time.h>

#define TRIES        80
#define PAUSE_NSEC   5000000 /* longer each time */
#define PAUSE_LONGER 200000000

static int call(const BusCall *call, CtrError *err)
{
        struct timespec pause = { .tv_nsec = PAUSE_NSEC };

        for (unsigned i = 0; i < TRIES; i++) {
                BusResult result = bus_call(call);

                if (result == BUS_DONE)
                        return 0;
                if (result == BUS_ENDED)
                        return ctr_error_set(
                                err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
                if (result == BUS_REFUSED || result == BUS_UNKNOWN_UNIT ||
                        (i == 0 && result == BUS_UNREACHABLE))
                        break;
                (void) nanosleep(&pause, NULL);
                pause.tv_nsec = MIN_OF(pause.tv_nsec * 2, PAUSE_LONGER);
        }
        hand_over(program_argv);
}

int unit_call_kill(const char *unit, int signal_number, CtrError *err)
{
        return call(&(BusCall){ .method = "KillUnit",
                            .signature = "ssi",
                            .strings = { unit, "all" },
                            .number = (uint32_t) signal_number },
                err);
}

int unit_call_freeze(const char *unit, int process_fd, bool is_frozen, CtrError *err)
{
        return call(&(BusCall){ .method = is_frozen ? "FreezeUnit" : "ThawUnit",
                            .signature = "s",
                            .strings = { unit },
                            .process_fd = process_fd },
                err);
}

void unit_call_stop(const char *unit)
{
        (void) bus_call(&(BusCall){
                .method = "StopUnit", .signature = "ss", .strings = { unit, "replace" } });
}
