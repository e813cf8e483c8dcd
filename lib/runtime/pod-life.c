/* The life of a pod: create, start, stop, pause, resume, delete, run. The lock is held over each
 * whole; before each step is written down what the step may leave, so that whoever finds a pod that
 * somebody was killed over can clear it away. */
#include "runtime/pod-internal.h"

#include "base/io.h"
#include "runtime/pod-edit.h"
#include "runtime/pod-namespaces.h"
#include "runtime/strv.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* ---- there and gone ---- */

typedef struct Clean {
        bool is_killed;      /* without asking the containers */
        bool keeps_members;  /* their states, which say stopped */
        bool skips_failures; /* goes on, whatever cannot be cleared away */
} Clean;

static int remove_members(Pod *pod, const Clean *how, CtrError *err)
{
        SpecStrv names;
        int r;

        r = pod_member_list(pod, &names, err);
        if (r < 0)
                return r;
        /* Those without state may still have a unit that failed. */
        for (size_t i = 0; pod->config && i < pod->config->n_containers; i++)
                (void) pod_member_remove(pod, pod->config->containers[i].id, NULL);
        for (size_t i = 0; i < names.n && (r >= 0 || how->skips_failures); i++)
                r = pod_member_remove(pod, names.items[i], err);
        strv_done(&names);
        return r;
}

/* Everything but the configuration. */
static int clean(Pod *pod, const Clean *how, CtrError *err)
{
        bool was_complete = pod->stage == POD_STAGE_READY || pod->stage == POD_STAGE_STARTED;
        int r;

        r = pod->kind->stop(pod, how->is_killed, err);
        if (r >= 0 || how->skips_failures)
                r = how->keeps_members ? 0 : remove_members(pod, how, err);
        if (r < 0 && !how->skips_failures)
                return r;
        pod_network_remove(pod);
        if (was_complete && pod->config)
                (void) pod_hooks_run(pod, POD_HOOK_POSTSTOP, NULL);
        pod_namespaces_remove(pod->dir_fd);
        return pod_write_stage(pod, POD_STAGE_NONE, err);
}

/* After a failure: whatever there is, without a word of its own. */
static void undo(Pod *pod, bool keeps_members)
{
        (void) clean(pod,
                &(Clean){
                        .is_killed = true, .keeps_members = keeps_members, .skips_failures = true },
                NULL);
}

/* From nothing to ready. On failure the caller undoes. */
static int prepare(Pod *pod, CtrError *err)
{
        const PodConfig *config = pod->config;
        int r;

        r = pod_member_check_free(pod, err);
        if (r >= 0)
                r = pod_write_stage(pod, POD_STAGE_PREPARING, err);
        if (r >= 0)
                r = pod_namespaces_create(pod->dir_fd,
                        &(PodNamespaces){ .has_network = pod_network_is_own(config),
                                .hostname = config->hostname ? config->hostname : pod->id },
                        err);
        if (r >= 0)
                r = pod_hooks_run(pod, POD_HOOK_PRESTART, err);
        if (r >= 0)
                r = pod_network_add(pod, err);
        for (size_t i = 0; i < config->n_containers && r >= 0; i++)
                r = pod_member_clear(pod, config->containers[i].id, err);
        if (r >= 0)
                r = pod->kind->create(pod, err);
        for (size_t i = 0; i < config->n_containers && r >= 0; i++)
                r = pod->agent->create_container(pod, &config->containers[i], err);
        return r < 0 ? r : pod_write_stage(pod, POD_STAGE_READY, err);
}

static int start(Pod *pod, CtrError *err)
{
        PodState state = pod_get_state(pod);
        int r = pod_check_not_configured(pod, "start", err);

        if (r < 0)
                return r;
        if (state == POD_PAUSED)
                return ctr_error_set(err, CTR_ERROR_BAD_STATE, 0,
                        "Pod not ready or stopped, impossible to start: resume it");
        r = pod_state_check_move(state, POD_RUNNING, err);
        if (r < 0)
                return r;
        if (state == POD_STOPPED) {
                if (pod->stage != POD_STAGE_NONE)
                        undo(pod, true);
                r = prepare(pod, err);
        }
        for (size_t i = 0; i < pod->config->n_containers && r >= 0; i++)
                r = pod->agent->start_container(pod, &pod->config->containers[i], err);
        if (r < 0 && state == POD_STOPPED)
                undo(pod, true);
        if (r >= 0)
                r = pod_write_stage(pod, POD_STAGE_STARTED, err);
        return r < 0 ? r : pod_hooks_run(pod, POD_HOOK_POSTSTART, err);
}

/* ---- the functions ---- */

/* 32 hexadecimal digits. */
static int make_id(char ret[static CTR_POD_ID_MAX + 1], CtrError *err)
{
        uint8_t bytes[16];

        if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "making a pod id");
        for (size_t i = 0; i < sizeof(bytes); i++)
                (void) snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
        return 0;
}

