/* pause and resume. */
#include "ctl/verb.h"

static int run_pause(const Call *call, CtrError *err)
{
        return runtime_pause(call->runtime, call->arguments[0], err);
}

static int run_resume(const Call *call, CtrError *err)
{
        return runtime_resume(call->runtime, call->arguments[0], err);
}

const Verb verb_pause = {
        .name = "pause",
        .arguments = "ID",
        .help = "freeze all processes",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .run = run_pause,
};

const Verb verb_resume = {
        .name = "resume",
        .arguments = "ID",
        .help = "let them run again",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .run = run_resume,
};
