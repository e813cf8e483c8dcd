/* Names of pods: their ids, their slices, the ids of their members. With name.h the only place that
 * knows how they are spelled. No allocation, no system call. */
#pragma once

#include "base/name.h"

#define CTR_POD_ID_MAX 100 /* bytes */

/* A pod id: [A-Za-z0-9_+][A-Za-z0-9_+-]*, 1 to 100 bytes. No dot: what follows the first dot of a
 * container id POD.NAME is the member's name. */
bool ctr_pod_id_is_valid(const char *id);

/* The same with an error: NeedPodID "Pod ID cannot be empty" or InvalidIdFormat. */
int ctr_pod_id_check(const char *id, CtrError *err);

/* "my-web" -> "ctr-my\x2dweb.slice". Dashes make levels in the names of slices, so they and '+' are
 * escaped as systemd-escape(1) does. Returns buf; "" when id is not valid. */
const char *ctr_pod_to_slice(const char *id, char buf[static CTR_UNIT_NAME_MAX]);

/* "web", "db" -> "web.db", a container id. NeedContainerID "Container ID cannot be empty" or
 * InvalidIdFormat when there is no such id. */
int ctr_pod_member_id(
        const char *pod, const char *name, char buf[static CTR_ID_MAX + 1], CtrError *err);

/* "web.db" -> "web", in buf: the pod that a container of this id would belong to. False when the id
 * has no dot, or no pod can have such an id. */
bool ctr_pod_of_member(const char *id, char buf[static CTR_POD_ID_MAX + 1]);
