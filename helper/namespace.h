/* ctr-exec's own namespaces: it enters others before the clone, for the clone to be born in them,
 * and is back in its own for everything that follows (hooks, files of STATE). */
#pragma once

#include "helper/context.h"

/* Keeps a descriptor of each of these own namespaces (CLONE_NEW* bits; not the user namespace, out
 * of which nothing leads) to come back to. 0, or -errno with *err. */
int namespace_keep_own(Context *ctx, uint64_t flags, CtrError *err);

/* Back into every one that was kept. Only the first call does anything. */
int namespace_return(Context *ctx, CtrError *err);
