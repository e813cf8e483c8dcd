/* Members of a pod: containers like any other, in the pod's slice and namespaces, made from a
 * bundle that lies in the pod's directory. That bundle is how a member is told from a stranger. */
#include "runtime/pod-internal.h"

#include "base/io.h"
#include "runtime/container.h"
#include "runtime/pod-bundle.h"
#include "runtime/pod-namespaces.h"
#include "runtime/service.h"
#include "runtime/strv.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static char *bundle_path(const Pod *pod, const char *name)
{
        char *path;

        return asprintf(&path, "%s/" POD_DIR_BUNDLES "/%s", pod->dir, name) < 0 ? NULL : path;
}

/* ---- what is there ---- */

typedef enum Presence {
        PRESENCE_NONE,
        PRESENCE_MEMBER,
        PRESENCE_STRANGER,
} Presence;

/* Configured by a file of that name, whether it runs or not: ctr-generator(8). */
static bool is_configured(const char *id)
{
        char unit[CTR_UNIT_NAME_MAX], path[CTR_UNIT_NAME_MAX + 64];

        (void) snprintf(path, sizeof(path), "/run/systemd/generator/%s", ctr_id_to_unit(id, unit));
        return access(path, F_OK) >= 0;
}

/* A container of this id. One whose state cannot be read is ours if we made a bundle for it. */
static int find(const Pod *pod, const char *name, char id[static CTR_ID_MAX + 1], Presence *ret,
        CtrError *err)
{
        _cleanup_free_ char *path = bundle_path(pod, name);
        Container c = CONTAINER_NULL;
        CtrError e = { 0 };
        int r;

        r = ctr_pod_member_id(pod->id, name, id, err);
        if (r < 0)
                return r;
        if (!path)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "container %s", name);
        r = container_open(pod->runtime, id, &c, &e);
        if (r < 0)
                *ret = is_configured(id)                          ? PRESENCE_STRANGER
                       : e.code == CTR_ERROR_CONTAINER_NOT_EXISTS ? PRESENCE_NONE
                       : access(path, F_OK) >= 0                  ? PRESENCE_MEMBER
                                                                  : PRESENCE_STRANGER;
        else
                *ret = strcmp(c.state.bundle, path) == 0 ? PRESENCE_MEMBER : PRESENCE_STRANGER;
        container_done(&c);
        return 0;
}

static int in_use(const char *id, CtrError *err)
{
        (void) ctr_error_set(err, CTR_ERROR_ID_IN_USE, 0,
                "container with given ID already exists: %s, which is none of the pod's", id);
        return -EEXIST;
}

/* Calls f for every container whose id is this pod's. */
static int for_each(const Pod *pod,
        int (*f)(const Pod *pod, const char *name, Presence presence, void *data, CtrError *err),
        void *data, CtrError *err)
{
        size_t n = strlen(pod->id);
        SpecStrv ids;
        int r;

        r = runtime_list(pod->runtime, &ids, err);
        for (size_t i = 0; r >= 0 && i < ids.n; i++) {
                char id[CTR_ID_MAX + 1];
                Presence presence;

                if (strncmp(ids.items[i], pod->id, n) != 0 || ids.items[i][n] != '.')
                        continue;
                r = find(pod, ids.items[i] + n + 1, id, &presence, err);
                /* What cannot be the name of a member is a stranger's. */
                if (r < 0)
                        presence = PRESENCE_STRANGER;
                r = f(pod, ids.items[i] + n + 1, presence, data, err);
        }
        strv_done(&ids);
        return r;
}

static int collect(const Pod *pod, const char *name, Presence presence, void *data, CtrError *err)
{
        if (presence != PRESENCE_MEMBER || strv_add(data, name) >= 0)
                return 0;
        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "listing pod %s", pod->id);
}

int pod_member_list(const Pod *pod, SpecStrv *ret, CtrError *err)
{
        int r;

        *ret = (SpecStrv){ 0 };
        r = for_each(pod, collect, ret, err);
        if (r < 0)
                strv_done(ret);
        return r;
}

static int refuse_stranger(
        const Pod *pod, const char *name, Presence presence, void *data, CtrError *err)
{
        char id[CTR_ID_MAX + 1];

        if (presence != PRESENCE_STRANGER)
                return 0;
        (void) snprintf(id, sizeof(id), "%s.%s", pod->id, name);
        return in_use(id, err);
}

int pod_member_check_free(const Pod *pod, CtrError *err)
{
        return for_each(pod, refuse_stranger, NULL, err);
}

/* ---- making ---- */

