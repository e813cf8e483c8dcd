/* What ctr-exec says about itself: lines on standard error, and the record of a failed start for
 * everybody who waits. */
#pragma once

#include "helper/context.h"

/* One line on standard error: with the journal's priority prefix when that is the unit's stream. */
void report_warning(const Context *ctx, const char *fmt, ...) _printf_(2, 3);

/* Tells a failed start to the caller on the launch socket, to the journal, and to STATE/error. */
void report_failure(const Context *ctx, const LaunchReply *failure);
