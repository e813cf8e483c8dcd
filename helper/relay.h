/* Notifications of a payload that PID 1 must not hear unfiltered: `ctr-exec relay INSTANCE`,
 * started by ctr-notify@INSTANCE.socket. */
#pragma once

#include "base/error.h"

/* Repeats what arrives at the socket that PID 1 passed (descriptor 3) as a message of
 * ctr@INSTANCE.service, and returns once nothing has come for a second. 0, or -errno with *err. */
int relay_run(const char *instance, CtrError *err);
