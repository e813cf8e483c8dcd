/* Pods: virtcontainers' functions as methods of one object. */
#include "api/api-internal.h"

#include "base/json.h"
#include "runtime/pod.h"
#include "runtime/strv.h"

#include <stdio.h>
#include <string.h>

static int pod_new(const CtrFactory *factory, const char *id, CtrPod **ret, CtrError *err)
{
        CtrPod *p = calloc(1, sizeof(*p));
        int r = 0;

        if (!p || (id && !(p->id = strdup(id))))
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making a pod");
        if (r >= 0)
                r = api_copy_runtime(&factory->runtime, &p->runtime, err);
        if (r < 0)
                (void) ctr_pod_free(p);
        else
                *ret = p;
        return r;
}

CtrPod *ctr_pod_free(CtrPod *pod)
{
        if (pod) {
                runtime_done(&pod->runtime);
                strv_done(&pod->remarks);
                free(pod->id);
        }
        free(pod);
        return NULL;
}

/* The runtime of a call whose remarks are kept. */
static const Runtime *begin(CtrPod *pod)
{
        strv_done(&pod->remarks);
        pod->runtime.ret_remarks = &pod->remarks;
        return &pod->runtime;
}

const char *const *ctr_pod_get_remarks(const CtrPod *pod)
{
        static const char *const none[] = { NULL };

        return pod->remarks.items ? (const char *const *) pod->remarks.items : none;
}

const char *ctr_pod_get_id(const CtrPod *pod)
{
        return pod->id;
}

/* ---- ways to a pod ---- */

typedef int (*MakePod)(const Runtime *, const char *, size_t, char **, CtrError *);

static int make(
        CtrFactory *factory, MakePod make_pod, const char *config, CtrPod **ret, CtrError **error)
{
        CtrPod *p = NULL;
        CtrError e = { 0 };
        int r;

        r = pod_new(factory, NULL, &p, &e);
        if (r >= 0)
                r = make_pod(
                        begin(p), config ? config : "", config ? strlen(config) : 0, &p->id, &e);
        if (r < 0)
                (void) ctr_pod_free(p);
        else
                *ret = p;
        return api_result(r, &e, error);
}

int ctr_pod_create(CtrFactory *factory, const char *config, CtrPod **ret, CtrError **error)
{
        return make(factory, runtime_pod_create, config, ret, error);
}

int ctr_pod_run(CtrFactory *factory, const char *config, CtrPod **ret, CtrError **error)
{
        return make(factory, runtime_pod_run, config, ret, error);
}

int ctr_pod_load(CtrFactory *factory, const char *id, CtrPod **ret, CtrError **error)
{
        CtrError e = { 0 };
        PodStatus status;
        int r;

        r = runtime_pod_peek(&factory->runtime, id ? id : "", &status, &e);
        if (r >= 0) {
                pod_status_done(&status);
                r = pod_new(factory, id, ret, &e);
        }
        return api_result(r, &e, error);
}

int ctr_pod_list(CtrFactory *factory, char ***ret, CtrError **error)
{
        SpecStrv list = { 0 };
        CtrError e = { 0 };
        int r;

        r = runtime_pod_list(&factory->runtime, &list, &e);
        if (r >= 0)
                r = api_strv_take(&list, ret, &e);
        strv_done(&list);
        return api_result(r, &e, error);
}

/* ---- its life ---- */

int ctr_pod_start(CtrPod *pod, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(runtime_pod_start(begin(pod), pod->id, &e), &e, error);
}

int ctr_pod_stop(CtrPod *pod, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(runtime_pod_stop(begin(pod), pod->id, &e), &e, error);
}

int ctr_pod_pause(CtrPod *pod, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(runtime_pod_pause(begin(pod), pod->id, &e), &e, error);
}

int ctr_pod_resume(CtrPod *pod, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(runtime_pod_resume(begin(pod), pod->id, &e), &e, error);
}

int ctr_pod_delete(CtrPod *pod, int is_forced, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(runtime_pod_delete(begin(pod), pod->id, is_forced, &e), &e, error);
}

/* ---- what is known of it ---- */

static const struct {
        PodState internal;
        CtrPodState state;
} states[] = {
        { POD_READY, CTR_POD_READY },
        { POD_RUNNING, CTR_POD_RUNNING },
        { POD_PAUSED, CTR_POD_PAUSED },
        { POD_STOPPED, CTR_POD_STOPPED },
};

_Static_assert(ELEMENTSOF(states) == _POD_STATE_MAX, "every state has a public number");

const char *ctr_pod_state_get_name(CtrPodState state)
{
        for (size_t i = 0; i < ELEMENTSOF(states); i++)
                if (states[i].state == state)
                        return pod_state_name(states[i].internal);
        return "unknown";
}

