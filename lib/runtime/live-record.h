/* STATE/live: what a table shows of a container and what proves that it still is so, in one
 * symbolic link, which is read in one call. Whoever creates a container makes it once the container
 * is whole. It says which process is meant, never that it lives: one that is not that process any
 * more, one that a newer version wrote, or no record at all, is a reason to look closer. */
#pragma once

#include "runtime/state.h"

#define LIVE_RECORD_MAX 1024 /* a container with a longer path has none */

typedef struct LiveRecord {
        pid_t pid;
        /* The inode of its pidfd, which no other process of this boot has; on kernels without
         * (before 6.9) its start time. */
        uint64_t identity;
        bool is_inode;
        bool has_gate; /* it was made by `create`: the gate tells whether it was started */
        uint64_t created_usec;
        uid_t owner;
        const char *unit, *slice, *bundle; /* in text */
        char text[LIVE_RECORD_MAX];
} LiveRecord;

/* Makes the record of a container with a unit. Best effort: without one `list` takes longer. */
void live_record_write(int dir_fd, const ContainerState *state, pid_t pid, int pidfd);

/* By its path below dir_fd. False when there is none, or one that says something else. */
bool live_record_read_at(int dir_fd, const char *path, LiveRecord *ret);

/* Whether the process that is meant is alive. */
bool live_record_is_alive(const LiveRecord *record);

/* Both ways in memory, for tests. -ENAMETOOLONG when it is too much for a link. */
int live_record_print(const LiveRecord *record, char text[static LIVE_RECORD_MAX]);
bool live_record_parse(LiveRecord *record);
