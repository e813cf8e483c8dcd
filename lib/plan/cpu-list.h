/* Lists of numbers as cpuset(7) writes them ("0-3,5") as the bit masks that systemd takes. */
#pragma once

#include "base/error.h"

#define CPU_LIST_MAX 8192 /* numbers below this: systemd's and the kernel's own limit is 8192 */

typedef struct CpuMask {
        uint8_t bytes[CPU_LIST_MAX / 8];
        size_t n_bytes; /* up to the last one that is not 0 */
} CpuMask;

/* Returns 0 or -EINVAL. Blanks and empty elements are errors. */
int cpu_list_parse(const char *text, CpuMask *ret);
