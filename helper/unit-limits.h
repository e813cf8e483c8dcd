/* The limits that PID 1 has already put on the unit's cgroup, taken back for the set-up: pids.max
 * of 1 could not even clone, and hooks would run in the payload's 4 MiB. */
#pragma once

#include "helper/context.h"

/* Raises pids.max and memory.max of the own cgroup to "max" and remembers what they were. Nothing
 * to do where the controllers are not there. 0, or -errno with *err. */
int limits_raise(SavedLimits *limits, CtrError *err);

/* Writes back what limits_raise() found, unless the file no longer says "max": then PID 1 wrote
 * something newer, which stays. */
int limits_restore(const SavedLimits *limits, CtrError *err);

/* Hands the values from `prepare` to `run` of the same invocation: a file of STATE. */
int limits_save(const SavedLimits *limits, int state_fd, const char *invocation_id, CtrError *err);
int limits_take(SavedLimits *limits, int state_fd, const char *invocation_id);
