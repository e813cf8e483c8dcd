/* The container functions of a pod. Which state of pod and container each needs stands in one
 * table.
 */
#include "runtime/pod-internal.h"

#include "runtime/pod-edit.h"
#include "runtime/rootfs-user.h"
#include "runtime/strv.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define STATE(s)   (1U << POD_##s)
#define ANY_STATE  (~0U)
#define READY_RUN  (STATE(READY) | STATE(RUNNING))
#define READY_STOP (STATE(READY) | STATE(STOPPED))

typedef enum Action {
        ACTION_CREATE,
        ACTION_START,
        ACTION_STOP,
        ACTION_DELETE,
        ACTION_KILL,
        ACTION_LIST,
        ACTION_ENTER,
        ACTION_PAUSE,
        ACTION_RESUME,
        ACTION_STATUS, /* and what is done in any state */
        _ACTION_MAX,
} Action;

static const struct {
        unsigned pod, container; /* states in which it is possible */
        const char *pod_error, *container_error;
} rules[_ACTION_MAX] = {
        [ACTION_CREATE] = { READY_RUN, ANY_STATE,
                "Pod not ready or running, impossible to create the container", "" },
        [ACTION_START] = { STATE(RUNNING), READY_STOP,
                "Pod not running, impossible to start the container",
                "Container not ready or stopped, impossible to start" },
        [ACTION_STOP] = { READY_RUN | STATE(STOPPED), ANY_STATE,
                "Pod not ready or running, impossible to stop the container", "" },
        [ACTION_DELETE] = { READY_RUN | STATE(STOPPED), READY_STOP,
                "Pod not ready, running or stopped, impossible to delete the container",
                "Container not ready or stopped, impossible to delete" },
        [ACTION_KILL] = { READY_RUN, READY_RUN,
                "Pod not ready or running, impossible to signal the container",
                "Container not ready or running, impossible to signal the container" },
        [ACTION_LIST] = { STATE(RUNNING), STATE(RUNNING),
                "Pod not running, impossible to list processes of the container",
                "Container not running, impossible to list processes" },
        [ACTION_ENTER] = { STATE(RUNNING), STATE(RUNNING),
                "Pod not running, impossible to enter the container",
                "Container not running, impossible to enter" },
        [ACTION_PAUSE] = { STATE(RUNNING), STATE(RUNNING),
                "Pod not running, impossible to pause the container",
                "Container not running, impossible to pause" },
        [ACTION_RESUME] = { STATE(RUNNING), STATE(PAUSED),
                "Pod not running, impossible to resume the container",
                "Container not paused, impossible to resume" },
        [ACTION_STATUS] = { ANY_STATE, ANY_STATE, "", "" },
};

static int check_pod_state(const Pod *pod, Action action, CtrError *err)
{
        if (rules[action].pod & (1U << pod_get_state(pod)))
                return 0;
        return ctr_error_set(err, CTR_ERROR_BAD_STATE, 0, "%s", rules[action].pod_error);
}

/* A pod and one of its containers, in states that allow the action. */
typedef struct Member {
        Pod pod;
        const PodContainer *container;
        PodContainerStatus status;
        char id[CTR_ID_MAX + 1]; /* POD.NAME */
} Member;

static void member_done(Member *m)
{
        pod_container_status_done(&m->status);
        pod_done(&m->pod);
}

static int member_check(Member *m, const char *name, Action action, CtrError *err)
{
        int r;

        m->container = pod_config_find(m->pod.config, name);
        if (!m->container) {
                (void) ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_EXISTS, 0,
                        "container %s does not exist in pod %s", name, m->pod.id);
                return -ENOENT;
        }
        r = check_pod_state(&m->pod, action, err);
        if (r >= 0)
                r = pod_member_status(&m->pod, m->container, &m->status, err);
        if (r < 0)
                return r;
        if (rules[action].container & (1U << m->status.state))
                return 0;
        return ctr_error_set(err, CTR_ERROR_BAD_STATE, 0, "%s", rules[action].container_error);
}

static int member_open(const Runtime *rt, const char *pod, const char *name, PodAccess access,
        Action action, Member *ret, CtrError *err)
{
        int r;

        *ret = (Member){ .pod = POD_NULL };
        r = ctr_pod_member_id(pod, name, ret->id, err);
        if (r >= 0)
                r = pod_open(rt, pod, access, &ret->pod, err);
        if (r >= 0)
                r = member_check(ret, name, action, err);
        if (r < 0)
                member_done(ret);
        return r;
}

