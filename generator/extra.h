/* Other units beside a container's own: of its ports, of its health checks. */
#pragma once

#include "generator/unit.h"

/* Adds one of this name; the stream takes its text, and fclose(3) ends it. NULL: out of memory. */
FILE *extra_begin(const PlanContext *ctx, const char *name, Unit *unit);

/* Frees all. */
void extras_done(Unit *unit);