int ctr_pod_get_state(CtrPod *pod, CtrPodState *ret, CtrError **error)
{
        CtrError e = { 0 };
        PodStatus status;
        int r = runtime_pod_status(begin(pod), pod->id, &status, &e);

        if (r < 0)
                return api_result(r, &e, error);
        for (size_t i = 0; i < ELEMENTSOF(states); i++)
                if (states[i].internal == status.state)
                        *ret = states[i].state;
        pod_status_done(&status);
        return 0;
}

static int finish_text(FILE *f, char **text, char **ret, CtrError *err)
{
        if (fclose(f) != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "status");
        *ret = TAKE_PTR(*text);
        return 0;
}

int ctr_pod_get_status(CtrPod *pod, char **ret, CtrError **error)
{
        _cleanup_free_ char *text = NULL;
        CtrError e = { 0 };
        PodStatus status;
        size_t size;
        FILE *f;
        int r;

        r = runtime_pod_status(begin(pod), pod->id, &status, &e);
        if (r < 0)
                return api_result(r, &e, error);
        f = open_memstream(&text, &size);
        if (f)
                pod_status_print(&status, f);
        pod_status_done(&status);
        r = f ? finish_text(f, &text, ret, &e)
              : ctr_error_set(&e, CTR_ERROR_SYSTEM, ENOMEM, "status");
        return api_result(r, &e, error);
}

int ctr_pod_get_annotation(CtrPod *pod, const char *key, char **ret, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(runtime_pod_get_annotation(begin(pod), pod->id, key, ret, &e), &e, error);
}

int ctr_pod_set_annotation(CtrPod *pod, const char *key, const char *value, CtrError **error)
{
        SpecKeyValue item = { .key = (char *) key, .value = (char *) value };
        SpecKeyValues list = { .items = &item, .n = 1 };
        CtrError e = { 0 };

        return api_result(runtime_pod_annotate(begin(pod), pod->id, &list, &e), &e, error);
}

/* ---- its containers ---- */

int ctr_pod_create_container(CtrPod *pod, const char *config, char **ret_name, CtrError **error)
{
        _cleanup_free_ char *name = NULL;
        CtrError e = { 0 };
        int r;

        r = runtime_pod_create_container(
                begin(pod), pod->id, config ? config : "", config ? strlen(config) : 0, &name, &e);
        if (r >= 0 && ret_name)
                *ret_name = TAKE_PTR(name);
        return api_result(r, &e, error);
}

int ctr_pod_start_container(CtrPod *pod, const char *name, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(runtime_pod_start_container(begin(pod), pod->id, name, &e), &e, error);
}

int ctr_pod_stop_container(CtrPod *pod, const char *name, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(runtime_pod_stop_container(begin(pod), pod->id, name, &e), &e, error);
}

int ctr_pod_delete_container(CtrPod *pod, const char *name, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(runtime_pod_delete_container(begin(pod), pod->id, name, &e), &e, error);
}

int ctr_pod_kill_container(
        CtrPod *pod, const char *name, int signal_number, int is_all, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(
                runtime_pod_kill_container(begin(pod), pod->id, name, signal_number, is_all, &e),
                &e, error);
}

int ctr_pod_get_container_status(CtrPod *pod, const char *name, char **ret, CtrError **error)
{
        _cleanup_free_ char *text = NULL;
        PodContainerStatus status;
        CtrError e = { 0 };
        size_t size;
        FILE *f;
        int r;

        r = runtime_pod_container_status(begin(pod), pod->id, name, &status, &e);
        if (r < 0)
                return api_result(r, &e, error);
        f = open_memstream(&text, &size);
        if (f)
                pod_container_status_print(&status, "", f);
        pod_container_status_done(&status);
        r = f ? finish_text(f, &text, ret, &e)
              : ctr_error_set(&e, CTR_ERROR_SYSTEM, ENOMEM, "status");
        return api_result(r, &e, error);
}

int ctr_pod_get_container_processes(
        CtrPod *pod, const char *name, pid_t **ret, size_t *ret_n, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(
                runtime_pod_list_processes(begin(pod), pod->id, name, ret, ret_n, &e), &e, error);
}

int ctr_pod_enter_container(CtrPod *pod, const char *name, CtrProcess *process, CtrError **error)
{
        char id[CTR_ID_MAX + 1];
        CtrError e = { 0 };
        int r;

        r = runtime_pod_check_enter(begin(pod), pod->id, name, id, &e);
        if (r >= 0)
                r = process_start_joined(&pod->runtime, id, process, &e);
        return api_result(r, &e, error);
}
