/* A user with primary and supplementary groups, each given apart, as a root file system knows them
 * (user-name.h). */
#pragma once

#include "spec/spec.h"

typedef struct RootfsUser {
        uint32_t uid, gid;
        uint32_t *groups; /* supplementary */
        size_t n_groups;
} RootfsUser;

/* user: NAME, UID, NAME:GROUP or UID:GID, NULL = root. group: instead of the user's primary one,
 * NULL = that. extra: supplementary groups beside those that list the user's name, may be NULL.
 * With none of the three nothing is read. passwd(5), group(5). */
int rootfs_user_find(const char *rootfs, const char *user, const char *group, const SpecStrv *extra,
        RootfsUser *ret, CtrError *err);
void rootfs_user_done(RootfsUser *user);
