/* exec. */
#include "ctl/verb.h"

#include "base/io.h"

static RuntimeExec options;
static StringList env, gids, capabilities;

static const Option exec_options[] = {
        { "process", 'p', "FILE", "process object instead of a command", OPTION_STRING,
                &options.process_file },
        { "cwd", 0, "DIR", "working directory", OPTION_STRING, &options.cwd },
        { "env", 'e', "NAME=VALUE", "set an environment variable (repeatable)", OPTION_STRINGS,
                &env },
        { "user", 'u', "UID[:GID]", "user and group, as numbers", OPTION_STRING, &options.user },
        { "additional-gids", 'g', "GID", "supplementary group (repeatable)", OPTION_STRINGS,
                &gids },
        { "cap", 'c', "CAP", "add a capability (repeatable)", OPTION_STRINGS, &capabilities },
        { "no-new-privs", 0, NULL, "set no_new_privs", OPTION_FLAG,
                &options.wants_no_new_privileges },
        { "apparmor", 0, "PROFILE", "AppArmor profile", OPTION_STRING, &options.apparmor_profile },
        { "process-label", 0, "LABEL", "SELinux label", OPTION_STRING, &options.selinux_label },
        { "tty", 't', NULL, "give it a terminal", OPTION_FLAG, &options.has_terminal },
        { "console-socket", 0, "SOCKET", "receives the terminal", OPTION_STRING,
                &options.console_socket },
        { "pidfd-socket", 0, "SOCKET", "receives a pidfd of the process", OPTION_STRING,
                &options.pidfd_socket },
        { "detach", 'd', NULL, "return once it runs", OPTION_FLAG, &options.is_detached },
        { "pid-file", 0, "FILE", "write its pid there", OPTION_STRING, &options.pid_file },
        { "preserve-fds", 0, "N", "give it file descriptors 3 to 2+N", OPTION_NUMBER,
                &options.n_preserve_fds },
        { "cgroup", 0, "PATH", "part of the container's cgroup to run in; / is all of it",
                OPTION_STRING, &options.cgroup },
        { "ignore-paused", 0, NULL, "also in a paused container: it waits for resume", OPTION_FLAG,
                &options.ignores_paused },
};

static int parse_gids(uint32_t **ret, CtrError *err)
{
        uint64_t value;

        *ret = calloc(gids.n + 1, sizeof(**ret));
        if (!*ret)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading groups");
        for (size_t i = 0; i < gids.n; i++) {
                /* 2^32-1 is setresgid's "leave it". */
                if (ctr_parse_u64(gids.items[i], UINT32_MAX - 1, &value) < 0)
                        return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                                "group \"%.64s\" is not a number", gids.items[i]);
                (*ret)[i] = (uint32_t) value;
        }
        return 0;
}

static int run_exec(const Call *call, CtrError *err)
{
        _cleanup_free_ uint32_t *groups = NULL;
        int r, status;

        r = parse_gids(&groups, err);
        if (r < 0)
                return r;
        if (call->n_arguments == 1 && !options.process_file)
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "a command or --process FILE is needed");
        options.id = call->arguments[0];
        options.args = call->arguments + 1;
        options.env = env.items;
        options.capabilities = capabilities.items;
        options.additional_gids = groups;
        options.n_additional_gids = gids.n;
        r = runtime_exec(call->runtime, &options, &status, err);
        return r < 0 ? r : status;
}

const Verb verb_exec = {
        .name = "exec",
        .arguments = "ID [COMMAND [ARGUMENT...]]",
        .help = "run another process in a container",
        .n_arguments_min = 1,
        .n_arguments_max = -1,
        .is_options_first = true,
        .error_status = EXIT_EXEC_FAILED,
        .options = exec_options,
        .n_options = ELEMENTSOF(exec_options),
        .run = run_exec,
};
