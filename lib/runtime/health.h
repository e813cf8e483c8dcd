/* Health checks of a container, and what came of them: see plan/health.h for what is checked. */
#pragma once

#include "runtime/container.h"

typedef enum HealthStatus {
        HEALTH_STARTING, /* neither of these yet */
        HEALTH_HEALTHY,
        HEALTH_UNHEALTHY,
} HealthStatus;

/* "starting", "healthy", "unhealthy". */
const char *health_status_name(HealthStatus status);

/* STATE/health, of one run of the container. */
typedef struct HealthRecord {
        HealthStatus status;
        unsigned n_failures;  /* in a row */
        uint64_t since_msec;  /* of the first check, CLOCK_BOOTTIME */
        bool is_up;           /* the check of the time until it is up has ended, or there is none */
        unsigned n_successes; /* of that one, in a row */
} HealthRecord;

/* False when there is none of this run. */
bool health_record_read(int dir_fd, const char *invocation_id, HealthRecord *ret);

/* Replaces the record, atomically. 0 or -errno. */
int health_record_write(
        int dir_fd, const char *invocation_id, const HealthRecord *record, CtrError *err);

/* Whether the container has a health check. */
bool health_is_checked(const SpecKeyValues *annotations);

/* The same as a word for `state`, and how many checks have failed in a row; NULL when health is not
 * checked. */
const char *health_of(int dir_fd, const ContainerProcess *process, const SpecKeyValues *annotations,
        unsigned *ret_n_failures);

/* What a check writes (health-output.c): an anonymous file for its output, or -errno. */
int health_output_open(CtrError *err);

/* Keeps its last 4 KiB for health_output_read(), and copies all to our own standard output. */
int health_output_keep(int dir_fd, const char *invocation_id, int fd, CtrError *err);

/* Text of the last check of this run, to be freed; "" when there was none. NULL = no memory. */
char *health_output_read(int dir_fd, const char *invocation_id);

/* What is known without another check. */
typedef struct HealthReport {
        const char *status; /* "starting", "healthy", "unhealthy"; "" = it does not run */
        unsigned n_failures;
        char *output; /* of the last check */
} HealthReport;

/* Errors: USAGE when the container has no health check. */
int runtime_health_report(const Runtime *rt, const char *id, HealthReport *ret, CtrError *err);
void health_report_done(HealthReport *report);

typedef struct HealthResult {
        bool is_success;
        bool is_counted; /* else the container ended, or is paused */
        HealthRecord record;
        CtrError reason; /* of a failure */
} HealthResult;

/* Runs the check, counts, and does what the configuration says when it failed too often. is_timer:
 * waits for a container that is just starting, and one that does not run is no error. Returns 0
 * whatever the check said, or -errno. */
int runtime_health(
        const Runtime *rt, const char *id, bool is_timer, HealthResult *ret, CtrError *err);
