/* `ctr-exec prepare`: see prepare.c. */
#pragma once

#include "base/error.h"

/* Makes sure that STATE/program was compiled from the config with this digest. Returns 0 when it is
 * there already; otherwise raises the unit's limits and becomes `ctrctl compile`, or returns -errno
 * with *err. */
int prepare_program(const char *state_dir, const char *id, const char *digest, const char *config,
        CtrError *err);