/* The kept configuration with a change. */
static int change_config(Pod *pod, const PodEdit *edit, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = pod_config_edit(pod->text, pod->size, edit, &text, &size, err);
        return r < 0 ? r : pod_set_config(pod, text, size, err);
}

/* A document is one value, and white space around it. */
static int add_container(Pod *pod, const char *text, size_t size, const char *name, CtrError *err)
{
        _cleanup_free_ char *copy = strndup(text, size);
        char id[CTR_ID_MAX + 1];
        int r;

        if (!copy)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making a container");
        if (pod_configured_unit(pod))
                return ctr_error_set(err, CTR_ERROR_BAD_STATE, 0,
                        "pod %s is made from a .pod file: its containers are those of files with "
                        "Pod=",
                        pod->id);
        r = ctr_pod_member_id(pod->id, name, id, err);
        if (r >= 0)
                r = check_pod_state(pod, ACTION_CREATE, err);
        if (r < 0)
                return r;
        if (pod_config_find(pod->config, name)) {
                (void) ctr_error_set(err, CTR_ERROR_ID_IN_USE, 0,
                        "container with given ID already exists: %s in pod %s", name, pod->id);
                return -EEXIST;
        }
        r = change_config(pod, &(PodEdit){ .added_container = copy }, err);
        if (r >= 0)
                r = pod_member_clear(pod, name, err);
        if (r >= 0)
                r = pod->agent->create_container(pod, pod_config_find(pod->config, name), err);
        if (r < 0)
                return r;
        r = pod_keep_config(pod, err);
        if (r < 0)
                (void) pod_member_remove(pod, name, NULL);
        return r;
}

int runtime_pod_create_container(const Runtime *rt, const char *pod, const char *text, size_t size,
        char **ret_name, CtrError *err)
{
        _cleanup_(pod_config_freep) PodConfig *config = NULL;
        _cleanup_free_ char *name = NULL;
        CtrError unused;
        Pod p;
        int r;

        if (!err)
                err = &unused;
        r = ctr_pod_id_check(pod, err);
        if (r >= 0)
                r = pod_container_parse(text, size, &config, err);
        if (r < 0)
                return r;
        name = strdup(config->containers[0].id);
        if (!name)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making a container");
        r = pod_open(rt, pod, POD_WRITE, &p, err);
        if (r < 0)
                return r;
        r = add_container(&p, text, size, name, err);
        if (r < 0)
                (void) unlinkat(p.dir_fd, POD_DIR_BUNDLES, AT_REMOVEDIR);
        pod_done(&p);
        if (r >= 0 && ret_name)
                *ret_name = TAKE_PTR(name);
        return r;
}

int runtime_pod_start_container(const Runtime *rt, const char *pod, const char *name, CtrError *err)
{
        CtrError unused;
        Member m;
        int r;

        if (!err)
                err = &unused;
        r = member_open(rt, pod, name, POD_WRITE, ACTION_START, &m, err);
        if (r < 0)
                return r;
        r = m.pod.agent->start_container(&m.pod, m.container, err);
        member_done(&m);
        return r;
}

int runtime_pod_stop_container(const Runtime *rt, const char *pod, const char *name, CtrError *err)
{
        Member m;
        int r;

        r = member_open(rt, pod, name, POD_WRITE, ACTION_STOP, &m, err);
        if (r < 0)
                return r;
        r = m.pod.agent->stop_container(&m.pod, name, err);
        member_done(&m);
        return r;
}

static int freeze_or_thaw(const Runtime *rt, const char *pod, const char *name, Action action,
        int (*f)(const Runtime *rt, const char *id, CtrError *err), CtrError *err)
{
        Member m;
        int r;

        r = member_open(rt, pod, name, POD_WRITE, action, &m, err);
        if (r < 0)
                return r;
        r = f(rt, m.id, err);
        member_done(&m);
        return r;
}

int runtime_pod_pause_container(const Runtime *rt, const char *pod, const char *name, CtrError *err)
{
        return freeze_or_thaw(rt, pod, name, ACTION_PAUSE, runtime_pause, err);
}

int runtime_pod_resume_container(
        const Runtime *rt, const char *pod, const char *name, CtrError *err)
{
        return freeze_or_thaw(rt, pod, name, ACTION_RESUME, runtime_resume, err);
}

static int remove_container(
        const Runtime *rt, const char *pod, const char *name, Action action, CtrError *err)
{
        Member m;
        int r;

        r = member_open(rt, pod, name, POD_WRITE, action, &m, err);
        if (r < 0)
                return r;
        r = pod_member_remove(&m.pod, name, err);
        if (r >= 0)
                r = change_config(&m.pod, &(PodEdit){ .removed = name }, err);
        if (r >= 0)
                r = pod_keep_config(&m.pod, err);
        member_done(&m);
        return r;
}

