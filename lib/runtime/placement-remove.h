/* The end of what placement.h makes. */
#pragma once

#include "runtime/container.h"

/* `delete`: what is left in it is killed, the cgroup removed or given back to PID 1. Does not wait
 * for PID 1 to forget a scope. */
int placement_remove(const Container *c, const ContainerProcess *process, CtrError *err);

/* The same after an attached run that came to its end. Failures do not matter any more. */
void placement_end(const Container *c, const ContainerProcess *process);
