/* The control group that ctr-exec was started in: the unit's own. Version 2 only; where the host
 * has none, or not these controllers, nothing is found. */
#pragma once

#include "helper/context.h"

#include "base/error.h"

/* Root of the host's cgroup2 file system, by its usual places. A descriptor (O_PATH) or -errno. */
int cgroup_open_root(void);

/* Path of the own cgroup below that root ("a/b", "." for the root itself), from the text of
 * /proc/self/cgroup that cgroup_fd is open on. Returns 0 or -errno. */
int cgroup_read_path(int cgroup_fd, char *path, size_t size);

/* The own cgroup's directory, by the host's /proc. A descriptor (O_PATH) or -errno. */
int cgroup_open_own(void);

/* That of the unit, for one of its commands: those of a unit with sub-cgroups run in one beside the
 * payload's. A descriptor (O_PATH) or -errno. */
int cgroup_open_unit(void);

/* For reading: of the clone, or the own before there is one. */
int cgroup_open_child(const Context *ctx);

/* Reads a file of a cgroup without its newline. 0, or -errno: -ENOENT when the controller is not
 * there. */
int cgroup_read(int dir_fd, const char *file, char *value, size_t size);
