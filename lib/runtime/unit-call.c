/* Calls of PID 1 about a running container: see unit-call.h. */
#include "runtime/unit-call.h"

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

int unit_call_freeze(const char *unit, bool is_frozen, CtrError *err)
{
        SdConnection bus = { 0 };
        int r = sd_connect(&bus, err);

        if (r >= 0)
                r = is_frozen ? sd_unit_freeze(&bus, unit, err) : sd_unit_thaw(&bus, unit, err);
        sd_disconnect(&bus);
        return r;
}
