/* logs: the journalctl(1) command that shows what a container wrote. The journal's own fields
 * choose the lines: the unit, which journald adds and nobody can forge, so that lines of PID 1
 * about the unit stay out. */
#include "runtime/container.h"
#include "runtime/strv.h"

#include <stdio.h>
#include <string.h>

static int add_option(SpecStrv *argv, const char *option, const char *value)
{
        _cleanup_free_ char *text = NULL;

        if (!value)
                return 0;
        if (asprintf(&text, "%s=%s", option, value) < 0) {
                text = NULL;
                return -ENOMEM;
        }
        return strv_add(argv, text);
}

static int build(const RuntimeLogs *options, const char *unit, SpecStrv *argv)
{
        const struct {
                const char *option, *value;
        } valued[] = {
                { "--lines", options->lines },
                { "--priority", options->priority },
                { "--since", options->since },
                { "--until", options->until },
                { "--output", options->output },
                { "_SYSTEMD_UNIT", unit },
                { "CONTAINER_ID", options->id },
        };
        int r;

        r = strv_add(argv, "journalctl");
        if (r >= 0)
                r = strv_add(argv, "--quiet");
        if (r >= 0 && options->is_following)
                r = strv_add(argv, "--follow");
        if (r >= 0 && options->is_reverse)
                r = strv_add(argv, "--reverse");
        for (size_t i = 0; i < ELEMENTSOF(valued) && r >= 0; i++)
                r = add_option(argv, valued[i].option, valued[i].value);
        return r;
}

int runtime_logs_command(
        const Runtime *rt, const RuntimeLogs *options, SpecStrv *ret, CtrError *err)
{
        SpecStrv argv = { 0 };
        Container name;
        int r;

        r = container_name(rt, options->id, &name, err);
        if (r < 0)
                return r;
        r = build(options, name.unit, &argv);
        if (r < 0) {
                runtime_strv_done(&argv);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "building the command");
        }
        *ret = argv;
        return 0;
}
