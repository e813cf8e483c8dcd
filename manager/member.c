/* Containers of pods by their own objects: see member.h. */
#include "manager/member.h"

#include "base/pod-name.h"

#include <string.h>

const char *member_name(const Runtime *rt, const char *id, char pod[static CTR_POD_ID_MAX + 1])
{
        if (!ctr_pod_of_member(id, pod) || !runtime_pod_exists(rt, pod))
                return NULL;
        return id + strlen(pod) + 1;
}

bool member_is_unknown(const CtrError *err)
{
        return err->code == CTR_ERROR_CONTAINER_NOT_EXISTS || err->code == CTR_ERROR_POD_NOT_EXISTS;
}

int member_call(const Runtime *rt, const char *id, const MemberVerb *verb, CtrError *err)
{
        char pod[CTR_POD_ID_MAX + 1];
        const char *name = member_name(rt, id, pod);
        int r;

        if (name) {
                r = verb->of_pod(rt, pod, name, err);
                if (r >= 0 || !member_is_unknown(err))
                        return r;
                *err = (CtrError){ 0 };
        }
        return verb->alone(rt, id, err);
}
