/* start. */
#include "ctl/verb.h"

static int run_start(const Call *call, CtrError *err)
{
        return runtime_start(call->runtime, call->arguments[0], err);
}

const Verb verb_start = {
        .name = "start",
        .arguments = "ID",
        .help = "let a created container run",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .run = run_start,
};
