/* kill, delete, pause and resume. */
#include "ctl/verb.h"

#include "plan/signal-name.h"

#include <signal.h>

static bool is_all, is_forced;

static const Option kill_options[] = {
        { "all", 'a', NULL, "all processes, not only the first", OPTION_FLAG, &is_all },
};

static const Option delete_options[] = {
        { "force", 'f', NULL, "in any state, and whatever is left of it", OPTION_FLAG, &is_forced },
};

static int run_kill(const Call *call, CtrError *err)
{
        int number = SIGTERM;

        if (call->n_arguments > 1)
                number = signal_from_name(call->arguments[1]);
        if (number < 0)
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "unknown signal \"%.64s\"", call->arguments[1]);
        return runtime_kill(call->runtime, call->arguments[0], number, is_all, err);
}

static int run_delete(const Call *call, CtrError *err)
{
        return runtime_delete(call->runtime, call->arguments[0], is_forced, err);
}

static int run_pause(const Call *call, CtrError *err)
{
        return runtime_pause(call->runtime, call->arguments[0], err);
}

static int run_resume(const Call *call, CtrError *err)
{
        return runtime_resume(call->runtime, call->arguments[0], err);
}

const Verb verb_kill = {
        .name = "kill",
        .arguments = "ID [SIGNAL]",
        .help = "send a signal (default TERM)",
        .n_arguments_min = 1,
        .n_arguments_max = 2,
        .options = kill_options,
        .n_options = ELEMENTSOF(kill_options),
        .run = run_kill,
};

const Verb verb_delete = {
        .name = "delete",
        .arguments = "ID",
        .help = "remove a stopped or only created container",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .options = delete_options,
        .n_options = ELEMENTSOF(delete_options),
        .run = run_delete,
};

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
