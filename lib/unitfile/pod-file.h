/* Pods of files: NAME.pod becomes NAME-pod.service, as podman's generator names it, which is active
 * while the pod's namespaces are there (ctrctl pod up and down make and remove them; no process
 * stays), and the pod's slice ctr-POD.slice, in which its containers are. Those name the pod:
 * Pod=NAME.pod. */
#pragma once

#include "base/pod-name.h"
#include "unitfile/settings.h"

#define POD_FILE_HOST_NAME_MAX 64 /* sethostname(2) */

typedef struct PodFile {
        char id[CTR_POD_ID_MAX + 1];
        char unit[CTR_UNIT_NAME_MAX];  /* "shop-pod.service" */
        char slice[CTR_UNIT_NAME_MAX]; /* "ctr-shop.slice" */
        char host_name[POD_FILE_HOST_NAME_MAX + 1];
        bool has_own_network;
        char network[SEARCH_PATH_MAX]; /* path of the namespace; "" = the host's */
} PodFile;

/* What a file of this name says. -EINVAL with the position in *problem. */
int pod_file_read(const Settings *settings, const char *name, PodFile *ret, Problem *problem);

/* A pod by its reference "shop.pod". pods: the search of .pod files, NULL: what the name alone
 * says. Returns 1, 0 when no such pod is configured, or -errno with *problem when it is broken. */
int pod_file_find(const Search *pods, const char *reference, PodFile *ret, Problem *problem);

/* The same with its settings, which the caller releases whatever is returned. */
int pod_file_open(const Search *pods, const char *reference, Settings *settings, PodFile *ret,
        Problem *problem);

/* "shop.pod" is named: its name, "shop" ("shop-x" of "shop@x.pod"), which may not be valid. */
bool pod_reference(const char *text, char name[static CTR_UNIT_NAME_MAX]);

/* Path of a namespace that the members join: kind "ipc", "uts", "net". */
void pod_file_namespace(const char *id, const char *kind, char ret[static SEARCH_PATH_MAX]);

/* The text of the units, without the first line that says who made it. source: path of the .pod
 * file; requires: units that it requires and is started after, "" = none. Errors stay in the stream
 * (ferror(3)). */
void pod_file_write_service(const PodFile *pod, const Settings *settings, const Search *search,
        const char *source, const char *requires, FILE *f);
void pod_file_write_slice(const PodFile *pod, const char *source, FILE *f);
