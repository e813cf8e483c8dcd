/* Files and descriptors: whole-file reads with a size limit, atomic writes, retrying writes,
 * process start times. Only libc; the parts without malloc (marked) serve the static helper too. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/* Reads a regular file whole: O_NOFOLLOW on the last component, O_NONBLOCK, refuses other types and
 * more than max_size bytes (-EFBIG). The result has a NUL after its last byte. dir_fd as openat(2).
 * Returns 0 or -errno with *err; -ENOENT is left to the caller to judge. */
int ctr_read_file(
        int dir_fd, const char *path, size_t max_size, char **ret, size_t *ret_size, CtrError *err);

/* The same for an open descriptor (a pipe or socket too): reads to its end. */
int ctr_read_fd(
        int fd, const char *name, size_t max_size, char **ret, size_t *ret_size, CtrError *err);

/* Writes name in dir_fd by a temporary file and rename(2): readers see the old or the new content
 * whole. No malloc. Returns 0 or -errno (the temporary file is removed). */
int ctr_write_file_atomic(int dir_fd, const char *name, const void *data, size_t size, mode_t mode);

/* Writes everything, over EINTR and short writes. No malloc. */
int ctr_write_all(int fd, const void *data, size_t size);

/* Opens path and writes value by one write(2), as cgroup and proc files want it. No malloc. */
int ctr_write_value(int dir_fd, const char *path, const char *value);

/* Start time of a process in clock ticks since boot (proc(5), stat field 22). -ESRCH when it is
 * gone or a zombie. No malloc. */
int ctr_process_starttime(pid_t pid, uint64_t *ret);

/* mkdir -p for a host path with this mode for what is made. Existing directories are left as they
 * are. */
int ctr_mkdir_parents(const char *path, mode_t mode, CtrError *err);

/* Removes a directory tree by descriptors, never following links nor crossing into another mount
 * (-EBUSY), however deep it is. Missing is success. */
int ctr_remove_tree(int dir_fd, const char *name);

/* Decimal number in full: no sign, blank, leading zero nor rest. -EINVAL, or -ERANGE above max. No
 * malloc. */
int ctr_parse_u64(const char *text, uint64_t max, uint64_t *ret);
