/* Paths of the container as descriptors. The only file that opens anything below the rootfs by
 * name. */
#pragma once

#include "helper/context.h"

typedef enum ResolveKind {
        RESOLVE_DIRECTORY,
        RESOLVE_FILE,
} ResolveKind;

/* Opens a path of the container, absolute or not, as a process chrooted into root_fd would see it:
 * links lead nowhere outside, magic links of procfs are refused. flags of open(2) (O_CLOEXEC is
 * added), resolve: more RESOLVE_* bits of openat2(2). Returns a descriptor or -errno. */
int resolve_open(int root_fd, const char *path, int flags, uint64_t resolve);

/* The same with O_PATH, making what is missing: directories on the way with mode 0755, the last one
 * as `kind` with `mode`. Follows dangling links to where they point inside the root. Returns a
 * descriptor or -errno. */
int resolve_make(int root_fd, const char *path, ResolveKind kind, mode_t mode);

/* Directory of the last component, made when missing, and that component in *name (points into
 * path). -EINVAL for a path that ends in "/", "." or "..". */
int resolve_make_parent(int root_fd, const char *path, const char **name);
