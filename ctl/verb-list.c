/* state and list. */
#include "runtime/info-print.h"
#include "ctl/report.h"
#include "ctl/verb.h"

#include <string.h>

static const char *format;
static bool is_quiet;

static const Option list_options[] = {
        { "format", 'f', "table|json", "form of the output (default table)", OPTION_STRING,
                &format },
        { "quiet", 'q', NULL, "only ids", OPTION_FLAG, &is_quiet },
};

static int run_state(const Call *call, CtrError *err)
{
        ContainerInfo info;
        int r;

        r = runtime_state(call->runtime, call->arguments[0], &info, err);
        if (r < 0)
                return r;
        info_print_json(&info, false, stdout);
        (void) fputc('\n', stdout);
        container_info_done(&info);
        return 0;
}

static void print_json_array(const ContainerInfo *infos, size_t n)
{
        (void) fputc('[', stdout);
        for (size_t i = 0; i < n; i++) {
                (void) fputs(i > 0 ? "," : "", stdout);
                info_print_json(&infos[i], true, stdout);
        }
        (void) fputs("]\n", stdout);
}

static int list_ids(const Call *call, CtrError *err)
{
        SpecStrv ids;
        int r = runtime_list(call->runtime, &ids, err);

        if (r < 0)
                return r;
        for (size_t i = 0; i < ids.n; i++)
                (void) puts(ids.items[i]);
        runtime_strv_done(&ids);
        return 0;
}

static int list_infos(const Call *call, bool is_json, CtrError *err)
{
        static char buffer[32768]; /* some libraries write each kilobyte by itself */
        ContainerInfo *infos;
        SpecStrv remarks;
        size_t n;
        int r = runtime_survey(call->runtime, !is_json, &infos, &n, &remarks, err);

        if (r < 0)
                return r;
        for (size_t i = 0; i < remarks.n; i++)
                report_warning(remarks.items[i]);
        (void) setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
        if (is_json)
                print_json_array(infos, n);
        else
                info_print_table(infos, n, stdout);
        runtime_strv_done(&remarks);
        runtime_survey_done(infos, n);
        return 0;
}

static int run_list(const Call *call, CtrError *err)
{
        int r = format_check(format, err);

        if (r < 0)
                return r;
        return is_quiet ? list_ids(call, err)
                        : list_infos(call, format && strcmp(format, "json") == 0, err);
}

const Verb verb_state = {
        .name = "state",
        .arguments = "ID",
        .help = "show a container as JSON",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .run = run_state,
};

const Verb verb_list = {
        .name = "list",
        .arguments = "",
        .help = "show all containers",
        .n_arguments_max = 0,
        .options = list_options,
        .n_options = ELEMENTSOF(list_options),
        .run = run_list,
};
