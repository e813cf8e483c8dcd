/* The units of a pod: see unitfile/pod-file.h. */
#pragma once

#include "generator/unit.h"

/* Makes NAME-pod.service, and the pod's slice beside it. A broken one is a stub, as a container is.
 * containers: for the names of units in its dependencies. Returns 0 or -ENOMEM. */
int pod_generate(
        const Search *pods, const Search *containers, const SearchContainer *file, Unit *ret);
