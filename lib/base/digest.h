/* SHA-256 of a whole buffer as text: what ties a unit to the exact config.json it was made from. */
#pragma once

#include "base/macro.h"

#define CTR_DIGEST_LENGTH 64 /* lower-case hexadecimal digits */

/* Writes the digest of size bytes at data, and a final NUL. */
void ctr_digest_hex(const void *data, size_t size, char ret[static CTR_DIGEST_LENGTH + 1]);
