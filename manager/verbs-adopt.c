/* Adopt: a process of the host becomes one of the container's (lib/runtime/adopt.c). */
#include "manager/verbs-container.h"

int verb_adopt(VerbCall *call, CtrError *err)
{
        uint64_t pid = 0;
        const char *id;
        int r = verb_string(call, "id", &id, err);

        if (r < 0)
                return r;
        if (json_member_u64(call->arguments, "pid", &pid) < 0 || pid > INT32_MAX)
                pid = 0;
        return runtime_adopt(call->runtime, id, (pid_t) pid, err);
}
