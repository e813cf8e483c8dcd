/* pod: the table of its verbs, and those for whole pods. A verb that takes an optional CONTAINER is
 * for that one alone then. */
#include "ctl/verb-pod.h"

#include "base/io.h"
#include "ctl/report.h"
#include "runtime/pod.h"

#include <fcntl.h>
#include <string.h>

enum { TEXT_SIZE_MAX = 16 << 20 };

static const char *format;
static const char *host_name, *network = "none", *unit;
static bool is_quiet, is_forced;

/* ---- texts ---- */

int pod_read_text(const char *path, char **ret, size_t *ret_size, CtrError *err)
{
        if (path && path[0] == '\0')
                return ctr_error_set(err, CTR_ERROR_NEED_FILE, 0, "File cannot be empty");
        if (!path || strcmp(path, "-") == 0)
                return ctr_read_fd(
                        STDIN_FILENO, "standard input", TEXT_SIZE_MAX, ret, ret_size, err);
        return ctr_read_file(AT_FDCWD, path, TEXT_SIZE_MAX, ret, ret_size, err);
}

int pod_text_error(const char *path, int r, CtrError *err)
{
        if (err->field[0] == '\0' && err->line == 0)
                return r;
        if (!path || strcmp(path, "-") == 0)
                path = "standard input";
        ctr_error_place(err, path);
        return r;
}

/* ---- whole pods ---- */

typedef int (*Maker)(
        const Runtime *rt, const char *text, size_t size, char **ret_id, CtrError *err);

static int make(const Call *call, Maker maker, CtrError *err)
{
        const char *path = call->n_arguments > 0 ? call->arguments[0] : NULL;
        _cleanup_free_ char *text = NULL, *id = NULL;
        size_t size;
        int r;

        r = pod_read_text(path, &text, &size, err);
        if (r >= 0)
                r = maker(call->runtime, text, size, &id, err);
        if (r < 0)
                return pod_text_error(path, r, err);
        (void) puts(id);
        return 0;
}

static int run_create(const Call *call, CtrError *err)
{
        return make(call, runtime_pod_create, err);
}

static int run_run(const Call *call, CtrError *err)
{
        return make(call, runtime_pod_run, err);
}

static int run_start(const Call *call, CtrError *err)
{
        return call->n_arguments > 1 ? runtime_pod_start_container(call->runtime,
                                               call->arguments[0], call->arguments[1], err)
                                     : runtime_pod_start(call->runtime, call->arguments[0], err);
}

static int run_stop(const Call *call, CtrError *err)
{
        return call->n_arguments > 1 ? runtime_pod_stop_container(call->runtime, call->arguments[0],
                                               call->arguments[1], err)
                                     : runtime_pod_stop(call->runtime, call->arguments[0], err);
}

static int run_delete(const Call *call, CtrError *err)
{
        if (call->n_arguments == 1)
                return runtime_pod_delete(call->runtime, call->arguments[0], is_forced, err);
        if (is_forced)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "--force is for whole pods: stop the container first");
        return runtime_pod_delete_container(
                call->runtime, call->arguments[0], call->arguments[1], err);
}

static int run_pause(const Call *call, CtrError *err)
{
        return runtime_pod_pause(call->runtime, call->arguments[0], err);
}

static int run_resume(const Call *call, CtrError *err)
{
        return runtime_pod_resume(call->runtime, call->arguments[0], err);
}

static int print_container_status(const Call *call, CtrError *err)
{
        PodContainerStatus status;
        int r;

        r = runtime_pod_container_status(
                call->runtime, call->arguments[0], call->arguments[1], &status, err);
        if (r < 0)
                return r;
        pod_container_status_print(&status, "", stdout);
        (void) fputc('\n', stdout);
        pod_container_status_done(&status);
        return 0;
}

static int run_status(const Call *call, CtrError *err)
{
        PodStatus status;
        int r;

        if (call->n_arguments > 1)
                return print_container_status(call, err);
        r = runtime_pod_status(call->runtime, call->arguments[0], &status, err);
        if (r < 0)
                return r;
        pod_status_print(&status, stdout);
        pod_status_done(&status);
        return 0;
}

/* ---- of files ---- */

