/* <spawn.h> with a file action that musl does not know. What is not wanted in the new program is
 * marked in this one: for programs of one thread. */
#pragma once

#include_next <spawn.h>

#include <errno.h>
#include <linux/close_range.h>
#include <unistd.h>

static inline int posix_spawn_file_actions_addclosefrom_np(
        posix_spawn_file_actions_t *actions, int first)
{
        (void) actions;
        return close_range((unsigned) first, ~0U, CLOSE_RANGE_CLOEXEC) < 0 ? errno : 0;
}
