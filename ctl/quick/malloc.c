/* The heap's functions under the names that all code calls, musl's and the libraries' too: a
 * program that is linked with these has no other (memory.h). */
#include "ctl/quick/memory.h"

#include <errno.h>
#include <stdlib.h>

void *malloc(size_t size)
{
        return memory_allocate(size);
}

void free(void *memory)
{
        memory_release(memory);
}

void *realloc(void *memory, size_t size)
{
        return memory_resize(memory, size);
}

void *calloc(size_t n, size_t size)
{
        return memory_allocate_zeroed(n, size);
}

/* What is aligned for any type is enough for all that these programs call. */
void *aligned_alloc(size_t alignment, size_t size)
{
        if (alignment > _Alignof(max_align_t)) {
                errno = EINVAL;
                return NULL;
        }
        return memory_allocate(size);
}
