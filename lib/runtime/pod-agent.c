/* What makes a pod's containers and runs their processes: virtcontainers calls it the agent. This
 * one, "noop", is no program at all: nobody stands between systemd and the containers. An agent in
 * a guest would get the same calls. */
#include "runtime/pod-internal.h"

static int noop_kill(
        const Pod *pod, const char *name, int signal_number, bool is_all, CtrError *err)
{
        char id[CTR_ID_MAX + 1];
        int r = ctr_pod_member_id(pod->id, name, id, err);

        return r < 0 ? r : runtime_kill(pod->runtime, id, signal_number, is_all, err);
}

static int noop_list(const Pod *pod, const char *name, pid_t **ret, size_t *ret_n, CtrError *err)
{
        char id[CTR_ID_MAX + 1];
        int r = ctr_pod_member_id(pod->id, name, id, err);

        return r < 0 ? r : runtime_ps(pod->runtime, id, ret, ret_n, err);
}

const PodAgent pod_agent_noop = {
        .name = "noop",
        .create_container = pod_member_create,
        .start_container = pod_member_start,
        .stop_container = pod_member_stop,
        .kill_container = noop_kill,
        .list_processes = noop_list,
        .exec = runtime_exec,
};
