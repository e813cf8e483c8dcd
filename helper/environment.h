/* What the payload finds in its environment beside what its configuration says. */
#pragma once

#include "helper/context.h"

/* Value of a variable in a list of "NAME=VALUE", the last one; NULL when it is not there. */
const char *environment_find(const Context *ctx, ProgramData list, const char *name);

/* An empty HOME is none: shells and libraries take it for the root directory. */
bool environment_has_home(const Context *ctx, ProgramData list);

/* The list as a vector in the arena, each variable once, with HOME when it has none, and with what
 * PID 1 gave the unit for its payload: LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES
 * (sd_listen_fds(3)), WATCHDOG_USEC and WATCHDOG_PID (sd_watchdog_enabled(3)),
 * CREDENTIALS_DIRECTORY (systemd.exec(5)). Those replace what the list says. NULL when out of
 * memory. */
char **environment_make(Context *ctx, ProgramData list);