static int write_bundle(
        const Pod *pod, const char *name, const char *text, size_t size, CtrError *err)
{
        _cleanup_close_ int bundles_fd = -EBADF, fd = -EBADF;
        int r = 0;

        if (mkdirat(pod->dir_fd, POD_DIR_BUNDLES, 0700) < 0 && errno != EEXIST)
                r = -errno;
        if (r >= 0) {
                bundles_fd = openat(pod->dir_fd, POD_DIR_BUNDLES,
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                r = bundles_fd < 0 ? -errno : 0;
        }
        if (r >= 0 && mkdirat(bundles_fd, name, 0700) < 0 && errno != EEXIST)
                r = -errno;
        if (r >= 0) {
                fd = openat(bundles_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                r = fd < 0 ? -errno : 0;
        }
        if (r >= 0)
                r = ctr_write_file_atomic(fd, "config.json", text, size, 0600);
        return r < 0 ? ctr_error_set(
                               err, CTR_ERROR_SYSTEM, r, "cannot write the bundle of %s", name)
                     : 0;
}

/* Paths of the namespaces, and the name servers if the network has brought some. */
typedef struct Paths {
        char *ipc, *uts, *network, *resolv_conf;
} Paths;

static void paths_done(Paths *paths)
{
        free(paths->ipc);
        free(paths->uts);
        free(paths->network);
        free(paths->resolv_conf);
}

static int find_paths(const Pod *pod, Paths *ret, CtrError *err)
{
        int r;

        *ret = (Paths){ 0 };
        if (asprintf(&ret->ipc, "%s/" POD_NAMESPACES_DIR "/ipc", pod->dir) < 0)
                ret->ipc = NULL;
        if (asprintf(&ret->uts, "%s/" POD_NAMESPACES_DIR "/uts", pod->dir) < 0)
                ret->uts = NULL;
        r = ret->ipc && ret->uts ? pod_network_path(pod, &ret->network, err)
                                 : ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "namespaces");
        if (r >= 0 && faccessat(pod->dir_fd, POD_FILE_RESOLV_CONF, F_OK, 0) >= 0 &&
                asprintf(&ret->resolv_conf, "%s/" POD_FILE_RESOLV_CONF, pod->dir) < 0) {
                ret->resolv_conf = NULL;
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "name servers");
        }
        return r;
}

static int make_bundle(const Pod *pod, const PodContainer *container, CtrError *err)
{
        const PodCommand *command = &container->command;
        _cleanup_free_ char *text = NULL;
        RootfsUser user = { 0 };
        Paths paths;
        size_t size;
        int r;

        r = find_paths(pod, &paths, err);
        if (r >= 0)
                r = rootfs_user_find(container->rootfs, command->user, command->primary_group,
                        &command->supplementary_groups, &user, err);
        if (r >= 0)
                r = pod_bundle_text(&(PodMember){ .config = pod->config,
                                            .container = container,
                                            .user = &user,
                                            .slice = pod->slice,
                                            .ipc_path = paths.ipc,
                                            .uts_path = paths.uts,
                                            .network_path = paths.network,
                                            .resolv_conf = paths.resolv_conf },
                        &text, &size, err);
        if (r >= 0)
                r = write_bundle(pod, container->id, text, size, err);
        rootfs_user_done(&user);
        paths_done(&paths);
        return r;
}

int pod_member_clear(Pod *pod, const char *name, CtrError *err)
{
        char id[CTR_ID_MAX + 1];
        Presence presence;
        int r;

        r = find(pod, name, id, &presence, err);
        if (r >= 0 && presence == PRESENCE_STRANGER)
                r = in_use(id, err);
        return r < 0 ? r : runtime_delete(pod->runtime, id, true, err);
}

static int create(Pod *pod, const PodContainer *container, CtrError *err)
{
        _cleanup_free_ char *bundle = bundle_path(pod, container->id);
        char id[CTR_ID_MAX + 1];
        int r;

        if (!bundle)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making a container");
        r = ctr_pod_member_id(pod->id, container->id, id, err);
        if (r >= 0)
                r = make_bundle(pod, container, err);
        if (r >= 0)
                r = runtime_create(pod->runtime,
                        &(RuntimeCreate){ .id = id,
                                .bundle = bundle,
                                .console_socket = container->command.is_interactive
                                                          ? container->command.console
                                                          : NULL,
                                .is_member = true },
                        err);
        return r;
}

int pod_member_create(Pod *pod, const PodContainer *container, CtrError *err)
{
        int r = create(pod, container, err);

        return r < 0 ? ctr_error_prefix(err, r, "container %s", container->id) : r;
}

/* ---- starting, stopping, removing ---- */

/* The state of a container's process; CONTAINER_STOPPED for one that is not there. */
static int get_status(const Pod *pod, const char *id, ContainerStatus *ret, CtrError *err)
{
        ContainerProcess process;
        Container c = CONTAINER_NULL;
        CtrError e = { 0 };
        int r;

        *ret = CONTAINER_STOPPED;
        r = container_open(pod->runtime, id, &c, &e);
        if (r < 0 && e.code == CTR_ERROR_CONTAINER_NOT_EXISTS)
                return 0;
        if (r >= 0)
                r = container_get_process(&c, &process, &e);
        if (r >= 0)
                *ret = process.status;
        else if (err)
                *err = e;
        container_done(&c);
        return r;
}

