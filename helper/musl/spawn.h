/* <spawn.h> with one action that musl has not. What it would do in the child is done here at once,
 * to the descriptors that there are: they close with the execve. Only for programs that start what
 * they start from one thread. */
#pragma once

#include_next <spawn.h>

#include <limits.h>
#include <linux/close_range.h>
#include <unistd.h>

static inline int posix_spawn_file_actions_addclosefrom_np(
        posix_spawn_file_actions_t *actions, int first)
{
        (void) actions;
        return close_range((unsigned) first, UINT_MAX, CLOSE_RANGE_CLOEXEC) < 0 ? errno : 0;
}
