/* Pods: the pod and container functions of virtcontainers 1.0 over systemd. A pod is the slice
 * ctr-POD.slice with the pod's limits, namespaces that its members share, and members, which are
 * the containers POD.NAME in that slice. No process of ours stays in it.
 *
 * A pod's configuration survives a reboot; everything else is derived from what systemd and the
 * kernel say. Each call takes the pod's lock, so callers in several processes see one another's
 * work whole or not at all.
 *
 * Errors as in runtime.h; a call that the state does not allow is CTR_ERROR_BAD_STATE. What goes
 * wrong without failing the call (poststart and poststop hooks, removal of a network) becomes one
 * line in Runtime.ret_remarks. */
#pragma once

#include "base/pod-name.h"
#include "runtime/runtime.h"
#include "spec/pod.h"

typedef enum PodState {
        POD_READY,   /* namespaces, network and containers are there, no container runs */
        POD_RUNNING, /* it was started */
        POD_PAUSED,
        POD_STOPPED, /* there is nothing but the configuration */
        _POD_STATE_MAX,
} PodState;

const char *pod_state_name(PodState state); /* "ready", ... */

/* Whether a pod or container may go from one state to another: 0, or CTR_ERROR_BAD_STATE "Can not
 * move from X to Y". */
int pod_state_check_move(PodState from, PodState to, CtrError *err);

/* ---- pods ---- */

/* Makes a pod from its configuration (spec/pod.h), state ready. *ret_id: its id, generated when the
 * configuration has none. On failure nothing of it is left. */
int runtime_pod_create(
        const Runtime *rt, const char *text, size_t size, char **ret_id, CtrError *err);

/* create and start. On failure nothing of it is left. */
int runtime_pod_run(const Runtime *rt, const char *text, size_t size, char **ret_id, CtrError *err);

/* From ready or stopped to running: all containers. The first that fails ends it. */
int runtime_pod_start(const Runtime *rt, const char *id, CtrError *err);

/* From any state to stopped: containers, slice, network and namespaces go. */
int runtime_pod_stop(const Runtime *rt, const char *id, CtrError *err);

/* Freezes and thaws all containers at once. */
int runtime_pod_pause(const Runtime *rt, const char *id, CtrError *err);
int runtime_pod_resume(const Runtime *rt, const char *id, CtrError *err);

/* Removes a pod that does not run; is_forced: in any state, and whatever is left of one. */
int runtime_pod_delete(const Runtime *rt, const char *id, bool is_forced, CtrError *err);

/* ---- pods of .pod files: what their units run ---- */

typedef struct RuntimePodUp {
        const char *id, *hostname;
        const char *network; /* "none" (a namespace of the pod's own), "host", or the path of one */
        const char *unit;    /* whose start this is */
} RuntimePodUp;

/* Makes the namespaces that the containers join; the slice and the containers are systemd's. What
 * an earlier one has left is replaced; CTR_ERROR_ID_IN_USE for a pod that no file describes. */
int runtime_pod_up(const Runtime *rt, const RuntimePodUp *up, CtrError *err);

/* Removes them again; of a pod that is not there, or is none of a file's, nothing. */
int runtime_pod_down(const Runtime *rt, const char *id, CtrError *err);

/* Where pods are, allocated: a directory of each pod's state, and one of each pod's configuration,
 * which is there as long as the pod. -ENOMEM: either may be NULL. */
int runtime_pod_roots(const Runtime *rt, char **ret_states, char **ret_configs);

/* Ids, sorted. */
int runtime_pod_list(const Runtime *rt, SpecStrv *ret, CtrError *err);

typedef struct PodContainerStatus {
        char *id;           /* within the pod; in one of a .pod file the container's own */
        char *container_id; /* by which it is a container as any other */
        PodState state;
        pid_t pid;             /* 0 = none */
        uint64_t started_usec; /* CLOCK_REALTIME; 0 = not started */
        char *rootfs;
        SpecKeyValues annotations;
} PodContainerStatus;

