/* Units by what is written in them, when nothing else tells their name. */
#pragma once

#include "sd/sd-unit.h"

/* The loaded unit whose name matches the glob pattern and whose Documentation= has this entry.
 * Returns 1 with its name, 0 when there is none. */
int sd_find_documented(SdConnection *c, const char *pattern, const char *url, char *ret,
        size_t size, CtrError *err);
