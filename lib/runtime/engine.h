/* Starting a container that is not a service: ctr-exec as our child, its clone as our child too, so
 * that whoever started us can wait for it once we are gone. */
#pragma once

#include "runtime/creation.h"

/* Starts ctr-exec, places the clone as soon as there is one, and returns with the reply CREATED or
 * STARTED, and a pidfd. While PID 1 makes the scope ctr-exec goes on with what does not depend on
 * it. */
int engine_start(
        Creation *c, const LaunchFds *fds, LaunchReply *ret, int *ret_pidfd, CtrError *err);

/* Kills and reaps what engine_start() started. */
void engine_abort(Creation *c);

/* The exit status of the payload, which has ended; ctr-exec and the poststart hooks too. */
int engine_reap(Creation *c, int *ret_status, CtrError *err);

/* Poststop hooks, cgroup and state of a container whose payload has ended. */
void engine_remove(Creation *c);
