/* Compiled system call filters, kept in ROOT/bpf (0700) until the next boot: one file a filter,
 * named by the SHA-256 of what it was compiled from. Entries are written by temporary file and
 * rename, at most FILTER_CACHE_MAX of them. A directory or entry that somebody but us could have
 * written is not used, and a damaged entry counts as none. Nothing here fails: without a cache
 * filters are compiled. */
#pragma once

#include "runtime/runtime.h"

#define FILTER_CACHE_MAX 64

typedef struct FilterCache {
        PlanFilterCache plan; /* for PlanContext and PlanExec */
        const Runtime *runtime;
} FilterCache;

/* Must not move while it is in use. Opens nothing yet. */
void filter_cache_init(FilterCache *cache, const Runtime *rt);
