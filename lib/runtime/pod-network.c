/* Which network namespace a pod's containers are in: the host's, one that somebody else looks
 * after, or the pod's own, which pod-network-models.c fills. */
#include "runtime/pod-internal.h"

#include "runtime/pod-namespaces.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

bool pod_network_is_own(const PodConfig *config)
{
        return config->network_model != POD_NETWORK_NOOP && !config->netns_path;
}

int pod_network_path(const Pod *pod, char **ret, CtrError *err)
{
        const PodConfig *config = pod->config;

        *ret = NULL;
        if (config->netns_path)
                *ret = strdup(config->netns_path);
        else if (!pod_network_is_own(config))
                return 0;
        else if (asprintf(ret, "%s/" POD_NAMESPACES_DIR "/net", pod->dir) < 0)
                *ret = NULL;
        return *ret ? 0 : ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "network namespace");
}

int pod_network_open(const Pod *pod, CtrError *err)
{
        _cleanup_free_ char *path = NULL;
        int fd, r;

        r = pod_network_path(pod, &path, err);
        if (r < 0)
                return r;
        if (!path)
                return -EBADF;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        return fd < 0 ? ctr_error_set(
                                err, CTR_ERROR_CONFIG_INVALID, errno, "network namespace %s", path)
                      : fd;
}
