/* What fuzz targets share. A target is one function over bytes; a property that must hold for all
 * of them is a FUZZ_CHECK, which ends the program. Built with -Dfuzz=true they are libFuzzer
 * programs, in every other build plain programs that run the kept corpus (corpus.c). */
#pragma once

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(expression)                                                                     \
        do {                                                                                       \
                if (!(expression)) {                                                               \
                        fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #expression); \
                        abort();                                                                   \
                }                                                                                  \
        } while (0)

/* The bytes as a string of exactly their size, so that AddressSanitizer sees a read beyond; NULL
 * when there is a NUL among them. */
static inline char *fuzz_string(const uint8_t *data, size_t size)
{
        return memchr(data, 0, size) ? NULL : strndup((const char *) data, size);
}

/* A refusal must say why, in one line. */
static inline void fuzz_check_error(int r, const CtrError *err)
{
        if (r >= 0)
                return;
        FUZZ_CHECK(err->message[0] != '\0');
        FUZZ_CHECK(!strchr(err->message, '\n') && !strchr(err->field, '\n'));
        FUZZ_CHECK(memchr(err->message, '\0', sizeof(err->message)));
        FUZZ_CHECK(memchr(err->field, '\0', sizeof(err->field)));
}
