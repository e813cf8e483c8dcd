/* Why a container was killed, when it was for memory. */
#pragma once

#include "base/macro.h"

/* After the end of a unit (ExecStopPost=, by its variables): one line in the journal when the
 * kernel killed the payload for want of memory in this run. What was counted is kept in the state
 * directory, since the cgroup outlives a run that Restart= follows. */
void oom_report(int state_fd, const char *id);
