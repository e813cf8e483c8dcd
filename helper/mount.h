/* Mounts by descriptor: what the operations that mount have in common. */
#pragma once

#include "helper/context.h"

/* MOUNT_ATTR_* bits and a propagation type (MS_SHARED...; 0 = as it is) for mount_setattr(2). */
typedef struct MountChange {
        uint64_t set;
        uint64_t clear;
        uint64_t propagation;
        bool is_recursive;
} MountChange;

/* Changes the mount that fd is the root of. 0 or -errno. */
int mount_change(int fd, const MountChange *change);

/* A detached clone of what fd refers to. Returns a descriptor or -errno. */
int mount_clone(int fd, bool is_recursive);

/* Attaches a detached mount over what target_fd refers to. 0 or -errno. */
int mount_attach(int mount_fd, int target_fd);

/* A new file system, not attached. source may be NULL; options: "flag" and "key=value", a list of
 * the program. On error the kernel's own explanation is in *err when it gave one. Returns a
 * descriptor or -errno. */
int mount_new(const Context *ctx, const char *type, const char *source, ProgramData options,
        uint64_t attr, CtrError *err);

/* The same for a tmpfs whose options name no mode: it gets that of the directory it will cover. */
int mount_new_tmpfs(const Context *ctx, const char *source, ProgramData options, mode_t mode,
        uint64_t attr, CtrError *err);

/* Refuses targets whose cover would show the container a false procfs: type is the new file
 * system's, NULL for a bind of source_fd. 0, or -EPERM with *err. */
int mount_check_target(int target_fd, const char *path, const char *type, int source_fd,
        Context *ctx, CtrError *err);
