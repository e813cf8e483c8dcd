/* enable, disable, reload and inspect: what other runtimes do not have. */
#include "runtime/info-print.h"
#include "ctl/verb.h"

static int run_enable(const Call *call, CtrError *err)
{
        return runtime_set_enabled(call->arguments[0], true, err);
}

static int run_disable(const Call *call, CtrError *err)
{
        return runtime_set_enabled(call->arguments[0], false, err);
}

static int run_reload(const Call *call, CtrError *err)
{
        return runtime_reload(err);
}

static int run_inspect(const Call *call, CtrError *err)
{
        _cleanup_free_ char *config = NULL;
        ContainerInfo info;
        int r;

        r = runtime_state(call->runtime, call->arguments[0], &info, err);
        if (r < 0)
                return r;
        r = runtime_read_config(call->runtime, call->arguments[0], &config, err);
        if (r >= 0) {
                (void) fputs("{\"state\":", stdout);
                info_print_json(&info, true, stdout);
                (void) printf(",\n\"config\":%s}\n", config);
        }
        container_info_done(&info);
        return r;
}

const Verb verb_inspect = {
        .name = "inspect",
        .arguments = "ID",
        .help = "show state and configuration as JSON",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .run = run_inspect,
};

const Verb verb_enable = {
        .name = "enable",
        .arguments = "ID",
        .help = "start a configured container at boot",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .run = run_enable,
};

const Verb verb_disable = {
        .name = "disable",
        .arguments = "ID",
        .help = "no longer start it at boot",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .run = run_disable,
};

const Verb verb_reload = {
        .name = "reload",
        .arguments = "",
        .help = "read the configuration of all containers again",
        .run = run_reload,
};
