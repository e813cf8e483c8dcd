/* A list of blocks; the newest has the free room. Small pieces share a block, a large one gets its
 * own. */
#include "spec/spec-arena.h"

#include <string.h>

enum { BLOCK_SIZE = 8192 };

struct SpecArenaBlock {
        SpecArenaBlock *next;
        max_align_t data[];
};

void *spec_arena_alloc(SpecArena *arena, size_t n, size_t item_size)
{
        const size_t align = sizeof(max_align_t);
        SpecArenaBlock *block;
        size_t size;
        void *p;

        if (__builtin_mul_overflow(n + 1, item_size, &size) || size > SIZE_MAX / 2)
                return NULL;
        size = (size + align - 1) / align * align;
        if (size > arena->size - arena->used) {
                size_t room = MAX_OF(size, (size_t) BLOCK_SIZE);

                block = calloc(1, sizeof(*block) + room);
                if (!block)
                        return NULL;
                block->next = arena->blocks;
                arena->blocks = block;
                arena->used = 0;
                arena->size = room;
        }
        p = (char *) arena->blocks->data + arena->used;
        arena->used += size;
        return p;
}

char *spec_arena_strdup(SpecArena *arena, const char *s)
{
        size_t size = strlen(s);
        char *p = spec_arena_alloc(arena, size, 1);

        if (p)
                memcpy(p, s, size);
        return p;
}

void spec_arena_done(SpecArena *arena)
{
        while (arena->blocks) {
                SpecArenaBlock *block = arena->blocks;

                arena->blocks = block->next;
                free(block);
        }
        *arena = (SpecArena){ 0 };
}
