/* The first process of a container beside its payload, when that asks for one. */
#pragma once

#include "helper/context.h"

/* Returns 0 in the process that becomes the payload; the caller itself never comes back: it hands
 * signals on, reaps what nobody waits for, and ends as the payload does. -errno: nothing happened.
 */
int init_split(Context *ctx);
