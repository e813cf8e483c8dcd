/* A stream to the journal, as PID 1 gives one to a unit's processes. */
#pragma once

#include "base/macro.h"

/* Lines written to it are records of this container's unit; "<N>" at their beginning is the
 * priority (sd-daemon(3)). id NULL: of no unit. Returns a descriptor or -errno. */
int journal_open_stream(const char *id);
