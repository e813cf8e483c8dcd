/* The heap of the quick programs. musl's gives a page back to the kernel as soon as nothing in it
 * is used, and asks for it again at the next allocation: some ninety system calls and as many pages
 * to be cleared in one `run`, a fortieth of all that a run costs the machine. These programs are
 * small and over soon: what they free is kept for their next allocation of about the same size, and
 * nothing goes back to the kernel but what is large. So one that waits for days (an attached `run`)
 * never has more than it once needed at a time. */
#pragma once

#include <stddef.h>

/* malloc(3), free(3), realloc(3) and calloc(3): NULL and ENOMEM when there is no more. Memory is
 * aligned for any type. What was not allocated here, was freed already, or lies behind something
 * that was written beyond its end, ends the program. */
void *memory_allocate(size_t size);
void memory_release(void *memory);
void *memory_resize(void *memory, size_t size);
void *memory_allocate_zeroed(size_t n, size_t size);
