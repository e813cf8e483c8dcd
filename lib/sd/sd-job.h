/* Jobs: calls that queue one, and waiting for its end without a race. The match for JobRemoved is
 * installed before the call, and a JobRemoved that arrives before the call's reply is kept until
 * the job's path is known. PID 1 sends JobRemoved for a job to the client that asked for it without
 * Subscribe(). */
#pragma once

#include "plan/properties.h"
#include "sd/sd-connection.h"
#include "sd/sd-stop.h"

#define SD_JOB_RESULT_MAX                                                                          \
        32 /* "done", "canceled", "timeout", "failed", "dependency", "skipped"                     \
            */

/* StopUnit, and waiting for the job. When PID 1 or the bus goes away the call is
 * repeated: a unit that stopped already stays stopped. Returns 1 with the result's word, 0 when
 * systemd knows no such unit, or -errno. timeout_usec: UINT64_MAX = none; -ETIMEDOUT. */
int sd_job_stop(SdConnection *c, const char *unit, SdStopKill killed, uint64_t timeout_usec,
        char result[static SD_JOB_RESULT_MAX], CtrError *err);

/* StartTransientUnit, and waiting for the job: when it returns "done" the processes that the
 * properties name are in the unit's cgroup. Returns 0 with the result's word, CTR_ERROR_ID_IN_USE
 * when the name is taken, or -errno. When PID 1 or the bus goes away (sd_is_disconnect()), whether
 * the unit was made is for the caller to find out. */
int sd_job_start_transient(SdConnection *c, const char *unit, const PropertyList *properties,
        uint64_t timeout_usec, char result[static SD_JOB_RESULT_MAX], CtrError *err);

/* The same with a message StartTransientUnit that is complete, and is taken. */
int sd_job_start_built(SdConnection *c, const char *unit, sd_bus_message *m, uint64_t timeout_usec,
        char result[static SD_JOB_RESULT_MAX], CtrError *err);

/* StopUnit without waiting for the job. The answer is waited for: PID 1 asks the bus who is
 * calling, and refuses one that has left. */
int sd_job_stop_unattended(SdConnection *c, const char *unit, CtrError *err);

/* RestartUnit in the same way. */
int sd_job_restart_unattended(SdConnection *c, const char *unit, CtrError *err);
