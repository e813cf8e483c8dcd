/* A pod, opened and locked. Private to the pod files of lib/runtime.
 *
 *   ROOT/pods/POD/          lock, state.json, network.json, resolv.conf, ns/, bundles/NAME/
 *   CONFIG/POD/config.json  what was asked for; CONFIG is /var/lib/ctrunit/pods for the standard
 *                           root, else ROOT/var/pods */
#pragma once

#include "base/pod-name.h"
#include "runtime/pod.h"

#define POD_FILE_LOCK        "lock"
#define POD_FILE_STATE       "state.json"
#define POD_FILE_NETWORK     "network.json"
#define POD_FILE_RESOLV_CONF "resolv.conf"
#define POD_CONFIG_ROOT      "/var/lib/ctrunit/pods" /* unless --root says otherwise */
#define POD_FILE_CONFIG      "config.json"
#define POD_DIR_BUNDLES      "bundles"
#define POD_CONFIG_SIZE_MAX  (16U * 1024 * 1024)

/* How far a pod has come, as it was written down. */
typedef enum PodStage {
        POD_STAGE_NONE, /* there is no state.json */
        POD_STAGE_PREPARING,
        POD_STAGE_READY,
        POD_STAGE_STARTED,
        _POD_STAGE_MAX,
} PodStage;

typedef struct PodKind PodKind;
typedef struct PodAgent PodAgent;

typedef struct Pod {
        const Runtime *runtime;
        char id[CTR_POD_ID_MAX + 1];
        char slice[CTR_UNIT_NAME_MAX];
        char *dir;        /* ROOT/pods/POD */
        char *config_dir; /* CONFIG/POD */
        int dir_fd, lock_fd;
        char *text; /* of the configuration; NULL = none is kept */
        size_t size;
        PodConfig *config;
        const PodKind *kind;
        const PodAgent *agent;
        PodStage stage;
} Pod;

#define POD_NULL                                                                                   \
        (Pod)                                                                                      \
        {                                                                                          \
                .dir_fd = -EBADF, .lock_fd = -EBADF                                                \
        }

/* What stands in for the machine of a pod. Each returns 0 or -errno with *err. virtcontainers'
 * hypervisor is this: startPod and waitPod are create, which returns when it is there; stopPod,
 * pausePod and resumePod are called the same. Of what only a machine has (devices that are plugged
 * in, a console, capabilities) there is nothing to call without one. */
struct PodKind {
        const char *name;
        /* Limits in force, nothing in it yet; whatever had its name and was a leftover is gone. */
        int (*create)(Pod *pod, CtrError *err);
        /* Nothing runs any more; also of one that was never, or only half, created. */
        int (*stop)(Pod *pod, bool is_killed, CtrError *err);
        int (*pause)(Pod *pod, CtrError *err);
        int (*resume)(Pod *pod, CtrError *err);
        bool (*is_there)(const Pod *pod);
        bool (*is_paused)(const Pod *pod);
};

extern const PodKind pod_kind_mock;

/* What has containers made and processes run in there; name: a container's within the pod.
 * virtcontainers' agent. Which state allows what has been asked before. */
struct PodAgent {
        const char *name;
        int (*create_container)(Pod *pod, const PodContainer *container, CtrError *err);
        int (*start_container)(Pod *pod, const PodContainer *container, CtrError *err);
        int (*stop_container)(Pod *pod, const char *name, CtrError *err);
        int (*kill_container)(
                const Pod *pod, const char *name, int signal_number, bool is_all, CtrError *err);
        int (*list_processes)(
                const Pod *pod, const char *name, pid_t **ret, size_t *ret_n, CtrError *err);
        /* As runtime_exec(), without the pod's lock: it may run for years. */
        int (*exec)(const Runtime *rt, const RuntimeExec *options, int *ret_status, CtrError *err);
};

extern const PodAgent pod_agent_noop;

