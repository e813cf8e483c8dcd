/* criu's action script (criu(8), --action-script): reports to the ctr-exec that waits for criu. */
#pragma once

#include "base/macro.h"

#include <sys/types.h>

#define RESTORED_ACTION "CRTOOLS_SCRIPT_ACTION"
#define RESTORED_PID    "CRTOOLS_INIT_PID"
#define RESTORED_STATE  "CTRUNIT_STATE" /* STATE, in criu's environment */

/* The actions that matter: every process is made and waits; every process runs. */
#define RESTORED_MADE    "post-restore"
#define RESTORED_RESUMED "post-resume"

typedef struct RestoredReport {
        char action[32];
        int32_t pid; /* of the first process, as the host knows it */
} RestoredReport;

/* As the script: the exit status. Not 0 makes criu give up. */
int restored_report(void);
