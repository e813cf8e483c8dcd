/* Cgroups of containers whose process is the engine's child: a scope made by PID 1, a directory of
 * the tree, or none. */
#pragma once

#include "runtime/creation.h"

/* The directory of a PLAN_CGROUPFS container: linux.cgroupsPath below the root of the tree when it
 * is absolute, else beside our own cgroup; without one "ctr-ID" there. */
int placement_find_directory(
        const Spec *spec, const char *id, char ret[static CGROUP_PATH_MAX], CtrError *err);

/* Makes the cgroup with its limits and puts the process there. Returns when it is in place. */
int placement_make(Creation *c, pid_t pid, CtrError *err);

/* After a failure: kills what is there and removes it, as far as it is ours. */
void placement_undo(Creation *c);
