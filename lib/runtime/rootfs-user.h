/* Names of users and groups as a root file system knows them, without the C library's lookups,
 * which would answer for the host and load its modules. */
#pragma once

#include "spec/spec.h"

typedef struct RootfsUser {
        uint32_t uid, gid;
        uint32_t *groups; /* supplementary */
        size_t n_groups;
} RootfsUser;

/* user: "USER[:GROUP]", each a name or a decimal number; NULL or "" = root. group: instead of the
 * one in user, NULL = that, else the primary group of the user's line. Without a group of either
 * kind the user also has those groups that list it. extra: supplementary groups beside them, may be
 * NULL. Numbers need no line. Reads etc/passwd and etc/group below the root: regular files of at
 * most 1 MiB, no link leads outside. passwd(5), group(5). */
int rootfs_user_find_at(int root_fd, const char *user, const char *group, const SpecStrv *extra,
        RootfsUser *ret, CtrError *err);
int rootfs_user_find(const char *rootfs, const char *user, const char *group, const SpecStrv *extra,
        RootfsUser *ret, CtrError *err);

/* The same from the texts of the two files. */
int rootfs_user_find_in(const char *passwd, const char *group_file, const char *user,
        const char *group, const SpecStrv *extra, RootfsUser *ret, CtrError *err);

void rootfs_user_done(RootfsUser *user);
