/* <sys/pidfd.h>, which glibc has and musl has not. */
#pragma once

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int pidfd_open(pid_t pid, unsigned flags)
{
        return (int) syscall(SYS_pidfd_open, pid, flags);
}

static inline int pidfd_send_signal(int pidfd, int number, siginfo_t *info, unsigned flags)
{
        return (int) syscall(SYS_pidfd_send_signal, pidfd, number, info, flags);
}

static inline int pidfd_getfd(int pidfd, int fd, unsigned flags)
{
        return (int) syscall(SYS_pidfd_getfd, pidfd, fd, flags);
}
