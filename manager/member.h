/* Containers of pods by their own objects: what the pod's state allows holds for them there too, as
 * it does for StartContainer and its like of the pod's object. */
#pragma once

#include "runtime/pod.h"

/* A function of a pod's container, and what is done with a container of its own. */
typedef struct MemberVerb {
        int (*of_pod)(const Runtime *rt, const char *pod, const char *name, CtrError *err);
        int (*alone)(const Runtime *rt, const char *id, CtrError *err);
} MemberVerb;

/* Whether this would be the id of a container of a pod that is there, and which: its pod in `pod`,
 * its name within `id`. NULL = it is not. */
const char *member_name(const Runtime *rt, const char *id, char pod[static CTR_POD_ID_MAX + 1]);

/* Whether an error of a pod's function says that its configuration does not have the container:
 * then it is what a killed call has left, and is a container like any other. */
bool member_is_unknown(const CtrError *err);

/* One or the other. */
int member_call(const Runtime *rt, const char *id, const MemberVerb *verb, CtrError *err);
