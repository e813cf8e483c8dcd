/* delete. */
#include "ctl/select.h"
#include "ctl/verb.h"

static bool is_forced, is_regex;

static const Option delete_options[] = {
        { "force", 'f', NULL, "in any state, and whatever is left of it", OPTION_FLAG, &is_forced },
        { "regex", 'r', NULL, "ID is a regular expression for any number of ids", OPTION_FLAG,
                &is_regex },
};

static int delete_one(const Call *call, const char *id, CtrError *err)
{
        return runtime_delete(call->runtime, id, is_forced, err);
}

static int run_delete(const Call *call, CtrError *err)
{
        return is_regex ? select_each(call, call->arguments[0], delete_one, err)
                        : delete_one(call, call->arguments[0], err);
}

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
