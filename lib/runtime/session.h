/* Another process in a running container as a unit of its own, ctr-exec-TOKEN.service: PID 1's
 * child, so that it is not the caller's to reap, and that systemctl shows and stops. The unit ends
 * with its container's. */
#pragma once

#include "runtime/unit-process.h"

/* Starts options->session (an exec of options->id) and returns once it runs. */
int session_start(const Runtime *rt, const RuntimeExec *options, CtrError *err);
