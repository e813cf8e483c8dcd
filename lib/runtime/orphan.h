/* Containers whose state is gone or damaged: `delete -f` finds what is left of them by the id. */
#pragma once

#include "runtime/container.h"

/* Ends and removes everything that belongs to the id. Nothing to be found is success. */
int orphan_delete(const Runtime *rt, const char *id, CtrError *err);
