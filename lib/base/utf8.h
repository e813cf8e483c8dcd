/* UTF-8, the one encoding of JSON. No allocation. */
#pragma once

#include "base/macro.h"

/* Bytes of the well-formed character at s (1 to 4); 0 = none: overlong, a surrogate, above
 * U+10FFFF, cut off. */
size_t utf8_length(const char *s, size_t size);

/* Writes a code point below 0x110000. Returns its length. */
size_t utf8_encode(unsigned c, char buf[static 4]);
