/* logs: becomes journalctl(1). */
#include "ctl/report.h"
#include "ctl/verb.h"

#include "base/name.h"

#include <string.h>

static RuntimeLogs options;
static bool is_verbose;

static const Option logs_options[] = {
        { "follow", 'f', NULL, "go on showing new lines", OPTION_FLAG, &options.is_following },
        { "lines", 'n', "N", "only the last N lines", OPTION_STRING, &options.lines },
        { "priority", 'p', "LEVEL", "only this priority and more important ones", OPTION_STRING,
                &options.priority },
        { "since", 0, "TIME", "only lines after this time", OPTION_STRING, &options.since },
        { "until", 0, "TIME", "only lines before this time", OPTION_STRING, &options.until },
        { "output", 'o', "FORM", "journalctl's output forms: short, cat, json, ...", OPTION_STRING,
                &options.output },
        { "reverse", 'r', NULL, "newest lines first", OPTION_FLAG, &options.is_reverse },
        { "verbose", 'v', NULL, "print the journalctl command first", OPTION_FLAG, &is_verbose },
};

/* A name that is mistyped has no lines either. */
static void warn_of_nothing(const Runtime *rt, const char *id)
{
        char text[CTR_ID_MAX + 128];
        ContainerInfo info;
        CtrError err = { 0 };

        if (runtime_state(rt, id, &info, &err) >= 0) {
                container_info_done(&info);
                return;
        }
        if (err.code != CTR_ERROR_CONTAINER_NOT_EXISTS || verb_is_configured(id))
                return;
        (void) snprintf(text, sizeof(text),
                "there is no container %s now: what one of this name has left in the journal", id);
        report_warning(text);
}

static int run_logs(const Call *call, CtrError *err)
{
        SpecStrv argv;
        int r;

        options.id = call->arguments[0];
        r = runtime_logs_command(call->runtime, &options, &argv, err);
        if (r < 0)
                return r;
        warn_of_nothing(call->runtime, options.id);
        for (size_t i = 0; is_verbose && i < argv.n; i++)
                (void) fprintf(stderr, "%s%c", argv.items[i], i + 1 < argv.n ? ' ' : '\n');
        (void) execvp(argv.items[0], argv.items);
        r = ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot start %s", argv.items[0]);
        runtime_strv_done(&argv);
        return r;
}

const Verb verb_logs = {
        .name = "logs",
        .arguments = "ID",
        .help = "show what a container wrote to its standard output and error",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .options = logs_options,
        .n_options = ELEMENTSOF(logs_options),
        .run = run_logs,
};
