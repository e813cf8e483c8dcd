/* Sockets of a unit's .socket units, for the payload: sd_listen_fds(3). */
#pragma once

#include "helper/context.h"

/* How many descriptors from 3 on PID 1 has passed to this process: 0 unless LISTEN_PID is its own.
 * Looks at the environment. */
unsigned listen_count(void);

/* Makes the first n descriptors from 3 on (close-on-exec, below anything of ours) the payload's
 * first ones, before those that came with the launch request. names: LISTEN_FDNAMES, dropped when
 * there are others that it does not name. 0, or -errno with *err. */
int listen_keep(Context *ctx, unsigned n, const char *names, CtrError *err);
