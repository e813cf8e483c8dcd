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

typedef enum ListForm { LIST_TABLE, LIST_JSON, LIST_IDS } ListForm;

static void print_ids(const ContainerInfo *infos, size_t n)
{
        for (size_t i = 0; i < n; i++)
                (void) puts(infos[i].id);
}

/* What cannot be read is said and left out, in each form. */
static int list_infos(const Call *call, ListForm form, CtrError *err)
{
        static char buffer[32768]; /* some libraries write each kilobyte by itself */
        ContainerInfo *infos;
        SpecStrv remarks;
        size_t n;
        int r = runtime_survey(call->runtime, form != LIST_JSON, &infos, &n, &remarks, err);

        if (r < 0)
                return r;
        for (size_t i = 0; i < remarks.n; i++)
                report_warning(remarks.items[i]);
        (void) setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
        if (form == LIST_JSON)
                print_json_array(infos, n);
        else if (form == LIST_IDS)
                print_ids(infos, n);
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
        return list_infos(call,
                is_quiet                                ? LIST_IDS
                : format && strcmp(format, "json") == 0 ? LIST_JSON
                                                        : LIST_TABLE,
                err);
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
