/* The health of a container: what is known of it, and a check now. */
#include "manager/verbs-container.h"

#include "runtime/health.h"

static int answer(VerbCall *call, const char *id, CtrError *err)
{
        HealthReport report;
        int r = runtime_health_report(call->runtime, id, &report, err);

        if (r < 0)
                return r;
        verb_answer_string(call, "status", report.status);
        verb_answer_number(call, "failures", report.n_failures);
        verb_answer_string(call, "output", report.output);
        health_report_done(&report);
        return 0;
}

int verb_health(VerbCall *call, CtrError *err)
{
        const char *id;
        int r = verb_string(call, "id", &id, err);

        return r < 0 ? r : answer(call, id, err);
}

/* A check that fails is an answer like any other. */
int verb_check_health(VerbCall *call, CtrError *err)
{
        HealthResult result;
        const char *id;
        int r = verb_string(call, "id", &id, err);

        if (r >= 0)
                r = runtime_health(call->runtime, id, false, &result, err);
        if (r >= 0 && !result.is_counted)
                r = ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0,
                        "container %s ended meanwhile", id);
        return r < 0 ? r : answer(call, id, err);
}
