/* passwd(5), group(5) and subuid(5) as texts. The texts may be a container's own: every line that
 * is not exactly of its form is passed over, and numbers are plain decimals. */
#pragma once

#include "spec/spec.h"

typedef struct UserEntry {
        char name[64];
        uint32_t uid, gid;
} UserEntry;

/* By name, or with name NULL by number: the first line that fits. 0, or -ENOENT. */
int user_database_find_user(
        const char *passwd, size_t size, const char *name, uint32_t uid, UserEntry *ret);

/* 0, or -ENOENT. */
int user_database_find_group(const char *group, size_t size, const char *name, uint32_t *ret_gid);

/* Calls f for each group that lists the user, except its own. Negative results of f end it. */
int user_database_for_each_group(const char *group, size_t size, const char *user, uint32_t own_gid,
        int (*f)(void *userdata, uint32_t gid), void *userdata);

/* The next range of a name: *at begins at 0 and moves on. container_id is 0. 1, or 0 at the end. */
int user_database_next_range(
        const char *text, size_t size, const char *name, size_t *at, SpecIdMapping *ret);
