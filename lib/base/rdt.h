/* Directories of the resctrl file system that were made for a container: their record in the state
 * directory, and their removal by it. Only libc, no malloc: the static helper uses it too. */
#pragma once

#include "base/macro.h"

#define RDT_ROOT "/sys/fs/resctrl"

/* Flags of the operation "rdt". */
enum {
        RDT_MUST_EXIST = 1, /* the directory is somebody else's: it is never made */
        RDT_OWN = 2,        /* it is the container's own: what it says is written, not compared */
        RDT_FILES = 4, /* a made-up tree, for tests: its files are made where they are missing */
};

/* Adds a directory to the record in this state directory; before it is made, so that nothing that
 * ends the caller leaves it behind. 0 or -errno. */
int rdt_record(int state_fd, const char *path);

/* Removes the directories of the record, the last one first, and the record. What is missing or in
 * use is left. */
void rdt_release(int state_fd);