/* The text with an id, and that id. */
static int complete(const char *text, size_t size, char **ret_text, size_t *ret_size,
        char id[static CTR_POD_ID_MAX + 1], CtrError *err)
{
        _cleanup_(pod_config_freep) PodConfig *config = NULL;
        int r;

        r = pod_config_parse(text, size, &config, err);
        if (r < 0)
                return r;
        if (config->id)
                (void) snprintf(id, CTR_POD_ID_MAX + 1, "%s", config->id);
        else
                r = make_id(id, err);
        return r < 0 ? r
                     : pod_config_edit(text, size, &(PodEdit){ .id = config->id ? NULL : id },
                               ret_text, ret_size, err);
}

static int create(Pod *pod, const char *text, size_t size, bool wants_start, CtrError *err)
{
        int r;

        r = pod_set_config(pod, text, size, err);
        if (r >= 0 && pod->stage != POD_STAGE_NONE)
                undo(pod, false);
        if (r >= 0)
                r = prepare(pod, err);
        if (r >= 0 && wants_start)
                r = start(pod, err);
        if (r >= 0)
                r = pod_keep_config(pod, err);
        if (r < 0) {
                undo(pod, false);
                pod_forget(pod);
        }
        return r;
}

static int create_pod(const Runtime *rt, const char *text, size_t size, bool wants_start,
        char **ret_id, CtrError *err)
{
        _cleanup_free_ char *complete_text = NULL, *id_copy = NULL;
        char id[CTR_POD_ID_MAX + 1];
        size_t complete_size;
        CtrError unused;
        Pod pod;
        int r;

        if (!err)
                err = &unused;
        r = complete(text, size, &complete_text, &complete_size, id, err);
        if (r < 0)
                return r;
        id_copy = strdup(id);
        if (!id_copy)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making a pod");
        r = pod_open(rt, id, POD_NEW, &pod, err);
        if (r < 0)
                return r;
        r = create(&pod, complete_text, complete_size, wants_start, err);
        pod_done(&pod);
        if (r >= 0 && ret_id)
                *ret_id = TAKE_PTR(id_copy);
        return r;
}

int runtime_pod_create(
        const Runtime *rt, const char *text, size_t size, char **ret_id, CtrError *err)
{
        return create_pod(rt, text, size, false, ret_id, err);
}

int runtime_pod_run(const Runtime *rt, const char *text, size_t size, char **ret_id, CtrError *err)
{
        return create_pod(rt, text, size, true, ret_id, err);
}

/* Opens, acts, closes. */
static int with_pod(const Runtime *rt, const char *id, PodAccess access,
        int (*f)(Pod *pod, CtrError *err), CtrError *err)
{
        CtrError unused;
        Pod pod;
        int r;

        if (!err)
                err = &unused;
        r = pod_open(rt, id, access, &pod, err);
        if (r < 0)
                return r;
        r = f(&pod, err);
        pod_done(&pod);
        return r;
}

int runtime_pod_start(const Runtime *rt, const char *id, CtrError *err)
{
        return with_pod(rt, id, POD_WRITE, start, err);
}

static int stop(Pod *pod, CtrError *err)
{
        int r = pod_check_not_configured(pod, "stop", err);

        if (r < 0)
                return r;
        /* One whose slice somebody else has stopped: the rest is still to be done. */
        if (pod->stage == POD_STAGE_NONE || pod_get_state(pod) != POD_STOPPED)
                r = pod_check_move(pod, POD_STOPPED, err);
        return r < 0 ? r : clean(pod, &(Clean){ .keeps_members = true }, err);
}

int runtime_pod_stop(const Runtime *rt, const char *id, CtrError *err)
{
        return with_pod(rt, id, POD_WRITE, stop, err);
}

static int pause_pod(Pod *pod, CtrError *err)
{
        int r = pod_check_move(pod, POD_PAUSED, err);

        return r < 0 ? r : pod->kind->pause(pod, err);
}

int runtime_pod_pause(const Runtime *rt, const char *id, CtrError *err)
{
        return with_pod(rt, id, POD_WRITE, pause_pod, err);
}

static int resume(Pod *pod, CtrError *err)
{
        if (pod_get_state(pod) != POD_PAUSED)
                return ctr_error_set(
                        err, CTR_ERROR_BAD_STATE, 0, "Pod not paused, impossible to resume");
        return pod->kind->resume(pod, err);
}

int runtime_pod_resume(const Runtime *rt, const char *id, CtrError *err)
{
        return with_pod(rt, id, POD_WRITE, resume, err);
}

static int delete_pod(Pod *pod, CtrError *err)
{
        PodState state = pod_get_state(pod);
        int r = state == POD_STOPPED ? 0 : pod_check_not_configured(pod, "stop", err);

        if (r < 0)
                return r;
        if (state == POD_RUNNING)
                return ctr_error_set(err, CTR_ERROR_BAD_STATE, 0,
                        "Pod not ready, paused or stopped, impossible to delete");
        r = clean(pod, &(Clean){ .is_killed = true }, err);
        if (r >= 0)
                pod_forget(pod);
        return r;
}

static int delete_forced(Pod *pod, CtrError *err)
{
        int r = clean(pod, &(Clean){ .is_killed = true, .skips_failures = true }, err);

        if (r >= 0)
                pod_forget(pod);
        return r;
}

int runtime_pod_delete(const Runtime *rt, const char *id, bool is_forced, CtrError *err)
{
        return is_forced ? with_pod(rt, id, POD_LEFT, delete_forced, err)
                         : with_pod(rt, id, POD_WRITE, delete_pod, err);
}
