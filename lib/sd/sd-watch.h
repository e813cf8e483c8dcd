/* The end of a unit's main process, exactly. Needs a reference on the unit (property AddRef):
 * without it a unit that ends cleanly is unloaded at once and its exit status with it. */
#pragma once

#include "sd/sd-unit.h"

typedef struct SdUnitExit {
        bool is_known; /* false: the unit is gone and nothing is known of its end */
        int code;      /* CLD_EXITED, CLD_KILLED, CLD_DUMPED */
        int status;    /* exit code or signal number */
} SdUnitExit;

/* Waits until PID 1 has noticed the end of the main process. Meant to be called when a pidfd says
 * that it ended: then one round trip is enough nearly always. A connection that breaks is made anew
 * once, and the unit referenced again. */
int sd_watch_main_exit(SdConnection *c, const char *unit, SdUnitExit *ret, CtrError *err);
