/* The verbs of the quick programs: those that do without libraries. A command line that
 * they do not know whole is left to the program of the same name that has all verbs. */
#include "ctl/quick/hand-over.h"
#include "ctl/verb.h"

const Verb *const verbs[] = {
        &verb_start,
        &verb_exec,
        &verb_kill,
        &verb_delete,
        &verb_state,
        &verb_list,
        &verb_ps,
        &verb_pause,
        &verb_resume,
};
const size_t n_verbs = ELEMENTSOF(verbs);

static void leave(char **argv)
{
        hand_over(argv);
}

void (*const verbs_hand_over)(char **argv) = leave;
int (*const verbs_remote)(const struct RemoteTarget *target, const Verb *verb, const Call *call,
        CtrError *err) = NULL;
