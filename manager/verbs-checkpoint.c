/* Checkpoint and RestoreContainer, which are refused by name (lib/runtime/checkpoint.c). */
#include "manager/verbs-container.h"

int verb_checkpoint(VerbCall *call, CtrError *err)
{
        const char *id;
        int r = verb_string(call, "id", &id, err);

        return r < 0 ? r : runtime_checkpoint(call->runtime, id, err);
}

int verb_restore(VerbCall *call, CtrError *err)
{
        const char *id;
        int r = verb_string(call, "id", &id, err);

        return r < 0 ? r : runtime_restore(call->runtime, id, err);
}
