/* The verbs of pod that are for containers only: add, enter, kill, ps. */
#include "ctl/ps-print.h"
#include "ctl/verb-pod.h"
#include "plan/signal-name.h"
#include "runtime/pod.h"

#include <signal.h>
#include <string.h>

/* ---- add ---- */

static int run_add(const Call *call, CtrError *err)
{
        const char *path = call->n_arguments > 1 ? call->arguments[1] : NULL;
        _cleanup_free_ char *text = NULL, *name = NULL;
        size_t size;
        int r;

        r = pod_read_text(path, &text, &size, err);
        if (r >= 0)
                r = runtime_pod_create_container(
                        call->runtime, call->arguments[0], text, size, &name, err);
        if (r < 0)
                return pod_text_error(path, r, err);
        (void) puts(name);
        return 0;
}

const Verb pod_verb_add = {
        .name = "add",
        .arguments = "POD [FILE]",
        .help = "add a container to a pod that is ready or running",
        .n_arguments_min = 1,
        .n_arguments_max = 2,
        .run = run_add,
};

/* ---- enter ---- */

static const char *command_file, *user, *group, *cwd, *pid_file;
static StringList env, groups;
static bool has_terminal, is_detached, wants_no_new_privileges;

static const Option enter_options[] = {
        { "command", 'c', "FILE", "command object as JSON instead of COMMAND", OPTION_STRING,
                &command_file },
        { "cwd", 0, "DIR", "working directory", OPTION_STRING, &cwd },
        { "env", 'e', "NAME=VALUE", "set an environment variable (repeatable)", OPTION_STRINGS,
                &env },
        { "user", 'u', "USER", "user, as the container knows it", OPTION_STRING, &user },
        { "group", 'g', "GROUP", "primary group", OPTION_STRING, &group },
        { "add-group", 'G', "GROUP", "supplementary group (repeatable)", OPTION_STRINGS, &groups },
        { "no-new-privs", 0, NULL, "set no_new_privs", OPTION_FLAG, &wants_no_new_privileges },
        { "tty", 't', NULL, "give it a terminal", OPTION_FLAG, &has_terminal },
        { "detach", 'd', NULL, "return once it runs", OPTION_FLAG, &is_detached },
        { "pid-file", 0, "FILE", "write its pid there", OPTION_STRING, &pid_file },
};

static int parse_env(PodEnv **ret, CtrError *err)
{
        *ret = calloc(env.n + 1, sizeof(**ret));
        if (!*ret)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading --env");
        for (size_t i = 0; i < env.n; i++) {
                char *equals = strchr(env.items[i], '=');

                if (!equals || equals == env.items[i])
                        return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                                "--env \"%.64s\" is not NAME=VALUE", env.items[i]);
                *equals = '\0';
                (*ret)[i] = (PodEnv){ .name = env.items[i], .value = equals + 1 };
        }
        return 0;
}

static int enter(const Call *call, const PodCommand *command, CtrError *err)
{
        int status, r;

        r = runtime_pod_enter(call->runtime, call->arguments[0], call->arguments[1], command,
                has_terminal, pid_file, &status, err);
        return r < 0 ? r : status;
}

static int enter_by_file(const Call *call, CtrError *err)
{
        _cleanup_(pod_config_freep) PodConfig *config = NULL;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (call->n_arguments > 2)
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "a COMMAND and --command FILE exclude each other");
        r = pod_read_text(command_file, &text, &size, err);
        if (r >= 0)
                r = pod_command_parse(text, size, &config, err);
        if (r < 0)
                return pod_text_error(command_file, r, err);
        return enter(call, &config->containers[0].command, err);
}

static int run_enter(const Call *call, CtrError *err)
{
        _cleanup_free_ PodEnv *envs = NULL;
        PodCommand command;
        int r;

        if (command_file)
                return enter_by_file(call, err);
        if (call->n_arguments < 3)
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "a command or --command FILE is needed");
        r = parse_env(&envs, err);
        if (r < 0)
                return r;
        command = (PodCommand){
                .args = { call->arguments + 2, (size_t) call->n_arguments - 2 },
                .envs = envs,
                .n_envs = env.n,
                .work_dir = (char *) cwd,
                .user = (char *) user,
                .primary_group = (char *) group,
                .supplementary_groups = { groups.items, groups.n },
                .is_detached = is_detached,
                .no_new_privileges = { .is_set = wants_no_new_privileges,
                        .value = wants_no_new_privileges },
        };
        return enter(call, &command, err);
}

const Verb pod_verb_enter = {
        .name = "enter",
        .arguments = "POD CONTAINER [COMMAND...]",
        .help = "run another process in a container",
        .n_arguments_min = 2,
        .n_arguments_max = -1,
        .is_options_first = true,
        .error_status = EXIT_EXEC_FAILED,
        .options = enter_options,
        .n_options = ELEMENTSOF(enter_options),
        .run = run_enter,
};

/* ---- kill ---- */

static bool is_all;

static const Option kill_options[] = {
        { "all", 'a', NULL, "all processes, not only the first", OPTION_FLAG, &is_all },
};

static int run_kill(const Call *call, CtrError *err)
{
        int number = SIGTERM;

        if (call->n_arguments > 2)
                number = signal_from_name(call->arguments[2]);
        if (number < 0)
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "unknown signal \"%.64s\"", call->arguments[2]);
        return runtime_pod_kill_container(
                call->runtime, call->arguments[0], call->arguments[1], number, is_all, err);
}

const Verb pod_verb_kill = {
        .name = "kill",
        .arguments = "POD CONTAINER [SIGNAL]",
        .help = "send a signal (default TERM)",
        .n_arguments_min = 2,
        .n_arguments_max = 3,
        .options = kill_options,
        .n_options = ELEMENTSOF(kill_options),
        .run = run_kill,
};

/* ---- ps ---- */

static const char *format;

static const Option ps_options[] = {
        { "format", 'f', "table|json", "form of the output (default table)", OPTION_STRING,
                &format },
};

static int run_ps(const Call *call, CtrError *err)
{
        _cleanup_free_ pid_t *pids = NULL;
        size_t n;
        int r;

        r = format_check(format, err);
        if (r >= 0)
                r = runtime_pod_list_processes(
                        call->runtime, call->arguments[0], call->arguments[1], &pids, &n, err);
        return r < 0 ? r : ps_print(format, call->arguments + 2, pids, n, err);
}

const Verb pod_verb_ps = {
        .name = "ps",
        .arguments = "POD CONTAINER [PS-OPTION...]",
        .help = "show the processes of a container",
        .n_arguments_min = 2,
        .n_arguments_max = -1,
        .is_options_first = true,
        .options = ps_options,
        .n_options = ELEMENTSOF(ps_options),
        .run = run_ps,
};
