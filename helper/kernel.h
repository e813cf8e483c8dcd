/* System calls that glibc 2.36 has no wrapper for. Each returns like the wrapper would: -1 and
 * errno. */
#pragma once

#include "base/macro.h"

#include <linux/capability.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

static inline int sys_openat2(int dir_fd, const char *path, const struct open_how *how)
{
        return (int) syscall(SYS_openat2, dir_fd, path, how, sizeof(*how));
}

/* The default action, of those numbers too that C libraries keep for themselves (32 to 34): glibc's
 * posix_spawn(3) leaves them ignored. All of the structure is 0, in the layout of any processor. */
static inline int sys_signal_default(int number)
{
        const uint64_t action[4] = { 0 }, mask_size = 8;

        return (int) syscall(SYS_rt_sigaction, number, action, NULL, mask_size);
}

static inline pid_t sys_clone3(const struct clone_args *args)
{
        return (pid_t) syscall(SYS_clone3, args, sizeof(*args));
}

/* fork(2) of a sibling, by the call that every filter knows. */
static inline pid_t sys_clone_sibling(void)
{
#ifdef __s390__
        return (pid_t) syscall(SYS_clone, 0, CLONE_PARENT, 0, 0, 0);
#else
        return (pid_t) syscall(SYS_clone, CLONE_PARENT, 0, 0, 0, 0);
#endif
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
        return (int) syscall(SYS_pivot_root, new_root, put_old);
}

static inline int sys_capset(struct __user_cap_header_struct *header,
        const struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3])
{
        return (int) syscall(SYS_capset, header, data);
}

static inline int sys_capget(struct __user_cap_header_struct *header,
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3])
{
        return (int) syscall(SYS_capget, header, data);
}

static inline int sys_seccomp(unsigned operation, unsigned flags, void *args)
{
        return (int) syscall(SYS_seccomp, operation, flags, args);
}

static inline long sys_keyctl(int command, const void *arg2, unsigned long arg3)
{
        return syscall(SYS_keyctl, command, arg2, arg3, 0L, 0L);
}

static inline int sys_ioprio_set(int which, int who, int value)
{
        return (int) syscall(SYS_ioprio_set, which, who, value);
}

static inline ssize_t sys_getcwd(char *buf, size_t size)
{
        return syscall(SYS_getcwd, buf, size);
}

static inline ssize_t sys_getdents64(int fd, void *buf, size_t size)
{
        return syscall(SYS_getdents64, fd, buf, size);
}
