/* Memory of one Spec: taken piece by piece, given back all at once, so no error path has anything
 * to free. */
#pragma once

#include "base/macro.h"

typedef struct SpecArenaBlock SpecArenaBlock;

typedef struct SpecArena {
        SpecArenaBlock *blocks;
        size_t used, size; /* of the newest block */
} SpecArena;

/* Zeroed memory for n items of this size, aligned for any type; NULL = out of memory. Room for one
 * more item (of zeroes) always follows: arrays that end in NULL need no arithmetic. */
void *spec_arena_alloc(SpecArena *arena, size_t n, size_t item_size);
char *spec_arena_strdup(SpecArena *arena, const char *s);
void spec_arena_done(SpecArena *arena);
