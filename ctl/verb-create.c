/* create and run. */
#include "ctl/early-move.h"
#include "ctl/report.h"
#include "ctl/verb.h"

#include <unistd.h>

static RuntimeCreate options;
static bool wants_pty, wants_pipe, wants_wait, wants_removal; /* run: as of systemd-run(1) */
static StringList properties, publish;

/* What create and run share; run has its own at the end. */
#define CREATE_OPTIONS                                                                             \
        { "bundle", 'b', "DIR", "directory with config.json (default: here)", OPTION_STRING,       \
                &options.bundle },                                                                 \
                { "config", 'f', "FILE", "another name for config.json", OPTION_STRING,            \
                        &options.config },                                                         \
                { "pid-file", 0, "FILE", "write the payload's pid there", OPTION_STRING,           \
                        &options.pid_file },                                                       \
                { "console-socket", 0, "SOCKET", "receives the terminal", OPTION_STRING,           \
                        &options.console_socket },                                                 \
                { "pidfd-socket", 0, "SOCKET", "receives a pidfd of the payload", OPTION_STRING,   \
                        &options.pidfd_socket },                                                   \
                { "preserve-fds", 0, "N", "give it file descriptors 3 to 2+N", OPTION_NUMBER,      \
                        &options.n_preserve_fds },                                                 \
                { "property", 0, "NAME=VALUE", "a property of the unit", OPTION_STRINGS,           \
                        &properties },                                                             \
                { "publish", 'p', "[IP:]HOST:PORT[/udp]", "lead a port of the host to its own",    \
                        OPTION_STRINGS, &publish },                                                \
                { "no-pivot", 0, NULL, "move the root file system instead of pivot_root",          \
                        OPTION_FLAG, &options.wants_no_pivot },                                    \
        {                                                                                          \
                "no-new-keyring", 0, NULL, "keep the session keyring", OPTION_FLAG,                \
                        &options.wants_no_new_keyring                                              \
        }

static const Option create_options[] = { CREATE_OPTIONS };

static const Option run_options[] = {
        CREATE_OPTIONS,
        { "detach", 'd', NULL, "return once the payload runs", OPTION_FLAG, &options.is_detached },
        { "keep", 0, NULL, "leave state and unit after the end", OPTION_FLAG, &options.is_kept },
        { "pty", 't', NULL, "a terminal, whatever config.json says", OPTION_FLAG, &wants_pty },
        { "pipe", 'P', NULL, "our input and output, whatever config.json says", OPTION_FLAG,
                &wants_pipe },
        { "wait", 0, NULL, "stay until the end: the default", OPTION_FLAG, &wants_wait },
        { "rm", 0, NULL, "remove it at the end: the default", OPTION_FLAG, &wants_removal },
        { "no-subreaper", 0, NULL, "accepted: PID 1 reaps", OPTION_FLAG, NULL },
};

static void print_warnings(SpecStrv *warnings)
{
        for (size_t i = 0; i < warnings->n; i++)
                report_warning(warnings->items[i]);
        runtime_strv_done(warnings);
}

static void fill_options(const Call *call, SpecStrv *warnings)
{
        options.id = call->arguments[0];
        options.properties = properties.items;
        options.n_properties = properties.n;
        options.publish = publish.items;
        options.n_publish = publish.n;
        options.ret_warnings = warnings;
}

static int run_create(const Call *call, CtrError *err)
{
        SpecStrv warnings = { 0 };
        int r;

        early_move_begin();
        fill_options(call, &warnings);
        r = runtime_create(call->runtime, &options, err);
        print_warnings(&warnings);
        return r;
}

/* Options of systemd-run(1): with both of --pty and --pipe a terminal where there is one to join.
 */
static int choose_life(CtrError *err)
{
        bool has_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);

        if (options.is_detached && (wants_wait || wants_removal || wants_pipe))
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "%s cannot go together with --detach, which leaves the container alone",
                        wants_wait      ? "--wait"
                        : wants_removal ? "--rm"
                                        : "--pipe");
        if (options.is_kept && wants_removal)
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "--rm cannot go together with --keep");
        if (wants_pty && (!wants_pipe || has_terminal))
                options.terminal = RUNTIME_TERMINAL_YES;
        else if (wants_pipe)
                options.terminal = RUNTIME_TERMINAL_NO;
        return 0;
}

static int run_run(const Call *call, CtrError *err)
{
        SpecStrv warnings = { 0 };
        int r, status;

        r = choose_life(err);
        if (r < 0)
                return r;
        early_move_begin();
        fill_options(call, &warnings);
        r = runtime_run(call->runtime, &options, &status, err);
        print_warnings(&warnings);
        return r < 0 ? r : status;
}

const Verb verb_create = {
        .name = "create",
        .arguments = "ID",
        .help = "make a container that waits for start",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .options = create_options,
        .n_options = ELEMENTSOF(create_options),
        .run = run_create,
};

const Verb verb_run = {
        .name = "run",
        .arguments = "ID",
        .help = "create, start, wait and delete; exits as the payload does",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .options = run_options,
        .n_options = ELEMENTSOF(run_options),
        .run = run_run,
};
