/* A root file system that is an image: one file with a file system in it, which the kernel reads.
 * So whoever wrote it is as trusted as root: the file must be root's alone, and of a kind that is
 * listed here. */
#pragma once

#include "base/name.h"

/* Whether the path is a file: 1, else 0 (whatever it is). */
bool image_is_file(const char *path);

/* Mounts it on the directory rootfs of the bundle that there is for this id, read-only, by a mount
 * unit of systemd. *ret: the path of that; unit: the name of the mount unit. Errors: CONFIG_INVALID
 * for a file that others can write or that is no image. The mount goes with the bundle. */
int image_mount(const char *path, const char *id, char *ret, size_t size,
        char unit[static CTR_UNIT_NAME_MAX], CtrError *err);