int pod_member_start(Pod *pod, const PodContainer *container, CtrError *err)
{
        char id[CTR_ID_MAX + 1];
        ContainerStatus status;
        int r;

        r = ctr_pod_member_id(pod->id, container->id, id, err);
        if (r >= 0)
                r = get_status(pod, id, &status, err);
        if (r < 0)
                return r;
        if (status == CONTAINER_RUNNING)
                return 0;
        if (status == CONTAINER_STOPPED) {
                r = pod_member_clear(pod, container->id, err);
                if (r >= 0)
                        r = pod_member_create(pod, container, err);
        }
        if (r < 0)
                return r;
        r = runtime_start(pod->runtime, id, err);
        if (r < 0) {
                (void) runtime_delete(pod->runtime, id, true, NULL);
                return ctr_error_prefix(err, r, "container %s", container->id);
        }
        return r;
}

int pod_member_stop(Pod *pod, const char *name, CtrError *err)
{
        char id[CTR_ID_MAX + 1], unit[CTR_UNIT_NAME_MAX];
        SdConnection bus = { 0 };
        ContainerStatus status;
        int r;

        r = ctr_pod_member_id(pod->id, name, id, err);
        if (r >= 0)
                r = get_status(pod, id, &status, err);
        if (r < 0 || status == CONTAINER_STOPPED)
                return r;
        r = sd_connect(&bus, err);
        if (r >= 0)
                r = service_teardown(&bus, ctr_id_to_unit(id, unit), SD_STOP_KILL_NONE, err);
        sd_disconnect(&bus);
        return r;
}

int pod_member_remove(Pod *pod, const char *name, CtrError *err)
{
        _cleanup_close_ int bundles_fd = -EBADF;
        char id[CTR_ID_MAX + 1];
        Presence presence;
        int r;

        r = find(pod, name, id, &presence, err);
        if (r >= 0 && presence == PRESENCE_STRANGER)
                return 0;
        if (r >= 0)
                r = runtime_delete(pod->runtime, id, true, err);
        if (r < 0)
                return r;
        bundles_fd = openat(
                pod->dir_fd, POD_DIR_BUNDLES, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (bundles_fd >= 0)
                (void) ctr_remove_tree(bundles_fd, name);
        return 0;
}

/* ---- status ---- */

static const PodState states[_CONTAINER_STATUS_MAX] = {
        [CONTAINER_CREATING] = POD_READY,
        [CONTAINER_CREATED] = POD_READY,
        [CONTAINER_RUNNING] = POD_RUNNING,
        [CONTAINER_PAUSED] = POD_PAUSED,
        [CONTAINER_STOPPED] = POD_STOPPED,
};

static int fill_process(const Pod *pod, const char *id, PodContainerStatus *status, CtrError *err)
{
        ContainerProcess process;
        Container c = CONTAINER_NULL;
        CtrError e = { 0 };
        int r;

        r = container_open(pod->runtime, id, &c, &e);
        if (r >= 0)
                r = container_get_process(&c, &process, &e);
        if (r >= 0) {
                status->state = states[process.status];
                status->pid = process.pid;
                status->started_usec = container_get_started_usec(&c);
        } else if (e.code == CTR_ERROR_CONTAINER_NOT_EXISTS)
                r = 0;
        else if (err)
                *err = e;
        container_done(&c);
        return r;
}

int pod_member_status(
        const Pod *pod, const PodContainer *container, PodContainerStatus *ret, CtrError *err)
{
        PodContainerStatus status = { .state = POD_STOPPED };
        char id[CTR_ID_MAX + 1];
        int r;

        r = ctr_pod_member_id(pod->id, container->id, id, err);
        if (r >= 0)
                r = fill_process(pod, id, &status, err);
        if (r < 0)
                return r;
        status.id = strdup(container->id);
        status.container_id = strdup(id);
        status.rootfs = strdup(container->rootfs);
        if (!status.id || !status.container_id || !status.rootfs ||
                key_values_copy(&container->annotations, &status.annotations) < 0) {
                pod_container_status_done(&status);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading the state");
        }
        *ret = status;
        return 0;
}

int pod_member_status_of(const Pod *pod, const char *id, PodContainerStatus *ret, CtrError *err)
{
        PodContainerStatus status = { .state = POD_STOPPED };
        ContainerInfo info;
        CtrError e = { 0 };
        int r;

        r = runtime_state(pod->runtime, id, &info, &e);
        if (r < 0 && e.code == CTR_ERROR_CONTAINER_NOT_EXISTS)
                return 0;
        if (r < 0) {
                if (err)
                        *err = e;
                return r;
        }
        r = fill_process(pod, id, &status, err);
        status.id = strdup(id);
        status.container_id = strdup(id);
        status.rootfs = strdup(info.rootfs ? info.rootfs : "");
        if (r >= 0 && (!status.id || !status.container_id || !status.rootfs ||
                              key_values_copy(&info.annotations, &status.annotations) < 0))
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading the state");
        container_info_done(&info);
        if (r < 0) {
                pod_container_status_done(&status);
                return r;
        }
        *ret = status;
        return 1;
}
