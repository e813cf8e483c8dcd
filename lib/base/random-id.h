/* Names that nobody else has: 128 random bits in hexadecimal digits. */
#pragma once

#include "base/error.h"

#define CTR_RANDOM_ID_SIZE 33 /* 32 digits and NUL */

/* CTR_ERROR_SYSTEM when there is no randomness. */
int ctr_random_id(char id[static CTR_RANDOM_ID_SIZE], CtrError *err);
