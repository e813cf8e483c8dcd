/* Containers that run while their configuration is broken, masked or gone.
 *
 * At daemon-reload PID 1 takes what it knows of a unit from its new text alone, also of one that
 * runs: without that text the container would lose its limits (their controllers are switched off
 * for the whole slice), its signals and time to end, its published ports would be closed, and
 * nobody would write down how it ended. So it keeps them from the texts that it was started with,
 * which are in its state directory (STATE_FILE_UNIT). Started again it is not. */
#pragma once

#include "generator/unit.h"

/* Adds to the stub of a container what its unit says of the process that runs, when one does.
 * -ENOMEM. */
int running_keep(const Search *search, const char *id, Unit *stub);

/* The unit of a container that runs and has no configuration (any more). 1, 0: it does not run, or
 * did not come from a unit of the generator's. -ENOMEM. */
int running_make_unit(const Search *search, const char *id, Unit *ret);

/* Calls f for the id of each container that has a state directory, as far as f returns 0. Returns
 * what f did. */
int running_for_each(
        const Search *search, int (*f)(const char *id, void *userdata), void *userdata);
