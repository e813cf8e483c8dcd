/* Pods of .pod files: the part that is no unit. systemd starts and stops their slice and
 * containers; here their namespaces are made, before the first container starts, and removed after
 * the last. In between such a pod is listed, shown, paused and resumed as any other. What would
 * start or end it is its unit's, whose name its configuration keeps as an annotation. */
#include "runtime/pod-internal.h"

#include "base/json.h"
#include "runtime/cgroup.h"
#include "runtime/pod-namespaces.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define ANNOTATION "org.ctrunit.pod.unit"

const char *pod_configured_unit(const Pod *pod)
{
        for (size_t i = 0; pod->config && i < pod->config->annotations.n; i++)
                if (strcmp(pod->config->annotations.items[i].key, ANNOTATION) == 0)
                        return pod->config->annotations.items[i].value;
        return NULL;
}

int pod_check_not_configured(const Pod *pod, const char *verb, CtrError *err)
{
        const char *unit = pod_configured_unit(pod);
        bool is_end = strcmp(verb, "stop") == 0;

        if (!unit)
                return 0;
        return ctr_error_set(err, CTR_ERROR_BAD_STATE, 0,
                "pod %s is made from a .pod file: run systemctl %s %.200s%s%s", pod->id, verb, unit,
                is_end ? "; if there is no such unit any more: ctrctl pod delete --force " : "",
                is_end ? pod->id : "");
}

/* ---- its containers: units of their own in its slice ---- */

static int compare_ids(const void *a, const void *b)
{
        return strcmp(((const PodContainerStatus *) a)->id, ((const PodContainerStatus *) b)->id);
}

static int add_member(const Pod *pod, const char *id, PodStatus *status, CtrError *err)
{
        PodContainerStatus *grown =
                reallocarray(status->containers, status->n_containers + 1, sizeof(*grown));
        int r;

        if (!grown)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading pod %s", pod->id);
        status->containers = grown;
        r = pod_member_status_of(pod, id, &grown[status->n_containers], err);
        if (r > 0)
                status->n_containers++;
        return r;
}

int pod_configured_members(const Pod *pod, PodStatus *status, CtrError *err)
{
        char root[CGROUP_PATH_MAX], path[CGROUP_PATH_MAX], id[CTR_ID_MAX + 1];
        const struct dirent *entry;
        DIR *dir;
        int r;

        if (cgroup_find_root(root) < 0 || cgroup_path_of(root, pod->slice, "", path) < 0 ||
                !(dir = opendir(path)))
                return 0;
        for (r = 0; r >= 0 && (entry = readdir(dir));)
                if (ctr_unit_to_id(entry->d_name, id) >= 0)
                        r = add_member(pod, id, status, err);
        (void) closedir(dir);
        if (status->n_containers > 1)
                qsort(status->containers, status->n_containers, sizeof(*status->containers),
                        compare_ids);
        return r;
}

static char *make_config(const RuntimePodUp *up, size_t *ret_size)
{
        bool is_own = strcmp(up->network, "none") == 0;
        char *text = NULL;
        FILE *f = open_memstream(&text, ret_size);

        if (!f)
                return NULL;
        (void) fputs("{\"ID\":", f);
        json_write_string(f, up->id);
        (void) fputs(",\"Hostname\":", f);
        json_write_string(f, up->hostname);
        (void) fprintf(f, ",\"NetworkModel\":\"%s\"", is_own ? "CNM" : "noop");
        if (up->network[0] == '/') {
                (void) fputs(",\"NetworkConfig\":{\"NetNSPath\":", f);
                json_write_string(f, up->network);
                (void) fputc('}', f);
        }
        (void) fputs(",\"Annotations\":{\"" ANNOTATION "\":", f);
        json_write_string(f, up->unit);
        (void) fputs("}}\n", f);
        if (fclose(f) == 0)
                return text;
        free(text);
        return NULL;
}

static void undo(Pod *pod)
{
        pod_network_remove(pod);
        pod_namespaces_remove(pod->dir_fd);
        (void) pod_write_stage(pod, POD_STAGE_NONE, NULL);
}

/* The configuration last, as for every pod: who is killed before leaves what the next one clears.
 */
static int bring_up(Pod *pod, CtrError *err)
{
        int r = pod_write_stage(pod, POD_STAGE_PREPARING, err);

        if (r >= 0)
                r = pod_namespaces_create(pod->dir_fd,
                        &(PodNamespaces){ .has_network = pod_network_is_own(pod->config),
                                .hostname = pod->config->hostname },
                        err);
        if (r >= 0)
                r = pod_network_add(pod, err);
        if (r >= 0)
                r = pod_keep_config(pod, err);
        if (r >= 0)
                r = pod_write_stage(pod, POD_STAGE_STARTED, err);
        return r;
}

int runtime_pod_up(const Runtime *rt, const RuntimePodUp *up, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        CtrError unused;
        size_t size;
        Pod pod;
        int r;

        if (!err)
                err = &unused;
        r = ctr_pod_id_check(up->id, err);
        if (r < 0)
                return r;
        if (up->network[0] != '/' && strcmp(up->network, "none") != 0 &&
                strcmp(up->network, "host") != 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "network \"%.64s\" is none of: none, host, the path of a namespace",
                        up->network);
        text = make_config(up, &size);
        if (!text)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making a pod");
        r = pod_open(rt, up->id, POD_LEFT, &pod, err);
        if (r < 0)
                return r;
        /* One of a file that was not taken down is a leftover: of a crash, or an earlier boot. */
        if (pod.text && !pod_configured_unit(&pod)) {
                (void) ctr_error_set(err, CTR_ERROR_ID_IN_USE, 0,
                        "pod with given ID already exists: %s was not made from a file (remove it: "
                        "ctrctl pod delete %s)",
                        pod.id, pod.id);
                pod_done(&pod);
                return -EEXIST;
        }
        undo(&pod);
        r = pod_set_config(&pod, text, size, err);
        if (r >= 0)
                r = bring_up(&pod, err);
        if (r < 0) {
                undo(&pod);
                pod_forget(&pod);
        }
        pod_done(&pod);
        return r;
}

int runtime_pod_down(const Runtime *rt, const char *id, CtrError *err)
{
        CtrError unused;
        Pod pod;
        int r;

        if (!err)
                err = &unused;
        r = pod_open(rt, id, POD_LEFT, &pod, err);
        if (r < 0)
                return r;
        /* Of somebody else's pod, for which the start has failed, nothing is touched. */
        if (!pod.text || pod_configured_unit(&pod)) {
                undo(&pod);
                pod_forget(&pod);
        }
        pod_done(&pod);
        return 0;
}
