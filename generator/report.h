/* Where a generator's messages go. systemd 252 drops its stderr, so besides that they go straight
 * to the journal's socket, or to the kernel log before there is a journal. Nothing here waits: PID
 * 1 waits for us. */
#pragma once

#include "base/error.h"

/* priority: 0 to 7 as syslog(3). unit: whose journal it shows up in (`journalctl -u`), NULL for
 * none. */
void report_line(int priority, const char *unit, const char *message);
