/* Processes of the host beside a container's: see host-process.h. */
#include "runtime/host-process.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static bool is_same_file(const struct stat *a, const struct stat *b)
{
        return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool stat_of(pid_t pid, const char *link, struct stat *ret)
{
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid, link);
        return stat(path, ret) >= 0;
}

bool host_process_has_mounts(pid_t pid)
{
        struct stat theirs, host;

        return stat_of(pid, "ns/mnt", &theirs) && stat_of(1, "ns/mnt", &host) &&
               is_same_file(&theirs, &host);
}

bool host_process_is_ours(pid_t pid)
{
        struct stat theirs, other;

        return stat_of(pid, "exe", &theirs) &&
               ((stat_of(1, "exe", &other) && is_same_file(&theirs, &other)) ||
                       (stat(CTR_EXEC_PATH, &other) >= 0 && is_same_file(&theirs, &other)));
}

/* A process that exits gives up its namespaces before it leaves its cgroup: ctr-exec, whose mounts
 * go at that moment, takes some time over it. */
static bool is_ending(pid_t pid)
{
        struct stat st;

        return !stat_of(pid, "ns/mnt", &st) && errno == ENOENT;
}

size_t host_process_leave_out(pid_t *pids, size_t n, pid_t init)
{
        size_t n_left = 0;

        if (init > 0 && host_process_has_mounts(init))
                return n;
        for (size_t i = 0; i < n; i++)
                if (!host_process_has_mounts(pids[i]) && !is_ending(pids[i]))
                        pids[n_left++] = pids[i];
        return n_left;
}
