/* Unpacking an archive of a stranger into a directory: by descriptors, and nothing of it ever
 * reaches outside, whatever names and links it has. */
#pragma once

#include "base/error.h"

typedef struct UnpackOptions {
        int archive_fd;
        int target_fd;   /* directory */
        bool wants_meta; /* the root file system is below "rootfs/", beside it is meta.json */
        /* Told now and then; a negative result ends the work. */
        int (*progress)(void *userdata, uint64_t done, uint64_t total);
        void *userdata;
} UnpackOptions;

/* Whatever the archive's compression is. ret_meta: the text of meta.json, or NULL. On failure the
 * directory may have a part of it. */
int runtime_unpack(const UnpackOptions *options, char **ret_meta, CtrError *err);
