/* The table of verbs, in the order of the help. */
#include "ctl/program.h"
#include "ctl/remote.h"
#include "ctl/verb.h"

#include "spec/spec-decode.h"

#include <stdio.h>
#include <string.h>

const Verb *const verbs[] = {
        &verb_create,
        &verb_start,
        &verb_run,
        &verb_mod_create,
        &verb_mod_run,
        &verb_import,
        &verb_exec,
        &verb_attach,
        &verb_kill,
        &verb_delete,
        &verb_state,
        &verb_list,
        &verb_ps,
        &verb_pause,
        &verb_resume,
        &verb_checkpoint,
        &verb_restore,
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
        &verb_doctor,
        &verb_unit_name,
        &verb_compile,
        &verb_veth,
        &verb_unpack,
};
const size_t n_verbs = ELEMENTSOF(verbs);

void (*const verbs_hand_over)(char **argv) = NULL;
int (*const verbs_remote)(
        const RemoteTarget *target, const Verb *verb, const Call *call, CtrError *err) = remote_run;

/* Verbs of other programs, and where the same is done. */
static const struct {
        const char *name, *advice;
} elsewhere[] = {
        { "status", "systemctl status ctr@ID, or \"state\"" },
        { "stop", "systemctl stop ctr@ID, or \"kill\"" },
        { "restart", "systemctl restart ctr@ID" },
        { "edit", "systemctl edit ctr@ID" },
        { "cat", "systemctl cat ctr@ID" },
        { "show", "systemctl show ctr@ID, or \"inspect\"" },
        { "mask", "systemctl mask ctr@ID" },
        { "set-property", "systemctl set-property ctr@ID, or \"update\"" },
        { "freeze", "systemctl freeze ctr@ID, or \"pause\"" },
        { "thaw", "systemctl thaw ctr@ID, or \"resume\"" },
        { "unpause", "\"resume\"" },
        { "rm", "\"delete\"" },
        { "ls", "\"list\"" },
        { "top", "systemd-cgtop ctr.slice, or \"ps\"" },
        { "stats", "\"events --stats\", or systemd-cgtop ctr.slice" },
        { "daemon-reload", "\"reload\"" },
        { "generate", "ctr-generator --dry-run" },
};

const char *verb_advice(const char *name, char *buf, size_t size)
{
        const char *nearest = NULL;
        unsigned least = strlen(name) < 6 ? 2 : 3;

        buf[0] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(elsewhere) && program.mode == PLAN_SERVICE; i++)
                if (strcmp(elsewhere[i].name, name) == 0) {
                        (void) snprintf(buf, size, "use %s", elsewhere[i].advice);
                        return buf;
                }
        for (size_t i = 0; i < n_verbs; i++) {
                unsigned distance =
                        verbs[i]->help ? spec_name_distance(name, verbs[i]->name, least) : least;

                if (distance < least) {
                        least = distance;
                        nearest = verbs[i]->name;
                }
        }
        if (nearest)
                (void) snprintf(buf, size, "did you mean \"%s\"?", nearest);
        return buf;
}
