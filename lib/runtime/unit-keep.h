/* What ctr-generator made of a container, kept in its state directory (STATE_FILE_UNIT): should the
 * configuration break or go while the container runs, PID 1 must not forget its limits and ports at
 * the next daemon-reload (generator/running.h).
 *
 * The file is the text of the unit, and then that of each unit beside it (published ports, health
 * checks) after a line STATE_UNIT_MARK and its name. */
#pragma once

#include "runtime/state-dir.h"

/* unit: the name of the container's; digest: of the configuration that it must have been made of. A
 * unit of the administrator's own is no concern of the generator's: then nothing is kept. */
int unit_keep(const StateDir *dir, const char *unit, const char *digest, CtrError *err);
