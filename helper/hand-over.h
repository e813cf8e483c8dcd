/* The hand-over of the clone to PID 1. */
#pragma once

#include "helper/context.h"

/* Are there poststart hooks? `start` waits for them, and the payload runs beside them. */
bool hand_over_has_poststart(const Context *ctx);

/* Lets the payload run, once PID 1 was told that the unit is up: a traced process does not end by
 * itself. Nothing to do for one that is not traced. */
void hand_over_release(Context *ctx);

/* Serves the signals of a traced clone whose payload runs, when ctx->trace_fd is readable. */
void hand_over_attend(Context *ctx);
