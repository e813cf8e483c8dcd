/* What PID 1 keeps of a unit in files. */
#pragma once

#include <stdbool.h>

/* Removes what systemd 252 leaves of a unit that is gone. */
void unit_files_forget(const char *unit);

/* Whether a transient unit is loaded: its file goes with it (systemd.unit(5),
 * /run/systemd/transient).
 */
bool unit_files_is_transient(const char *unit);
