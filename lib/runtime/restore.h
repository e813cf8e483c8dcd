/* The part of `run` that makes it a restore. */
#pragma once

#include "runtime/creation.h"
#include "runtime/criu.h"

/* Completes criu's command line from the container's configuration and writes the program that
 * executes it into the state directory. */
int restore_write(Creation *c, CtrError *err);
