/* kill. */
#include "ctl/select.h"
#include "ctl/verb.h"

#include "plan/signal-name.h"

#include <signal.h>
#include <string.h>

static bool is_all, is_regex;
static int signal_number = SIGTERM;

static const Option kill_options[] = {
        { "all", 'a', NULL, "all processes, not only the first", OPTION_FLAG, &is_all },
        { "regex", 'r', NULL, "ID is a regular expression for any number of ids", OPTION_FLAG,
                &is_regex },
};

static int kill_one(const Call *call, const char *id, CtrError *err)
{
        return runtime_kill(call->runtime, id, signal_number, is_all, err);
}

static int run_kill(const Call *call, CtrError *err)
{
        /* 0 sends nothing and asks whether one could be sent, as kill(2) has it. */
        if (call->n_arguments > 1 && strcmp(call->arguments[1], "0") == 0)
                signal_number = 0;
        else if (call->n_arguments > 1)
                signal_number = signal_from_name(call->arguments[1]);
        if (signal_number < 0)
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "unknown signal \"%.64s\"", call->arguments[1]);
        return is_regex ? select_each(call, call->arguments[0], kill_one, err)
                        : kill_one(call, call->arguments[0], err);
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
