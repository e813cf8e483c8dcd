/* `run` with a step of the caller's between preparing and starting. */
#pragma once

#include "runtime/creation.h"

/* runtime_run(); prepare (NULL: nothing) is called once the state is written. */
int run_prepared(const Runtime *rt, const RuntimeCreate *options,
        int (*prepare)(Creation *c, CtrError *err), int *ret_status, CtrError *err);