/* ---- pod-open.c ---- */
typedef enum PodAccess {
        POD_PEEK,  /* no lock unless it is free, nothing is written: for who must not wait */
        POD_READ,  /* shared lock */
        POD_WRITE, /* exclusive lock */
        POD_NEW,   /* exclusive; there is no such pod yet, maybe leftovers of one */
        POD_LEFT,  /* exclusive; with or without configuration, however broken */
} PodAccess;

/* Opens, locks and reads. CTR_ERROR_POD_NOT_EXISTS; POD_NEW: CTR_ERROR_ID_IN_USE. */
int pod_open(const Runtime *rt, const char *id, PodAccess access, Pod *ret, CtrError *err);
void pod_done(Pod *pod);

/* From what was written down, and what is there. */
PodState pod_get_state(const Pod *pod);

/* -EINVAL when it may not go to this state. */
int pod_check_move(const Pod *pod, PodState to, CtrError *err);

/* Writes down how far it has come; NONE: nothing any more. */
int pod_write_stage(Pod *pod, PodStage stage, CtrError *err);

/* Takes text as the pod's configuration, parsed again; is_kept: and writes it. */
int pod_set_config(Pod *pod, const char *text, size_t size, CtrError *err);
int pod_keep_config(const Pod *pod, CtrError *err);

/* Removes directories and configuration, and with them the pod. */
void pod_forget(Pod *pod);

/* One line for the caller's remarks. */
void pod_remark(const Pod *pod, const char *what, const CtrError *e);

/* ---- pod-configured.c ---- */
/* The unit of a pod that was made from a file; NULL: it was not. */
const char *pod_configured_unit(const Pod *pod);

/* CTR_ERROR_BAD_STATE for such a pod, with the verb of systemctl that does it. */
int pod_check_not_configured(const Pod *pod, const char *verb, CtrError *err);

/* Adds the containers that are in the slice of such a pod. */
int pod_configured_members(const Pod *pod, PodStatus *status, CtrError *err);

/* ---- pod-network.c ---- */
bool pod_network_is_own(const PodConfig *config); /* a namespace of the pod's own */

/* Path of the namespace that members join, allocated; NULL with 0: the host's. */
int pod_network_path(const Pod *pod, char **ret, CtrError *err);

/* Descriptor of it, or -EBADF for the host's; other negative numbers with *err. */
int pod_network_open(const Pod *pod, CtrError *err);
int pod_network_add(Pod *pod, CtrError *err);
void pod_network_remove(Pod *pod);

/* ---- pod-hooks.c ---- */
/* Runs them in the pod's network namespace. Prestart hooks: the first failure is the result; the
 * others' failures are remarks. */
int pod_hooks_run(Pod *pod, PodHookKind kind, CtrError *err);

/* ---- pod-member.c ---- */
/* Frees the name of a container that is to be made: what an earlier one left, a failed unit too.
 * CTR_ERROR_ID_IN_USE when it is none of the pod's. */
int pod_member_clear(Pod *pod, const char *name, CtrError *err);
int pod_member_create(Pod *pod, const PodContainer *container, CtrError *err);

/* Of a stopped container: makes it again first. */
int pod_member_start(Pod *pod, const PodContainer *container, CtrError *err);
int pod_member_stop(Pod *pod, const char *name, CtrError *err);

/* Whatever is left of it, bundle included. */
int pod_member_remove(Pod *pod, const char *name, CtrError *err);
int pod_member_status(
        const Pod *pod, const PodContainer *container, PodContainerStatus *ret, CtrError *err);

/* Of a container of this id, whatever made it: 1, or 0 when there is none. */
int pod_member_status_of(const Pod *pod, const char *id, PodContainerStatus *ret, CtrError *err);

/* Members that are there, by the state of containers; NULL-terminated names within the pod. */
int pod_member_list(const Pod *pod, SpecStrv *ret, CtrError *err);

/* Error when a container has an id of this pod and is none of its members. */
int pod_member_check_free(const Pod *pod, CtrError *err);
