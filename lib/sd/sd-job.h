/* Jobs: calls that queue one, and waiting for its end without a race. The match for JobRemoved is
 * installed before the call, and a JobRemoved that arrives before the call's reply is kept until
 * the job's path is known. PID 1 sends JobRemoved for a job to the client that asked for it without
 * Subscribe(). */
#pragma once

#include "sd/sd-connection.h"

#define SD_JOB_RESULT_MAX 32 /* "done", "canceled", "timeout", "failed", "dependency", "skipped"   \
                              */

/* Calls method (StartUnit, StopUnit, RestartUnit) in this mode and waits for the job. A connection
 * that breaks is made anew once, and the call, which has no further effect when it was done
 * already, repeated. Returns 1 with the result's word, 0 when systemd knows no such unit, or
 * -errno. timeout_usec: UINT64_MAX = none; -ETIMEDOUT. */
int sd_job_run(SdConnection *c, const char *method, const char *unit, const char *mode,
        uint64_t timeout_usec, char result[static SD_JOB_RESULT_MAX], CtrError *err);
