/* attach: a session of a person in a container, as `machinectl shell` is in a machine. */
#include "ctl/verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static RuntimeExec options;
static StringList env;

static const Option attach_options[] = {
        { "env", 'e', "NAME=VALUE", "set an environment variable (repeatable)", OPTION_STRINGS,
                &env },
        { "user", 'u', "UID[:GID]", "user and group, as numbers", OPTION_STRING, &options.user },
        { "cwd", 0, "DIR", "working directory", OPTION_STRING, &options.cwd },
};

static int run_attach(const Call *call, CtrError *err)
{
        char *shell[] = { (char *) (uintptr_t) "/bin/sh", NULL };
        _cleanup_free_ char **variables = calloc(env.n + 2, sizeof(*variables));
        _cleanup_free_ char *term = NULL;
        const char *name = getenv("TERM");
        size_t n = 0;
        int r, status;

        if (!variables || (name && asprintf(&term, "TERM=%s", name) < 0))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "starting a session");
        options.id = call->arguments[0];
        options.args = call->n_arguments > 1 ? call->arguments + 1 : shell;
        options.has_terminal = options.has_detach_keys = isatty(STDIN_FILENO);
        if (term && options.has_terminal)
                variables[n++] = term;
        for (size_t i = 0; i < env.n; i++)
                variables[n++] = env.items[i];
        options.env = variables;
        r = runtime_exec(call->runtime, &options, &status, err);
        return r < 0 ? r : status;
}

const Verb verb_attach = {
        .name = "attach",
        .arguments = "ID [COMMAND [ARGUMENT...]]",
        .help = "a session in a container: a shell at a terminal",
        .n_arguments_min = 1,
        .n_arguments_max = -1,
        .is_options_first = true,
        .error_status = EXIT_EXEC_FAILED,
        .options = attach_options,
        .n_options = ELEMENTSOF(attach_options),
        .run = run_attach,
};
