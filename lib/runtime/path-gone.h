/* Waiting for PID 1 to remove a file or a cgroup. */
#pragma once

#include <stdbool.h>

/* Whether nothing has this path (ENOENT, and no other error). */
bool path_is_gone(const char *path);

/* Returns as soon as it is gone, give or take a tenth of the wait; false: it is still there after
 * so many milliseconds. */
bool path_await_gone(const char *path, int limit_msec);
