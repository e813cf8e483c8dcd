/* A signal to all processes of a unit: see kill-unit.h. */
#include "runtime/kill-unit.h"

#include "sd/sd-unit.h"

int kill_unit(const char *unit, int signal_number, CtrError *err)
{
        SdConnection bus = { 0 };
        int r = sd_connect(&bus, err);

        if (r < 0)
                return r;
        r = sd_unit_kill(&bus, unit, "all", signal_number, err);
        sd_disconnect(&bus);
        return r;
}
