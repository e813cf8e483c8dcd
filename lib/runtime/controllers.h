/* Limits that nothing enforces: what a unit asks for, and what the kernel's control groups have
 * here. */
#pragma once

#include "plan/properties.h"
#include "spec/spec.h"

/* One line for each controller that limits in the list need and this host does not have (in
 * containers and old set-ups its manager may keep it). root: the cgroup2 file system, NULL =
 * /sys/fs/cgroup. Returns 0, or -ENOMEM; a host that does not say has them all. */
int controllers_find_missing(const PropertyList *properties, const char *root, SpecStrv *ret);
