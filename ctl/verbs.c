/* The table of verbs, in the order of the help. */
#include "ctl/remote.h"
#include "ctl/verb.h"

const Verb *const verbs[] = {
        &verb_create,
        &verb_start,
        &verb_run,
        &verb_exec,
        &verb_attach,
        &verb_kill,
        &verb_delete,
        &verb_state,
        &verb_list,
        &verb_ps,
        &verb_pause,
        &verb_resume,
        &verb_update,
        &verb_health,
        &verb_pod,
        &verb_events,
        &verb_logs,
        &verb_inspect,
        &verb_enable,
        &verb_disable,
        &verb_reload,
        &verb_spec,
        &verb_convert,
        &verb_nsinit,
        &verb_features,
        &verb_plan,
        &verb_check,
        &verb_unit_name,
        &verb_compile,
        &verb_veth,
};
const size_t n_verbs = ELEMENTSOF(verbs);

void (*const verbs_hand_over)(char **argv) = NULL;
int (*const verbs_remote)(
        const RemoteTarget *target, const Verb *verb, const Call *call, CtrError *err) = remote_run;