typedef struct PodStatus {
        char *id;
        PodState state;
        const char *hypervisor, *agent, *network_model;
        char *slice;
        char *netns;   /* path of its network namespace; NULL = the host's, or none now */
        char *network; /* JSON text: interfaces with results and links; NULL = none */
        PodContainerStatus *containers;
        size_t n_containers;
        SpecKeyValues annotations;
        bool is_configured; /* made from a .pod file: containers are those that are in its slice now
                             */
} PodStatus;

/* What is known of a pod and its containers. Released with pod_status_done(). */
int runtime_pod_status(const Runtime *rt, const char *id, PodStatus *ret, CtrError *err);

/* The same without waiting for anybody who changes the pod meanwhile, and without a write: state
 * and containers may be of different moments then. */
int runtime_pod_peek(const Runtime *rt, const char *id, PodStatus *ret, CtrError *err);
void pod_status_done(PodStatus *status);

/* As one JSON object with the member names of the configuration. */
void pod_status_print(const PodStatus *status, FILE *f);
void pod_container_status_print(const PodContainerStatus *status, const char *indent, FILE *f);

/* Adds annotations, replacing those of the same key. */
int runtime_pod_annotate(
        const Runtime *rt, const char *id, const SpecKeyValues *annotations, CtrError *err);

/* One value, allocated: "Annotations key X does not exist". */
int runtime_pod_get_annotation(
        const Runtime *rt, const char *id, const char *key, char **ret, CtrError *err);

/* ---- containers of a pod: name is the id within the pod ---- */

/* Adds a container (JSON text) to a pod that is ready or running. *ret_name: its name. */
int runtime_pod_create_container(const Runtime *rt, const char *pod, const char *text, size_t size,
        char **ret_name, CtrError *err);
int runtime_pod_start_container(
        const Runtime *rt, const char *pod, const char *name, CtrError *err);

/* SIGTERM, after ten seconds SIGKILL. A stopped one is no error. */
int runtime_pod_stop_container(const Runtime *rt, const char *pod, const char *name, CtrError *err);

/* Of a container that is ready or stopped. It leaves the configuration too. */
int runtime_pod_delete_container(
        const Runtime *rt, const char *pod, const char *name, CtrError *err);

/* The same in any state, of one that runs by SIGKILL. */
int runtime_pod_remove_container(
        const Runtime *rt, const char *pod, const char *name, CtrError *err);

/* Freezes one that runs, in a pod that runs, and thaws it again. */
int runtime_pod_pause_container(
        const Runtime *rt, const char *pod, const char *name, CtrError *err);
int runtime_pod_resume_container(
        const Runtime *rt, const char *pod, const char *name, CtrError *err);
int runtime_pod_kill_container(const Runtime *rt, const char *pod, const char *name,
        int signal_number, bool is_all, CtrError *err);
int runtime_pod_container_status(const Runtime *rt, const char *pod, const char *name,
        PodContainerStatus *ret, CtrError *err);
void pod_container_status_done(PodContainerStatus *status);

/* Pids, as runtime_ps(). */
int runtime_pod_list_processes(const Runtime *rt, const char *pod, const char *name, pid_t **ret,
        size_t *ret_n, CtrError *err);

/* Whether another process may be started in a container, and which container's exec that is. */
int runtime_pod_check_enter(const Runtime *rt, const char *pod, const char *name,
        char id[static CTR_ID_MAX + 1], CtrError *err);

/* Another process in a running container, until it ends (or runs, if the command is detached).
 * *ret_status as runtime_exec(). has_terminal: the caller's terminal is the process's. */
int runtime_pod_enter(const Runtime *rt, const char *pod, const char *name,
        const PodCommand *command, bool has_terminal, const char *pid_file, int *ret_status,
        CtrError *err);
