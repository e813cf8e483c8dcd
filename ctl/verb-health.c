/* health: the check of a container, now. */
#include "ctl/verb.h"

#include "runtime/health.h"

#include <stdio.h>

static bool is_timer;

static const Option health_options[] = {
        { "unit", 0, NULL, NULL, OPTION_FLAG, &is_timer }, /* for ctr-health@.service */
};

static int run_health(const Call *call, CtrError *err)
{
        HealthResult result;
        int r = runtime_health(call->runtime, call->arguments[0], is_timer, &result, err);

        if (r < 0)
                return r;
        if (!result.is_counted)
                return is_timer ? 0
                                : ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0,
                                          "the container ended meanwhile");
        if (result.is_success)
                (void) printf("%s\n", health_status_name(result.record.status));
        else
                (void) printf("%s, %u failures: %s\n", health_status_name(result.record.status),
                        result.record.n_failures, result.reason.message);
        /* For a timer the check has done what it should. */
        return is_timer || result.is_success ? 0 : 1;
}

const Verb verb_health = {
        .name = "health",
        .arguments = "ID",
        .help = "check the health of a container now",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .options = health_options,
        .n_options = ELEMENTSOF(health_options),
        .run = run_health,
};
