/* Lengths of time as people and engines write them: "5s", "500ms", "1m30s", "1.5h". */
#pragma once

#include <stdint.h>

/* In milliseconds, rounded down. A number without a unit means seconds. -EINVAL, or -ERANGE beyond
 * a year. */
int duration_parse(const char *text, uint64_t *ret_msec);
