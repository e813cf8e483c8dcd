/* <string.h> with the checks of _FORTIFY_SOURCE, which musl leaves to others: see chk.h. */
#pragma once

#include_next <string.h>

#include "helper/musl/chk.h"

#define memcpy(to, from, n) __builtin___memcpy_chk(to, from, n, CHK_SIZE(to))
#define memset(to, byte, n) __builtin___memset_chk(to, byte, n, CHK_SIZE(to))
