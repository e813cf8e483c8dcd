/* ctr-exec as our own child: for processes of exec and for containers of engines. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/* Negative: none. */
typedef struct HelperFds {
        int program, socket; /* as plan/launch.h has them */
        int cgroup;          /* to be born in, if the kernel lets it: not handed on */
} HelperFds;

/* Starts "ctr-exec VERB [ARGUMENT]" with program and socket at the numbers of plan/launch.h and 0,
 * 1 and 2 of ours: no other descriptor, no signal blocked or ignored, an empty environment.
 * argument may be NULL. is_silent: /dev/null instead of our 1 and 2. */
int helper_spawn(const char *verb, const char *argument, const HelperFds *fds, bool is_silent,
        pid_t *ret, CtrError *err);

/* Waits for its end. Returns its exit status, 128 + signal, or -errno. */
int helper_wait(pid_t pid);

/* Runs "ctr-exec poststop STATE" to its end: hooks that fail are warnings on standard error, unless
 * is_silent. */
void helper_run_poststop(const char *state_dir, bool is_silent);

/* Kills the ctr-exec that waits for `start` of an engine's container: it is in the cgroup of who
 * created it. It goes by itself with its clone, unless somebody has stopped it. */
void helper_kill(const char *state_dir);