static int run_up(const Call *call, CtrError *err)
{
        return runtime_pod_up(call->runtime,
                &(RuntimePodUp){ .id = call->arguments[0],
                        .hostname = host_name ? host_name : call->arguments[0],
                        .network = network,
                        .unit = unit ? unit : "" },
                err);
}

static int run_down(const Call *call, CtrError *err)
{
        return runtime_pod_down(call->runtime, call->arguments[0], err);
}

/* ---- list ---- */

static void print_row(const PodStatus *status)
{
        (void) printf("%-24s %-8s %-10zu %-6s %s\n", status->id, pod_state_name(status->state),
                status->n_containers, status->network_model, status->slice);
}

/* Pods that cannot be read are said to be there; one that vanished meanwhile is no news. */
static void print_pods(const Call *call, const SpecStrv *ids, bool is_json)
{
        bool is_first = true;

        (void) (is_json ? fputs("[", stdout)
                        : printf("%-24s %-8s %-10s %-6s %s\n", "ID", "STATE", "CONTAINERS", "NET",
                                  "SLICE"));
        for (size_t i = 0; i < ids->n; i++) {
                CtrError e = { 0 };
                PodStatus status;

                if (runtime_pod_status(call->runtime, ids->items[i], &status, &e) < 0) {
                        if (e.code != CTR_ERROR_POD_NOT_EXISTS) {
                                (void) ctr_error_prefix(&e, 0, "%s", ids->items[i]);
                                report_warning(e.message);
                        }
                        continue;
                }
                if (is_json) {
                        (void) fputs(is_first ? "" : ",", stdout);
                        pod_status_print(&status, stdout);
                } else
                        print_row(&status);
                is_first = false;
                pod_status_done(&status);
        }
        (void) fputs(is_json ? "]\n" : "", stdout);
}

static int run_list(const Call *call, CtrError *err)
{
        SpecStrv ids;
        int r;

        r = format_check(format, err);
        if (r >= 0)
                r = runtime_pod_list(call->runtime, &ids, err);
        if (r < 0)
                return r;
        if (is_quiet)
                for (size_t i = 0; i < ids.n; i++)
                        (void) puts(ids.items[i]);
        else
                print_pods(call, &ids, format && strcmp(format, "json") == 0);
        runtime_strv_done(&ids);
        return 0;
}

/* ---- annotations ---- */

static int print_annotation(const Call *call, CtrError *err)
{
        _cleanup_free_ char *value = NULL;
        int r;

        r = runtime_pod_get_annotation(
                call->runtime, call->arguments[0], call->arguments[1], &value, err);
        if (r >= 0)
                (void) puts(value);
        return r;
}

static int run_annotate(const Call *call, CtrError *err)
{
        int n = call->n_arguments - 1, r = 0;
        _cleanup_free_ SpecKeyValue *items = NULL;

        if (n == 1 && !strchr(call->arguments[1], '='))
                return print_annotation(call, err);
        items = calloc((size_t) n, sizeof(*items));
        if (!items)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading annotations");
        for (int i = 0; i < n && r >= 0; i++) {
                char *text = call->arguments[i + 1], *equals = strchr(text, '=');

                if (!equals || equals == text)
                        r = ctr_error_set(err, CTR_ERROR_USAGE, 0,
                                "annotation \"%.64s\" is not KEY=VALUE", text);
                else {
                        *equals = '\0';
                        items[i] = (SpecKeyValue){ .key = text, .value = equals + 1 };
                }
        }
        return r < 0 ? r
                     : runtime_pod_annotate(call->runtime, call->arguments[0],
                               &(SpecKeyValues){ .items = items, .n = (size_t) n }, err);
}

/* ---- the table ---- */

static const Option delete_options[] = {
        { "force", 'f', NULL, "in any state, and whatever is left of it", OPTION_FLAG, &is_forced },
};

static const Option up_options[] = {
        { "hostname", 0, "NAME", "the pod's host name (default: its id)", OPTION_STRING,
                &host_name },
        { "network", 0, "none|host|PATH", "namespace of its own, the host's, or that at PATH",
                OPTION_STRING, &network },
        { "unit", 0, "NAME", "the unit that runs this", OPTION_STRING, &unit },
};

static const Option list_options[] = {
        { "format", 'f', "table|json", "form of the output (default table)", OPTION_STRING,
                &format },
        { "quiet", 'q', NULL, "only ids", OPTION_FLAG, &is_quiet },
};

