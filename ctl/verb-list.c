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

/* Those that can be read; the others are said to be there. One that vanished meanwhile is no news.
 */
static size_t read_infos(const Call *call, const SpecStrv *ids, ContainerInfo *infos)
{
        size_t n = 0;

        for (size_t i = 0; i < ids->n; i++) {
                CtrError e = { 0 };

                if (runtime_state(call->runtime, ids->items[i], &infos[n], &e) >= 0)
                        n++;
                else if (e.code != CTR_ERROR_CONTAINER_NOT_EXISTS) {
                        (void) ctr_error_prefix(&e, 0, "%s", ids->items[i]);
                        report_warning(e.message);
                }
        }
        return n;
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

static int run_list(const Call *call, CtrError *err)
{
        bool is_json = format && strcmp(format, "json") == 0;
        _cleanup_free_ ContainerInfo *infos = NULL;
        SpecStrv ids;
        size_t n = 0;
        int r;

        r = format_check(format, err);
        if (r >= 0)
                r = runtime_list(call->runtime, &ids, err);
        if (r < 0)
                return r;
        if (is_quiet)
                for (size_t i = 0; i < ids.n; i++)
                        (void) puts(ids.items[i]);
        else {
                infos = calloc(ids.n + 1, sizeof(*infos));
                if (infos)
                        n = read_infos(call, &ids, infos);
                else
                        r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "listing containers");
                if (is_json)
                        print_json_array(infos, n);
                else if (infos)
                        info_print_table(infos, n, stdout);
        }
        for (size_t i = 0; i < n; i++)
                container_info_done(&infos[i]);
        runtime_strv_done(&ids);
        return r;
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
