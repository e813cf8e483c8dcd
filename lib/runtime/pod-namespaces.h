/* The namespaces that the members of a pod share: made once, and pinned as files below the pod's
 * directory, so that no process has to hold them. */
#pragma once

#include "base/error.h"

#define POD_NAMESPACES_DIR "ns" /* in the pod's directory */

typedef struct PodNamespaces {
        bool has_network; /* a network namespace of its own too */
        const char *hostname;
} PodNamespaces;

/* Makes ipc, uts and perhaps network namespace and pins them as DIR/ns/{ipc,uts,net}. Needs
 * CAP_SYS_ADMIN. What an earlier, unfinished attempt left is replaced. On failure nothing is
 * left. namespaces(7). */
int pod_namespaces_create(int dir_fd, const PodNamespaces *namespaces, CtrError *err);

/* Releases them: with the last process or descriptor in it, a namespace is gone. Missing is
 * success. */
void pod_namespaces_remove(int dir_fd);
