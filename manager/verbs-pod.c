/* What the methods for pods do: thin calls of runtime/pod.h. A configuration is JSON text, or a
 * dictionary with the same names. */
#include "manager/verbs-pod.h"

#include "base/pod-name.h"
#include "manager/path.h"
#include "runtime/pod.h"

#include <stdio.h>
#include <string.h>

/* What went wrong beside the work is for the unit's journal. */
static void print_remarks(SpecStrv *remarks)
{
        for (size_t i = 0; i < remarks->n; i++)
                (void) fprintf(stderr, "%s\n", remarks->items[i]);
        runtime_strv_done(remarks);
}

static int config_text(const VerbCall *call, char **ret, size_t *ret_size, CtrError *err)
{
        const JsonValue *config = NULL;
        const char *text;

        (void) json_value_member(call->arguments, "config", &config);
        text = json_value_string(config);
        *ret = text ? strdup(text) : json_value_text(config);
        if (!*ret)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading the configuration");
        *ret_size = strlen(*ret);
        return 0;
}

/* ---- the manager's ---- */

int verb_list_pods(VerbCall *call, CtrError *err)
{
        const char *separator = "";
        SpecStrv ids;
        int r;

        r = runtime_pod_list(call->runtime, &ids, err);
        if (r < 0)
                return r;
        (void) fputs("\"pods\":[", call->answer);
        for (size_t i = 0; i < ids.n; i++) {
                char path[PATH_SIZE_MAX];
                PodStatus status;

                /* One that was deleted meanwhile, or whose state is damaged, is left out. */
                if (runtime_pod_peek(call->runtime, ids.items[i], &status, NULL) < 0)
                        continue;
                (void) fprintf(call->answer, "%s[", separator);
                json_write_string(call->answer, status.id);
                (void) fprintf(call->answer, ",\"%s\",", pod_state_name(status.state));
                json_write_string(call->answer, path_of_pod(status.id, path));
                (void) fputc(']', call->answer);
                pod_status_done(&status);
                separator = ",";
        }
        (void) fputs("],", call->answer);
        runtime_strv_done(&ids);
        return 0;
}

int verb_get_pod(VerbCall *call, CtrError *err)
{
        char path[PATH_SIZE_MAX];
        PodStatus status;
        const char *id;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = runtime_pod_peek(call->runtime, id, &status, err);
        if (r < 0)
                return r;
        verb_answer_string(call, "pod", path_of_pod(status.id, path));
        pod_status_done(&status);
        return 0;
}

typedef int (*Maker)(
        const Runtime *rt, const char *text, size_t size, char **ret_id, CtrError *err);

static int make(VerbCall *call, Maker maker, CtrError *err)
{
        _cleanup_free_ char *text = NULL, *id = NULL;
        Runtime rt = *call->runtime;
        char path[PATH_SIZE_MAX];
        SpecStrv remarks = { 0 };
        size_t size;
        int r;

        rt.ret_remarks = &remarks;
        r = config_text(call, &text, &size, err);
        if (r >= 0)
                r = maker(&rt, text, size, &id, err);
        print_remarks(&remarks);
        if (r < 0)
                return r;
        verb_answer_string(call, "id", id);
        verb_answer_string(call, "pod", path_of_pod(id, path));
        return 0;
}

int verb_create_pod(VerbCall *call, CtrError *err)
{
        return make(call, runtime_pod_create, err);
}

int verb_run_pod(VerbCall *call, CtrError *err)
{
        return make(call, runtime_pod_run, err);
}

/* ---- of a pod ---- */

static int with_pod(
        VerbCall *call, int (*f)(const Runtime *rt, const char *id, CtrError *err), CtrError *err)
{
        Runtime rt = *call->runtime;
        SpecStrv remarks = { 0 };
        const char *id;
        int r = verb_string(call, "id", &id, err);

        rt.ret_remarks = &remarks;
        if (r >= 0)
                r = f(&rt, id, err);
        print_remarks(&remarks);
        return r;
}

int verb_start_pod(VerbCall *call, CtrError *err)
{
        return with_pod(call, runtime_pod_start, err);
}

int verb_stop_pod(VerbCall *call, CtrError *err)
{
        return with_pod(call, runtime_pod_stop, err);
}

int verb_pause_pod(VerbCall *call, CtrError *err)
{
        return with_pod(call, runtime_pod_pause, err);
}

int verb_resume_pod(VerbCall *call, CtrError *err)
{
        return with_pod(call, runtime_pod_resume, err);
}

static int delete_plainly(const Runtime *rt, const char *id, CtrError *err)
{
        return runtime_pod_delete(rt, id, false, err);
}

static int delete_forced(const Runtime *rt, const char *id, CtrError *err)
{
        return runtime_pod_delete(rt, id, true, err);
}

int verb_delete_pod(VerbCall *call, CtrError *err)
{
        return with_pod(call, verb_bool(call, "force") ? delete_forced : delete_plainly, err);
}

int verb_pod_status(VerbCall *call, CtrError *err)
{
        PodStatus status;
        VerbText text;
        const char *id;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = runtime_pod_status(call->runtime, id, &status, err);
        if (r < 0)
                return r;
        r = verb_text_begin(&text, err);
        if (r >= 0) {
                pod_status_print(&status, text.f);
                r = verb_text_end(&text, call, "status", 0, err);
        }
        pod_status_done(&status);
        return r;
}

int verb_pod_annotation(VerbCall *call, CtrError *err)
{
        _cleanup_free_ char *value = NULL;
        const char *id, *key;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = verb_string(call, "key", &key, err);
        if (r >= 0)
                r = runtime_pod_get_annotation(call->runtime, id, key, &value, err);
        if (r >= 0)
                verb_answer_string(call, "value", value);
        return r;
}

