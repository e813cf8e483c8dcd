/* Inputs that are lists: one item a line. */
#pragma once

#include "fuzz/fuzz.h"

#define FUZZ_LINES_MAX 64

typedef struct FuzzLines {
        char *items[FUZZ_LINES_MAX + 1]; /* NULL-terminated */
        size_t n;
} FuzzLines;

static inline void fuzz_lines_init(FuzzLines *lines, const uint8_t *data, size_t size)
{
        *lines = (FuzzLines){ 0 };
        for (size_t i = 0; i <= size && lines->n < FUZZ_LINES_MAX;) {
                const uint8_t *end = i < size ? memchr(data + i, '\n', size - i) : NULL;
                size_t n = (end ? (size_t) (end - data) : size) - i;
                char *item = fuzz_string(data + i, n);

                if (item)
                        lines->items[lines->n++] = item;
                i += n + 1;
        }
}

static inline void fuzz_lines_done(FuzzLines *lines)
{
        for (size_t i = 0; i < lines->n; i++)
                free(lines->items[i]);
}
