/* How ps shows processes, for every verb that does. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/* form: "json", else the lines of ps(1) with these arguments, NULL-terminated (-ef when there are
 * none). */
int ps_print(const char *form, char *const *arguments, const pid_t *pids, size_t n, CtrError *err);