int verb_annotate_pod(VerbCall *call, CtrError *err)
{
        SpecKeyValues list = { 0 };
        const char *id;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = verb_key_values(call, &list, err);
        if (r < 0)
                return r;
        r = runtime_pod_annotate(call->runtime, id, &list, err);
        free(list.items);
        return r;
}

/* ---- of its containers ---- */

static int read_names(
        const VerbCall *call, const char **ret_pod, const char **ret_name, CtrError *err)
{
        int r = verb_string(call, "id", ret_pod, err);

        return r < 0 ? r : verb_string(call, "name", ret_name, err);
}

static int answer_container(VerbCall *call, const char *pod, const char *name, CtrError *err)
{
        char id[CTR_ID_MAX + 1], path[PATH_SIZE_MAX];
        int r = ctr_pod_member_id(pod, name, id, err);

        if (r >= 0)
                verb_answer_string(call, "container", path_of_container(id, path));
        return r;
}

int verb_pod_container(VerbCall *call, CtrError *err)
{
        char path[PATH_SIZE_MAX] = "", id[CTR_ID_MAX + 1];
        const char *pod, *name;
        PodStatus status;
        int r;

        r = read_names(call, &pod, &name, err);
        /* That of a pod of a file is an id; without any, the error is the same. */
        if (r >= 0 && name[0] == '\0')
                r = ctr_pod_member_id(pod, name, id, err);
        if (r >= 0)
                r = runtime_pod_peek(call->runtime, pod, &status, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < status.n_containers; i++)
                if (strcmp(status.containers[i].id, name) == 0)
                        (void) path_of_container(status.containers[i].container_id, path);
        pod_status_done(&status);
        if (path[0] == '\0')
                return ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_EXISTS, 0,
                        "container %s does not exist in pod %s", name, pod);
        verb_answer_string(call, "container", path);
        return 0;
}

int verb_pod_create(VerbCall *call, CtrError *err)
{
        _cleanup_free_ char *text = NULL, *name = NULL;
        const char *pod;
        size_t size;
        int r;

        r = verb_string(call, "id", &pod, err);
        if (r >= 0)
                r = config_text(call, &text, &size, err);
        if (r >= 0)
                r = runtime_pod_create_container(call->runtime, pod, text, size, &name, err);
        if (r < 0)
                return r;
        verb_answer_string(call, "name", name);
        return answer_container(call, pod, name, err);
}

static int with_names(VerbCall *call,
        int (*f)(const Runtime *rt, const char *pod, const char *name, CtrError *err),
        CtrError *err)
{
        const char *pod, *name;
        int r = read_names(call, &pod, &name, err);

        return r < 0 ? r : f(call->runtime, pod, name, err);
}

int verb_pod_start(VerbCall *call, CtrError *err)
{
        return with_names(call, runtime_pod_start_container, err);
}

int verb_pod_stop(VerbCall *call, CtrError *err)
{
        return with_names(call, runtime_pod_stop_container, err);
}

int verb_pod_delete(VerbCall *call, CtrError *err)
{
        return with_names(call, runtime_pod_delete_container, err);
}

int verb_pod_kill(VerbCall *call, CtrError *err)
{
        const char *pod, *name;
        int r, number;

        r = read_names(call, &pod, &name, err);
        if (r >= 0)
                r = verb_signal(call, &number, err);
        return r < 0 ? r
                     : runtime_pod_kill_container(
                               call->runtime, pod, name, number, verb_bool(call, "all"), err);
}

int verb_pod_container_status(VerbCall *call, CtrError *err)
{
        PodContainerStatus status;
        const char *pod, *name;
        VerbText text;
        int r;

        r = read_names(call, &pod, &name, err);
        if (r >= 0)
                r = runtime_pod_container_status(call->runtime, pod, name, &status, err);
        if (r < 0)
                return r;
        r = verb_text_begin(&text, err);
        if (r >= 0) {
                pod_container_status_print(&status, "", text.f);
                r = verb_text_end(&text, call, "status", 0, err);
        }
        pod_container_status_done(&status);
        return r;
}

int verb_pod_processes(VerbCall *call, CtrError *err)
{
        _cleanup_free_ pid_t *pids = NULL;
        const char *pod, *name;
        size_t n;
        int r;

        r = read_names(call, &pod, &name, err);
        if (r >= 0)
                r = runtime_pod_list_processes(call->runtime, pod, name, &pids, &n, err);
        if (r < 0)
                return r;
        (void) fputs("\"processes\":[", call->answer);
        for (size_t i = 0; i < n; i++)
                (void) fprintf(call->answer, "%s%d", i > 0 ? "," : "", (int) pids[i]);
        (void) fputs("],", call->answer);
        return 0;
}

int verb_pod_process_table(VerbCall *call, CtrError *err)
{
        _cleanup_free_ char **arguments = NULL;
        _cleanup_free_ pid_t *pids = NULL;
        const char *pod, *name;
        VerbText text;
        size_t n;
        int r;

        r = read_names(call, &pod, &name, err);
        if (r >= 0)
                r = verb_strings(call, "arguments", &arguments, err);
        if (r >= 0)
                r = runtime_pod_list_processes(call->runtime, pod, name, &pids, &n, err);
        if (r >= 0)
                r = verb_text_begin(&text, err);
        if (r < 0)
                return r;
        r = runtime_ps_write(pids, n, arguments, text.f, err);
        return verb_text_end(&text, call, "table", r, err);
}
