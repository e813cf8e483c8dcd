/* Files of a root file system that the host reads, of which a running container may make whatever
 * it likes. */
#pragma once

#include "base/error.h"

#define ROOTFS_FILE_SIZE_MAX (1024U * 1024)

/* Reads a regular file below root_fd, of at most ROOTFS_FILE_SIZE_MAX bytes; no link leads outside.
 * What else is there, a pipe, a device, is only looked at: to open one does something to it, and
 * the reader is in no container's control group, whose rules for devices would forbid it. One that
 * is not there is empty, and *ret is NULL. Returns 0, or -errno with *err. openat2(2) */
int rootfs_file_read(int root_fd, const char *path, char **ret, size_t *ret_size, CtrError *err);
