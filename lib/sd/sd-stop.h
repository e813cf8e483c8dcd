/* How a unit is stopped; for those too who do it without sd-bus. */
#pragma once

/* Who gets SIGKILL right after StopUnit, so that neither KillSignal= nor Restart= matter: nobody,
 * the main process (what ExecStopPost= runs meanwhile is left alone), or every process. */
typedef enum SdStopKill {
        SD_STOP_KILL_NONE,
        SD_STOP_KILL_MAIN,
        SD_STOP_KILL_ALL,
} SdStopKill;
