/* What is said of pods: status, annotations, and both as JSON with the member names of the
 * configuration. */
#include "runtime/pod-internal.h"

#include "base/io.h"
#include "base/json.h"
#include "runtime/pod-edit.h"
#include "runtime/state.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { NETWORK_SIZE_MAX = 4 << 20 };

void pod_container_status_done(PodContainerStatus *status)
{
        free(status->id);
        free(status->container_id);
        free(status->rootfs);
        key_values_done(&status->annotations);
        *status = (PodContainerStatus){ 0 };
}

void pod_status_done(PodStatus *status)
{
        for (size_t i = 0; i < status->n_containers; i++)
                pod_container_status_done(&status->containers[i]);
        free(status->containers);
        free(status->id);
        free(status->slice);
        free(status->netns);
        free(status->network);
        key_values_done(&status->annotations);
        *status = (PodStatus){ 0 };
}

static int read_network(const Pod *pod, char **ret, CtrError *err)
{
        size_t size, n;
        int r;

        if (faccessat(pod->dir_fd, POD_FILE_NETWORK, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                return 0;
        r = ctr_read_file(pod->dir_fd, POD_FILE_NETWORK, NETWORK_SIZE_MAX, ret, &size, err);
        if (r < 0)
                return r;
        n = strlen(*ret);
        while (n > 0 && (*ret)[n - 1] == '\n')
                (*ret)[--n] = '\0';
        return 0;
}

static int fill(const Pod *pod, PodStatus *status, CtrError *err)
{
        const PodConfig *config = pod->config;
        int r;

        status->state = pod_get_state(pod);
        status->hypervisor = pod->kind->name;
        status->agent = pod->agent->name;
        status->network_model = pod_network_name(config->network_model);
        status->id = strdup(pod->id);
        status->slice = strdup(pod->slice);
        status->containers = calloc(config->n_containers + 1, sizeof(*status->containers));
        if (!status->id || !status->slice || !status->containers ||
                key_values_copy(&config->annotations, &status->annotations) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading pod %s", pod->id);
        r = status->state == POD_STOPPED ? 0 : pod_network_path(pod, &status->netns, err);
        if (r >= 0)
                r = read_network(pod, &status->network, err);
        for (size_t i = 0; i < config->n_containers && r >= 0; i++) {
                r = pod_member_status(pod, &config->containers[i], &status->containers[i], err);
                if (r >= 0)
                        status->n_containers++;
        }
        status->is_configured = pod_configured_unit(pod) != NULL;
        if (status->is_configured && r >= 0)
                r = pod_configured_members(pod, status, err);
        return r;
}

static int read_status(
        const Runtime *rt, const char *id, PodAccess access, PodStatus *ret, CtrError *err)
{
        PodStatus status = { 0 };
        Pod pod;
        int r;

        r = pod_open(rt, id, access, &pod, err);
        if (r < 0)
                return r;
        r = fill(&pod, &status, err);
        pod_done(&pod);
        if (r < 0)
                pod_status_done(&status);
        else
                *ret = status;
        return r;
}

int runtime_pod_status(const Runtime *rt, const char *id, PodStatus *ret, CtrError *err)
{
        return read_status(rt, id, POD_READ, ret, err);
}

int runtime_pod_peek(const Runtime *rt, const char *id, PodStatus *ret, CtrError *err)
{
        return read_status(rt, id, POD_PEEK, ret, err);
}

/* ---- as text ---- */

static void print_string(FILE *f, const char *indent, const char *key, const char *value)
{
        (void) fprintf(f, "%s\"%s\": ", indent, key);
        if (value)
                json_write_string(f, value);
        else
                (void) fputs("null", f);
        (void) fputs(",\n", f);
}

static void print_annotations(FILE *f, const char *indent, const SpecKeyValues *annotations)
{
        (void) fprintf(f, "%s\"Annotations\": {", indent);
        for (size_t i = 0; i < annotations->n; i++) {
                (void) fprintf(f, "%s\n%s  ", i > 0 ? "," : "", indent);
                json_write_string(f, annotations->items[i].key);
                (void) fputs(": ", f);
                json_write_string(f, annotations->items[i].value);
        }
        if (annotations->n > 0)
                (void) fprintf(f, "\n%s", indent);
        (void) fputs("}", f);
}

/* RFC 3339, or null. */
static void print_time(FILE *f, const char *indent, const char *key, uint64_t usec)
{
        time_t seconds = (time_t) (usec / 1000000);
        char text[64] = "", full[80];
        struct tm tm;

        if (usec > 0 && gmtime_r(&seconds, &tm))
                (void) strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
        (void) snprintf(full, sizeof(full), "%s.%06uZ", text, (unsigned) (usec % 1000000));
        print_string(f, indent, key, text[0] ? full : NULL);
}

void pod_container_status_print(const PodContainerStatus *status, const char *indent, FILE *f)
{
        char inner[32];

        (void) snprintf(inner, sizeof(inner), "%.24s  ", indent);
        (void) fputs("{\n", f);
        print_string(f, inner, "ID", status->id);
        print_string(f, inner, "State", pod_state_name(status->state));
        (void) fprintf(f, "%s\"PID\": %d,\n", inner, (int) status->pid);
        print_time(f, inner, "StartTime", status->started_usec);
        print_string(f, inner, "RootFs", status->rootfs);
        print_annotations(f, inner, &status->annotations);
        (void) fprintf(f, "\n%s}", indent);
}

void pod_status_print(const PodStatus *status, FILE *f)
{
        (void) fputs("{\n", f);
        print_string(f, "  ", "ID", status->id);
        print_string(f, "  ", "State", pod_state_name(status->state));
        print_string(f, "  ", "Hypervisor", status->hypervisor);
        print_string(f, "  ", "Agent", status->agent);
        print_string(f, "  ", "Slice", status->slice);
        print_string(f, "  ", "NetworkModel", status->network_model);
        print_string(f, "  ", "NetNSPath", status->netns);
        (void) fprintf(f, "  \"Network\": %s,\n", status->network ? status->network : "null");
        (void) fputs("  \"ContainersStatus\": [", f);
        for (size_t i = 0; i < status->n_containers; i++) {
                (void) fputs(i > 0 ? ", " : "", f);
                pod_container_status_print(&status->containers[i], "  ", f);
        }
        (void) fputs("],\n", f);
        print_annotations(f, "  ", &status->annotations);
        (void) fputs("\n}\n", f);
}

/* ---- annotations ---- */

/* What there is, with the given ones in place of those of the same key, then the new ones. Borrows
 * all strings. */
static int merge(const SpecKeyValues *old, const SpecKeyValues *new, SpecKeyValues *ret)
{
        *ret = (SpecKeyValues){ .items = calloc(old->n + new->n + 1, sizeof(*ret->items)) };
        if (!ret->items)
                return -ENOMEM;
        if (old->n > 0)
                memcpy(ret->items, old->items, old->n * sizeof(*ret->items));
        ret->n = old->n;
        for (size_t i = 0; i < new->n; i++) {
                size_t k = 0;

                while (k < ret->n && strcmp(ret->items[k].key, new->items[i].key) != 0)
                        k++;
                ret->items[k] = new->items[i];
                if (k == ret->n)
                        ret->n++;
        }
        return 0;
}

static int annotate(Pod *pod, const SpecKeyValues *annotations, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        SpecKeyValues merged;
        size_t size;
        int r;

        if (merge(&pod->config->annotations, annotations, &merged) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "annotating pod %s", pod->id);
        r = pod_config_edit(
                pod->text, pod->size, &(PodEdit){ .annotations = &merged }, &text, &size, err);
        free(merged.items);
        if (r >= 0)
                r = pod_set_config(pod, text, size, err);
        return r < 0 ? r : pod_keep_config(pod, err);
}

int runtime_pod_annotate(
        const Runtime *rt, const char *id, const SpecKeyValues *annotations, CtrError *err)
{
        Pod pod;
        int r;

        r = pod_open(rt, id, POD_WRITE, &pod, err);
        if (r < 0)
                return r;
        r = annotate(&pod, annotations, err);
        pod_done(&pod);
        return r;
}

int runtime_pod_get_annotation(
        const Runtime *rt, const char *id, const char *key, char **ret, CtrError *err)
{
        const char *value = NULL;
        Pod pod;
        int r;

        r = pod_open(rt, id, POD_READ, &pod, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < pod.config->annotations.n; i++)
                if (strcmp(pod.config->annotations.items[i].key, key) == 0)
                        value = pod.config->annotations.items[i].value;
        if (!value)
                r = ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "Annotations key %s does not exist", key);
        else {
                *ret = strdup(value);
                if (!*ret)
                        r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "annotation %s", key);
        }
        pod_done(&pod);
        return r;
}