#define POD_VERB(word, usage, text, min, max, ...)                                                 \
        static const Verb pod_##word = { .name = #word,                                            \
                .arguments = usage,                                                                \
                .help = text,                                                                      \
                .n_arguments_min = min,                                                            \
                .n_arguments_max = max,                                                            \
                .run = run_##word,                                                                 \
                __VA_ARGS__ }
#define OPTIONS(table) .options = table, .n_options = ELEMENTSOF(table)

POD_VERB(create, "[FILE]", "make a pod of a configuration", 0, 1, );
POD_VERB(run, "[FILE]", "make and start a pod", 0, 1, );
POD_VERB(start, "POD [CONTAINER]", "start all containers, or one", 1, 2, );
POD_VERB(stop, "POD [CONTAINER]", "stop the pod, or one container", 1, 2, );
POD_VERB(pause, "POD", "freeze all processes", 1, 1, );
POD_VERB(resume, "POD", "let them run again", 1, 1, );
POD_VERB(delete, "POD [CONTAINER]", "remove a pod that does not run, or a container", 1, 2,
        OPTIONS(delete_options));
POD_VERB(list, "", "show all pods", 0, 0, OPTIONS(list_options));
POD_VERB(status, "POD [CONTAINER]", "show a pod or a container as JSON", 1, 2, );
POD_VERB(up, "POD", "make the namespaces of a pod of a .pod file: its unit runs this", 1, 1,
        OPTIONS(up_options));
POD_VERB(down, "POD", "remove them: its unit runs this", 1, 1, );
POD_VERB(annotate, "POD KEY[=VALUE]...", "set annotations, or show one", 2, -1, );

static const Verb *const pod_verbs[] = {
        &pod_create,
        &pod_run,
        &pod_start,
        &pod_stop,
        &pod_pause,
        &pod_resume,
        &pod_delete,
        &pod_list,
        &pod_status,
        &pod_annotate,
        &pod_up,
        &pod_down,
        &pod_verb_add,
        &pod_verb_enter,
        &pod_verb_kill,
        &pod_verb_ps,
};

static const Verb *find_verb(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(pod_verbs); i++)
                if (strcmp(pod_verbs[i]->name, name) == 0)
                        return pod_verbs[i];
        return NULL;
}

static int run_verb(const Call *call, const Verb *verb, CtrError *err)
{
        Runtime runtime = *call->runtime;
        SpecStrv remarks = { 0 };
        int r, first;

        r = options_parse(verb->options, verb->n_options, verb->is_options_first, call->n_arguments,
                call->arguments, &first, err);
        if (r > 0) {
                verb_print_help("ctrctl pod", verb, stdout);
                return 0;
        }
        if (r >= 0)
                r = verb_check_arguments("ctrctl pod", verb, call->n_arguments - first, err);
        if (r < 0)
                return r;
        runtime.ret_remarks = &remarks;
        r = verb->run(&(Call){ .runtime = &runtime,
                              .n_arguments = call->n_arguments - first,
                              .arguments = call->arguments + first },
                err);
        if (r < 0 && err->exit_status == 0)
                err->exit_status = verb->error_status;
        for (size_t i = 0; i < remarks.n; i++)
                report_warning(remarks.items[i]);
        runtime_strv_done(&remarks);
        return r;
}

static int run_pod(const Call *call, CtrError *err)
{
        const Verb *verb = find_verb(call->arguments[0]);

        if (!verb)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "unknown verb \"%.64s\" of pod (see: ctrctl pod --help)",
                        call->arguments[0]);
        if (call->runtime->mode != PLAN_SERVICE)
                return ctr_error_set(
                        err, CTR_ERROR_UNSUPPORTED, 0, "pods are made of units: use ctrctl pod");
        return run_verb(call, verb, err);
}

const Verb verb_pod = {
        .name = "pod",
        .arguments = "VERB [ARGUMENT...]",
        .help = "make and manage pods: ctrctl-pod(1)",
        .n_arguments_min = 1,
        .n_arguments_max = -1,
        .is_options_first = true,
        .run = run_pod,
        .verbs = pod_verbs,
        .n_verbs = ELEMENTSOF(pod_verbs),
};
