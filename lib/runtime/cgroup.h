/* Reading the cgroup tree (cgroup v2, /sys/fs/cgroup): where a container is, what runs in it,
 * whether it is frozen. Nothing is ever written here but cgroup.kill: limits and freezing belong to
 * PID 1. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

#define CGROUP_ROOT     "/sys/fs/cgroup"
#define CGROUP_PATH_MAX 4096

#define CGROUP_FILE_EVENTS "cgroup.events"

/* Directory of the cgroup a process is in, from /proc/PID/cgroup; -ESRCH when it is gone. */
int cgroup_of_process(pid_t pid, char ret[static CGROUP_PATH_MAX]);

/* Cuts a process's cgroup directory back to the one of this unit, of which it may be in a part.
 * -ENOENT when the unit's name is not in it. */
int cgroup_cut_to_unit(char path[static CGROUP_PATH_MAX], const char *unit);

/* Directory of a unit in a slice, whether it exists or not. */
int cgroup_of_unit(const char *slice, const char *unit, char ret[static CGROUP_PATH_MAX]);

/* The same in two steps, for many units: where PID 1's tree starts, and the directory below it. An
 * empty unit is the slice itself. */
int cgroup_find_root(char ret[static CGROUP_PATH_MAX]);
int cgroup_path_of(
        const char *root, const char *slice, const char *unit, char ret[static CGROUP_PATH_MAX]);

typedef struct CgroupEvents {
        bool is_populated;
        bool is_frozen;
} CgroupEvents;

/* cgroup.events of a cgroup directory, or the file itself; -ENOENT when there is none. */
int cgroup_read_events(const char *path, CgroupEvents *ret);
int cgroup_read_events_file(int dir_fd, const char *file, CgroupEvents *ret);
void cgroup_parse_events(const char *text, CgroupEvents *ret);

/* All processes in the cgroup and below, ascending, without those of the sub-cgroup ".control"
 * (systemd's own helpers). A missing cgroup has none. */
int cgroup_list_processes(const char *path, pid_t **ret, size_t *ret_n, CtrError *err);

/* SIGKILL to everything in it, forks included (cgroup.kill). Missing is success. */
int cgroup_kill(const char *path);
