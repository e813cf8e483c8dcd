/* Names of users and groups as a root file system knows them, without the C library's lookups,
 * which would answer for the host and load its modules. */
#pragma once

#include "spec/spec.h"

typedef struct RootfsUser {
        uint32_t uid, gid;
        uint32_t *groups; /* supplementary */
        size_t n_groups;
} RootfsUser;

/* user: NAME, UID, NAME:GROUP or UID:GID, NULL = root. group: instead of the user's primary one,
 * NULL = that. extra: supplementary groups beside those that list the user's name, may be NULL.
 * Reads etc/passwd and etc/group below rootfs only when a name or a primary group has to be found
 * there: regular files, no link leads outside. passwd(5), group(5). */
int rootfs_user_find(const char *rootfs, const char *user, const char *group, const SpecStrv *extra,
        RootfsUser *ret, CtrError *err);
void rootfs_user_done(RootfsUser *user);
