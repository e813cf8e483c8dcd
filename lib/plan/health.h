/* Health checks of a configured container, as annotations say them: org.ctrunit.health is the
 * command as a JSON array, org.ctrunit.health.* how often and what then. Plan makes a timer of it,
 * which runs `ctrctl health ID`: nothing is resident between two checks. A check for the time until
 * the program is up, org.ctrunit.health.startup, comes before the first of them. */
#pragma once

#include "plan/plan.h"

#define PLAN_HEALTH_ANNOTATION "org.ctrunit.health"

typedef enum HealthAction {
        HEALTH_NONE,
        HEALTH_KILL,    /* SIGKILL: Restart= of the unit decides what comes then */
        HEALTH_RESTART, /* systemctl restart */
        HEALTH_STOP,    /* systemctl stop */
        _HEALTH_ACTION_MAX,
        _HEALTH_ACTION_INVALID = -EINVAL,
} HealthAction;

/* As long as it has not succeeded often enough, the other check is not made. */
typedef struct HealthStartup {
        SpecStrv args; /* empty: there is none */
        uint64_t interval_msec, timeout_msec;
        unsigned retries; /* failures in a row after which the container is restarted; 0 = never */
        unsigned successes; /* in a row that end it */
} HealthStartup;

typedef struct Health {
        SpecStrv args;
        uint64_t interval_msec;     /* 0 = only by hand */
        uint64_t timeout_msec;      /* of one check */
        uint64_t start_period_msec; /* in which failures are not counted */
        unsigned retries;           /* failures in a row that make it unhealthy */
        HealthAction action;
        bool holds_ready; /* the unit has started with the first success */
        HealthStartup startup;
} Health;

/* Returns 1, 0 when there are no checks, or -errno with *err. */
int health_read(const SpecKeyValues *annotations, Health *ret, CtrError *err);
void health_done(Health *health);

/* "ctr-health@NAME.TYPE": type is "timer" or "service". -EINVAL, -ENAMETOOLONG as for ports. */
int health_unit(const char *id, const char *type, char ret[static PLAN_PORT_UNIT_MAX]);

/* Text of these units. */
void health_timer_text(const PlanContext *ctx, const Health *health, FILE *f);
void health_service_text(const PlanContext *ctx, const Health *health, FILE *f);
