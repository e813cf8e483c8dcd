/* <stdio.h> with a call that musl has no wrapper for, and the checks of _FORTIFY_SOURCE (chk.h). */
#pragma once

#include_next <stdio.h>

#include "helper/musl/chk.h"

#include <sys/syscall.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

#define snprintf(to, n, ...)      __builtin___snprintf_chk(to, n, 0, CHK_SIZE(to), __VA_ARGS__)
#define vsnprintf(to, n, fmt, ap) __builtin___vsnprintf_chk(to, n, 0, CHK_SIZE(to), fmt, ap)

static inline int renameat2(
        int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
        return (int) syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}
