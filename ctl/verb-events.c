/* events: what a container uses, and what happens to it, as JSON lines. */
#include "base/duration.h"
#include "ctl/verb.h"

static const char *interval = "5s";
static bool wants_stats;

static const Option events_options[] = {
        { "stats", 0, NULL, "print the numbers once and end", OPTION_FLAG, &wants_stats },
        { "interval", 0, "TIME", "time between the numbers (default 5s)", OPTION_STRING,
                &interval },
};

static int run_events(const Call *call, CtrError *err)
{
        uint64_t msec;

        if (duration_parse(interval, &msec) < 0 || msec == 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "--interval wants a time like 5s or 500ms, not \"%.64s\"", interval);
        return runtime_events(call->runtime, call->arguments[0], wants_stats, msec, stdout, err);
}

const Verb verb_events = {
        .name = "events",
        .arguments = "ID",
        .help = "show use of resources and out-of-memory kills as JSON",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .options = events_options,
        .n_options = ELEMENTSOF(events_options),
        .run = run_events,
};