int runtime_pod_delete_container(
        const Runtime *rt, const char *pod, const char *name, CtrError *err)
{
        return remove_container(rt, pod, name, ACTION_DELETE, err);
}

int runtime_pod_remove_container(
        const Runtime *rt, const char *pod, const char *name, CtrError *err)
{
        return remove_container(rt, pod, name, ACTION_STATUS, err);
}

int runtime_pod_kill_container(const Runtime *rt, const char *pod, const char *name,
        int signal_number, bool is_all, CtrError *err)
{
        Member m;
        int r;

        r = member_open(rt, pod, name, POD_READ, ACTION_KILL, &m, err);
        if (r < 0)
                return r;
        r = m.pod.agent->kill_container(&m.pod, name, signal_number, is_all, err);
        member_done(&m);
        return r;
}

int runtime_pod_container_status(const Runtime *rt, const char *pod, const char *name,
        PodContainerStatus *ret, CtrError *err)
{
        Member m;
        int r;

        r = member_open(rt, pod, name, POD_READ, ACTION_STATUS, &m, err);
        if (r < 0)
                return r;
        *ret = m.status;
        m.status = (PodContainerStatus){ 0 };
        member_done(&m);
        return 0;
}

int runtime_pod_list_processes(const Runtime *rt, const char *pod, const char *name, pid_t **ret,
        size_t *ret_n, CtrError *err)
{
        Member m;
        int r;

        r = member_open(rt, pod, name, POD_READ, ACTION_LIST, &m, err);
        if (r < 0)
                return r;
        r = m.pod.agent->list_processes(&m.pod, name, ret, ret_n, err);
        member_done(&m);
        return r;
}

/* ---- enter ---- */

static int make_env(const PodCommand *command, SpecStrv *ret)
{
        int r = 0;

        for (size_t i = 0; i < command->n_envs && r >= 0; i++) {
                const PodEnv *env = &command->envs[i];
                _cleanup_free_ char *text = NULL;

                if (asprintf(&text, "%s=%s", env->name, env->value ? env->value : "") < 0) {
                        text = NULL;
                        return -ENOMEM;
                }
                r = strv_add(ret, text);
        }
        return r;
}

/* All sets of a command have the same names in practice; exec adds to what the container has. */
static char *const *capabilities_of(const PodCommand *command)
{
        return command->capabilities[POD_CAPABILITIES_EFFECTIVE].items;
}

int runtime_pod_check_enter(const Runtime *rt, const char *pod, const char *name,
        char id[static CTR_ID_MAX + 1], CtrError *err)
{
        Member m;
        int r;

        r = member_open(rt, pod, name, POD_READ, ACTION_ENTER, &m, err);
        if (r < 0)
                return r;
        memcpy(id, m.id, CTR_ID_MAX + 1);
        member_done(&m);
        return 0;
}

int runtime_pod_enter(const Runtime *rt, const char *pod, const char *name,
        const PodCommand *command, bool has_terminal, const char *pid_file, int *ret_status,
        CtrError *err)
{
        const PodAgent *agent;
        RootfsUser user = { 0 };
        SpecStrv env = { 0 };
        char ids[32];
        Member m;
        int r;

        r = member_open(rt, pod, name, POD_READ, ACTION_ENTER, &m, err);
        if (r < 0)
                return r;
        r = rootfs_user_find(m.container->rootfs, command->user, command->primary_group,
                &command->supplementary_groups, &user, err);
        if (r >= 0 && make_env(command, &env) < 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "entering %s", name);
        (void) snprintf(ids, sizeof(ids), "%u:%u", user.uid, user.gid);
        agent = m.pod.agent;
        pod_done(&m.pod);
        if (r >= 0)
                r = agent->exec(rt,
                        &(RuntimeExec){ .id = m.id,
                                .args = command->args.items,
                                .cwd = command->work_dir,
                                .env = env.items,
                                .user = command->user || command->primary_group ? ids : NULL,
                                .additional_gids = user.groups,
                                .n_additional_gids = user.n_groups,
                                .capabilities = capabilities_of(command),
                                .wants_no_new_privileges = command->no_new_privileges.is_set &&
                                                           command->no_new_privileges.value,
                                .console_socket = command->is_interactive ? command->console : NULL,
                                .has_terminal = has_terminal || command->is_interactive,
                                .is_detached = command->is_detached,
                                .pid_file = pid_file },
                        ret_status, err);
        strv_done(&env);
        rootfs_user_done(&user);
        member_done(&m);
        return r;
}
