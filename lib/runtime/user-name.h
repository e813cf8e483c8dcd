/* Users and groups by name, as the database of a root file system has them. The image is hostile:
 * its files are opened below the root, without devices and pipes, bounded, and parsed by hand (the
 * C library would load modules). Names that are numbers mean themselves. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

#define USER_GROUPS_MAX 64

typedef struct NamedUser {
        uid_t uid;
        gid_t gid;
        gid_t additional[USER_GROUPS_MAX]; /* groups that list the user as a member */
        size_t n_additional;
} NamedUser;

/* text: "USER[:GROUP]", each a name or a decimal number; "" is root. A user that has a line gets
 * its group and its additional groups, unless GROUP is given. passwd(5), group(5). */
int user_name_resolve(int rootfs_fd, const char *text, NamedUser *ret, CtrError *err);

/* The same from the texts of the two files. */
int user_name_find(
        const char *passwd, const char *group, const char *text, NamedUser *ret, CtrError *err);
