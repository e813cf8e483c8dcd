/* ps: pids as JSON, or the lines of ps(1) about them. */
#include "ctl/verb.h"

#include <string.h>

static const char *format;

static const Option ps_options[] = {
        { "format", 'f', "table|json", "form of the output (default table)", OPTION_STRING,
                &format },
};

static void print_json(const pid_t *pids, size_t n)
{
        (void) fputc('[', stdout);
        for (size_t i = 0; i < n; i++)
                (void) printf("%s%d", i > 0 ? "," : "", (int) pids[i]);
        (void) fputs("]\n", stdout);
}

static int run_ps(const Call *call, CtrError *err)
{
        bool is_json = format && strcmp(format, "json") == 0;
        _cleanup_free_ pid_t *pids = NULL;
        size_t n;
        int r;

        if (format && !is_json && strcmp(format, "table") != 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "invalid format \"%.64s\" (table or json)", format);
        if (!is_json)
                return runtime_ps_table(
                        call->runtime, call->arguments[0], call->arguments + 1, stdout, err);
        r = runtime_ps(call->runtime, call->arguments[0], &pids, &n, err);
        if (r < 0)
                return r;
        print_json(pids, n);
        return 0;
}

const Verb verb_ps = {
        .name = "ps",
        .arguments = "ID [PS-OPTION...]",
        .help = "show the processes of a container",
        .n_arguments_min = 1,
        .n_arguments_max = -1,
        .is_options_first = true,
        .options = ps_options,
        .n_options = ELEMENTSOF(ps_options),
        .run = run_ps,
};
