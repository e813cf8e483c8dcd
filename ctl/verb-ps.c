/* ps: pids as JSON, or the lines of ps(1) about them. */
#include "ctl/ps-print.h"
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

int ps_print(const char *form, char *const *arguments, const pid_t *pids, size_t n, CtrError *err)
{
        if (form && strcmp(form, "json") == 0) {
                print_json(pids, n);
                return 0;
        }
        return runtime_ps_write(pids, n, arguments, stdout, err);
}

static int run_ps(const Call *call, CtrError *err)
{
        _cleanup_free_ pid_t *pids = NULL;
        size_t n;
        int r;

        r = format_check(format, err);
        if (r >= 0)
                r = runtime_ps(call->runtime, call->arguments[0], &pids, &n, err);
        return r < 0 ? r : ps_print(format, call->arguments + 1, pids, n, err);
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
