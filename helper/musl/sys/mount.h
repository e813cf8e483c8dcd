/* <sys/mount.h> as helper/ wants it, for a C library that stops at mount(2): with the file
 * descriptor based calls of Linux 5.2 and later. */
#pragma once

#include_next <sys/mount.h>

#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int fsopen(const char *fs_name, unsigned flags)
{
        return (int) syscall(SYS_fsopen, fs_name, flags);
}

static inline int fsconfig(int fd, unsigned cmd, const char *key, const void *value, int aux)
{
        return (int) syscall(SYS_fsconfig, fd, cmd, key, value, aux);
}

static inline int fsmount(int fd, unsigned flags, unsigned attr_flags)
{
        return (int) syscall(SYS_fsmount, fd, flags, attr_flags);
}

static inline int move_mount(
        int from_fd, const char *from_path, int to_fd, const char *to_path, unsigned flags)
{
        return (int) syscall(SYS_move_mount, from_fd, from_path, to_fd, to_path, flags);
}

static inline int open_tree(int dir_fd, const char *path, unsigned flags)
{
        return (int) syscall(SYS_open_tree, dir_fd, path, flags);
}

static inline int mount_setattr(
        int dir_fd, const char *path, unsigned flags, struct mount_attr *attr, size_t size)
{
        return (int) syscall(SYS_mount_setattr, dir_fd, path, flags, attr, size);
}
