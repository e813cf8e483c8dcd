/* What is known of a container's health, for those who only look: the quick programs too. */
#include "runtime/health.h"

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

        if (ctr_read_file(dir_fd, STATE_FILE_HEALTH, RECORD_SIZE_MAX, &text, &size, NULL) < 0 ||
                sscanf(text, "%15s %u %" SCNu64 " %32s", status, &record.n_failures,
                        &record.since_msec, invocation) != 4 ||
                strcmp(invocation, invocation_id) != 0)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(status_names); i++)
                if (strcmp(status, status_names[i]) == 0) {
                        record.status = (HealthStatus) i;
                        *ret = record;
                        return true;
                }
        return false;
}

const char *health_of(int dir_fd, const ContainerProcess *process, const SpecKeyValues *annotations)
{
        HealthRecord record = { .status = HEALTH_STARTING };

        for (size_t i = 0; i < annotations->n; i++)
                if (strcmp(annotations->items[i].key, "org.ctrunit.health") == 0 &&
                        process->status != CONTAINER_STOPPED) {
                        (void) health_record_read(dir_fd, process->invocation_id, &record);
                        return health_status_name(record.status);
                }
        return NULL;
}
