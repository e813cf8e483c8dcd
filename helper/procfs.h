/* A procfs of our own: mounted for nobody, so that no file system of the container can be put in
 * the place of its files (CVE-2019-16884, CVE-2019-19921, CVE-2025-52881). Sysctls, labels and
 * limits are written through it. */
#pragma once

#include "helper/context.h"

/* Makes it before the clone when the CHILD list needs it: outside of a user namespace the kernel
 * allows it always. A clone that will be among processes of the container, which could take the
 * descriptor from it, gets one of their pid namespace. */
int procfs_prepare(Context *ctx, CtrError *err);

/* A new detached procfs of the pid namespace that the clone will be in. Returns a descriptor or
 * -errno. */
int procfs_make_for_clone(Context *ctx);

/* Opens a file in it (path relative to its root), no links, no mounts on the way. Returns a
 * descriptor or -errno. */
int procfs_open(Context *ctx, const char *path, int flags);

/* The same for a file of the running process: "oom_score_adj", "attr/exec". */
int procfs_open_self(Context *ctx, const char *file, int flags);

/* Writes value by one write(2), as these files want it, and closes fd. fd may be a negative errno:
 * it is returned. */
int procfs_write_close(int fd, const char *value);
