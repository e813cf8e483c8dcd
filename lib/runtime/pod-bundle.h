/* The config.json of a pod's member: the configuration that `ctrctl spec` writes, with what the
 * pod's configuration says in its place. It then goes the way of every other bundle, so nothing is
 * trusted here. */
#pragma once

#include "runtime/rootfs-user.h"
#include "spec/pod.h"

typedef struct PodMember {
        const PodConfig *config;
        const PodContainer *container;
        const RootfsUser *user;
        const char *slice;
        const char *ipc_path, *uts_path; /* of the namespaces to join */
        const char *network_path;        /* NULL = the host's network */
        const char *resolv_conf;         /* bound at /etc/resolv.conf; NULL = none */
} PodMember;

/* The text, allocated. The same input gives the same bytes. */
int pod_bundle_text(const PodMember *member, char **ret, size_t *ret_size, CtrError *err);
