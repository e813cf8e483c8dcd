/* What came of the checks so far: one line in the state directory, "STATUS FAILURES SINCE
 * INVOCATION UP SUCCESSES", which belongs to one run of the container. */
#include "runtime/health.h"

#include "plan/health.h"

#include "base/io.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { RECORD_SIZE_MAX = 256 };

static const char *const status_names[] = {
        [HEALTH_STARTING] = "starting",
        [HEALTH_HEALTHY] = "healthy",
        [HEALTH_UNHEALTHY] = "unhealthy",
};

const char *health_status_name(HealthStatus status)
{
        return status_names[status];
}

bool health_record_read(int dir_fd, const char *invocation_id, HealthRecord *ret)
{
        char status[16], invocation[INVOCATION_ID_LENGTH + 1];
        _cleanup_free_ char *text = NULL;
        HealthRecord record;
        size_t size;
        int up = 1, n;

        if (ctr_read_file(dir_fd, STATE_FILE_HEALTH, RECORD_SIZE_MAX, &text, &size, NULL) < 0)
                return false;
        record.n_successes = 0;
        n = sscanf(text, "%15s %u %" SCNu64 " %32s %d %u", status, &record.n_failures,
                &record.since_msec, invocation, &up, &record.n_successes);
        if ((n != 4 && n != 6) || strcmp(invocation, invocation_id) != 0)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(status_names); i++)
                if (strcmp(status, status_names[i]) == 0) {
                        record.status = (HealthStatus) i;
                        record.is_up = up != 0;
                        *ret = record;
                        return true;
                }
        return false;
}

bool health_is_checked(const SpecKeyValues *annotations)
{
        for (size_t i = 0; i < annotations->n; i++)
                if (strcmp(annotations->items[i].key, PLAN_HEALTH_ANNOTATION) == 0)
                        return true;
        return false;
}

const char *health_of(int dir_fd, const ContainerProcess *process, const SpecKeyValues *annotations,
        unsigned *ret_n_failures)
{
        HealthRecord record = { .status = HEALTH_STARTING };

        *ret_n_failures = 0;
        if (process->status == CONTAINER_STOPPED || !health_is_checked(annotations))
                return NULL;
        (void) health_record_read(dir_fd, process->invocation_id, &record);
        *ret_n_failures = record.n_failures;
        return health_status_name(record.status);
}

int health_record_write(
        int dir_fd, const char *invocation_id, const HealthRecord *record, CtrError *err)
{
        char text[RECORD_SIZE_MAX];
        int n = snprintf(text, sizeof(text), "%s %u %" PRIu64 " %s %d %u\n",
                status_names[record->status], record->n_failures, record->since_msec, invocation_id,
                record->is_up, record->n_successes);
        int r = ctr_write_file_atomic(dir_fd, STATE_FILE_HEALTH, text, (size_t) n, 0600);

        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write %s", STATE_FILE_HEALTH)
                     : 0;
}
