/* Whether a new container can go where it is to go. */
#pragma once

#include "base/error.h"

/* Refuses a unit's cgroup that has processes already (systemd would take them for the container's)
 * and one below a frozen slice (nothing in it would ever run, so the start would hang). Checked
 * before anything is made. */
int cgroup_check_fit(const char *slice, const char *unit, CtrError *err);

/* Directory of a frozen cgroup on the way from path up to the root of the cgroup tree: 1 with path
 * cut back to it, else 0. */
int cgroup_find_frozen(char *path);
