/* <unistd.h> with two calls that musl has no wrapper for. */
#pragma once

#include_next <unistd.h>

#include <sys/syscall.h>

static inline int close_range(unsigned first, unsigned last, int flags)
{
        return (int) syscall(SYS_close_range, first, last, flags);
}

static inline int execveat(
        int dir_fd, const char *path, char *const argv[], char *const envp[], int flags)
{
        return (int) syscall(SYS_execveat, dir_fd, path, argv, envp, flags);
}
