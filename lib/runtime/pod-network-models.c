/* The three network models. noop: the host's network or a namespace that somebody else looks after.
 * CNM: a namespace that prestart hooks fill. CNI: one that plugins fill. Afterwards the links are
 * listed as the kernel has them. network.json says before each step what the step may leave. */
#include "runtime/pod-internal.h"

#include "base/io.h"
#include "base/json.h"
#include "runtime/cni.h"
#include "runtime/pod-links.h"
#include "runtime/pod-namespaces.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { NETWORK_SIZE_MAX = 4 << 20 };

/* ---- network.json ---- */

typedef struct Network {
        char *list;     /* of CNI plugins, JSON text */
        char **results; /* of each interface, JSON text; NULL = not known */
        size_t n;
} Network;

static void network_done(Network *network)
{
        for (size_t i = 0; i < network->n; i++)
                free(network->results[i]);
        free(network->results);
        free(network->list);
        *network = (Network){ 0 };
}

static void write_network(FILE *f, const Pod *pod, const Network *network, const PodLinks *links)
{
        (void) fprintf(f, "{\"Model\":\"%s\",\"Config\":%s,\"Interfaces\":[",
                pod_network_name(pod->config->network_model),
                network->list ? network->list : "null");
        for (size_t i = 0; i < network->n; i++)
                (void) fprintf(f, "%s{\"Name\":\"eth%zu\",\"Result\":%s}", i > 0 ? "," : "", i,
                        network->results[i] ? network->results[i] : "null");
        (void) fputs("],\"Endpoints\":", f);
        pod_links_print(links, f);
        (void) fputs("}\n", f);
}

static int save(const Pod *pod, const Network *network, const PodLinks *links, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        bool is_failed = true;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        int r;

        if (f) {
                write_network(f, pod, network, links);
                is_failed = ferror(f) != 0;
                is_failed |= fclose(f) != 0;
        }
        r = is_failed ? -ENOMEM
                      : ctr_write_file_atomic(pod->dir_fd, POD_FILE_NETWORK, text, size, 0600);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot keep the pod's network") : 0;
}

static int read_interfaces(const JsonValue *interfaces, Network *ret)
{
        const JsonValue *result;

        ret->results = calloc(json_value_length(interfaces) + 1, sizeof(*ret->results));
        if (!ret->results)
                return -ENOMEM;
        for (; ret->n < json_value_length(interfaces); ret->n++)
                if (json_value_member(json_value_item(interfaces, ret->n), "Result", &result) &&
                        result) {
                        ret->results[ret->n] = json_value_text(result);
                        if (!ret->results[ret->n])
                                return -ENOMEM;
                }
        return 0;
}

/* 1, or 0 when there is none. */
static int load(const Pod *pod, Network *ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        const JsonValue *interfaces = NULL, *list = NULL;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        *ret = (Network){ 0 };
        if (faccessat(pod->dir_fd, POD_FILE_NETWORK, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                return 0;
        r = ctr_read_file(pod->dir_fd, POD_FILE_NETWORK, NETWORK_SIZE_MAX, &text, &size, err);
        if (r >= 0)
                r = json_document_parse(text, size, &doc, err);
        if (r < 0)
                return r;
        (void) json_value_member(json_document_root(doc), "Config", &list);
        (void) json_value_member(json_document_root(doc), "Interfaces", &interfaces);
        ret->list = list ? json_value_text(list) : NULL;
        r = (list && !ret->list) ? -ENOMEM : read_interfaces(interfaces, ret);
        if (r < 0) {
                network_done(ret);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "reading the pod's network");
        }
        return 1;
}

/* ---- CNI ---- */

static CniAttachment attachment_of(const Pod *pod, const char *path, size_t index, char name[8])
{
        (void) snprintf(name, 8, "eth%zu", index % 1000);
        return (CniAttachment){ .container_id = pod->id,
                .netns_path = path,
                .interface = name,
                .plugin_path = CNI_PLUGIN_PATH };
}

static int write_resolv_conf(const Pod *pod, const char *result, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        int r;

        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "name servers");
        r = cni_print_resolv_conf(result, f, err);
        if (fclose(f) != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "name servers");
        if (r <= 0)
                return r;
        r = ctr_write_file_atomic(pod->dir_fd, POD_FILE_RESOLV_CONF, text, size, 0644);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "name servers") : 0;
}

static int add_interfaces(const Pod *pod, const char *path, Network *network, CtrError *err)
{
        size_t n = pod->config->n_interfaces > 0 ? pod->config->n_interfaces : 1;
        char name[8];
        int r;

        r = cni_load(CNI_CONF_DIR, &network->list, err);
        if (r < 0)
                return r;
        network->results = calloc(n + 1, sizeof(*network->results));
        if (!network->results)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "network interfaces");
        while (network->n < n && r >= 0) {
                CniAttachment attachment = attachment_of(pod, path, network->n, name);

                network->n++;
                r = save(pod, network, &(PodLinks){ 0 }, err);
                if (r >= 0)
                        r = cni_add(
                                network->list, &attachment, &network->results[network->n - 1], err);
        }
        return r < 0 ? r : write_resolv_conf(pod, network->results[0], err);
}

static void remove_interfaces(const Pod *pod, const char *path, const Network *network)
{
        char name[8];

        for (size_t i = network->n; i-- > 0;) {
                CniAttachment attachment = attachment_of(pod, path, i, name);
                CtrError e = { 0 };

                if (cni_del(network->list, &attachment, network->results[i], &e) < 0)
                        pod_remark(pod, "network", &e);
        }
}

/* ---- the models ---- */

int pod_network_add(Pod *pod, CtrError *err)
{
        _cleanup_free_ char *path = NULL;
        _cleanup_close_ int fd = -EBADF;
        Network network = { 0 };
        PodLinks links = { 0 };
        int r;

        if (pod->config->network_model == POD_NETWORK_NOOP)
                return 0;
        r = pod_network_path(pod, &path, err);
        if (r < 0)
                return r;
        fd = pod_network_open(pod, err);
        if (fd < 0)
                return fd;
        if (pod->config->network_model == POD_NETWORK_CNI)
                r = add_interfaces(pod, path, &network, err);
        if (r >= 0)
                r = pod_links_scan(fd, &links, err);
        if (r >= 0)
                r = save(pod, &network, &links, err);
        pod_links_done(&links);
        network_done(&network);
        return r;
}

void pod_network_remove(Pod *pod)
{
        _cleanup_free_ char *path = NULL;
        CtrError e = { 0 };
        Network network;
        int r;

        r = load(pod, &network, &e);
        if (r < 0)
                pod_remark(pod, "network", &e);
        if (r > 0 && network.list) {
                /* Without a configuration the path is the pod's own: that is what we made. */
                if (pod->config && pod->config->netns_path)
                        path = strdup(pod->config->netns_path);
                else if (asprintf(&path, "%s/" POD_NAMESPACES_DIR "/net", pod->dir) < 0)
                        path = NULL;
                if (path)
                        remove_interfaces(pod, path, &network);
        }
        network_done(&network);
        (void) unlinkat(pod->dir_fd, POD_FILE_NETWORK, 0);
        (void) unlinkat(pod->dir_fd, POD_FILE_RESOLV_CONF, 0);
}
