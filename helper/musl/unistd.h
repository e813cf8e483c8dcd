/* <unistd.h> with two calls that musl has no wrapper for, and the checks of _FORTIFY_SOURCE
 * (chk.h). */
#pragma once

#include_next <unistd.h>

#include "helper/musl/chk.h"

#include <sys/syscall.h>

#define read(fd, to, n)                 __read_chk(fd, to, n, CHK_SIZE(to))
#define readlinkat(dir_fd, path, to, n) __readlinkat_chk(dir_fd, path, to, n, CHK_SIZE(to))

static inline int close_range(unsigned first, unsigned last, int flags)
{
        return (int) syscall(SYS_close_range, first, last, flags);
}

static inline int execveat(
        int dir_fd, const char *path, char *const argv[], char *const envp[], int flags)
{
        return (int) syscall(SYS_execveat, dir_fd, path, argv, envp, flags);
}
