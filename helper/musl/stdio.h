/* <stdio.h> with the checks of _FORTIFY_SOURCE, which musl leaves to others: see chk.h. */
#pragma once

#include_next <stdio.h>

#include "helper/musl/chk.h"

#define snprintf(to, n, ...)      __builtin___snprintf_chk(to, n, 0, CHK_SIZE(to), __VA_ARGS__)
#define vsnprintf(to, n, fmt, ap) __builtin___vsnprintf_chk(to, n, 0, CHK_SIZE(to), fmt, ap)
