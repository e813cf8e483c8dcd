/* Limits that nothing enforces: what a unit asks for, and what the kernel's control groups have
 * here. */
#pragma once

#include "plan/properties.h"
#include "spec/spec.h"

/* Whether a unit has a limit that its plan does not know: of its file, drop-ins, set-property. */
typedef bool (*ControllersAsk)(PropertyId limit, void *userdata);

/* One line for each controller that limits need and this host does not have (in containers and old
 * set-ups its manager may keep it). Limits are those of the list, and those that ask (may be NULL)
 * knows of: asked only about what is missing. root: the cgroup2 file system, NULL =
 * /sys/fs/cgroup. Returns 0, or -ENOMEM; a host that does not say has them all. */
int controllers_find_missing(const PropertyList *properties, ControllersAsk ask, void *userdata,
        const char *root, SpecStrv *ret);
