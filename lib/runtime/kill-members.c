/* SIGKILL to every process of a service: see kill-members.h. */
#include "runtime/kill-members.h"

#include "runtime/host-process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>

#define ROUNDS_MAX 100

/* Once init has ended PID 1 runs ctr-exec in the same cgroup, for the exit record and the poststop
 * hooks: cgroup.kill would hit those. They are what is in PID 1's mount namespace, where no process
 * of a container is, or still PID 1's or our own program. */
static bool is_recorder(pid_t pid)
{
        return host_process_has_mounts(pid) || host_process_is_ours(pid);
}

static bool is_below(const char *path, const char *directory)
{
        size_t n = strlen(directory);

        return strncmp(path, directory, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

static void kill_member(pid_t pid, const char *cgroup)
{
        _cleanup_close_ int pidfd = pidfd_open(pid, 0);
        char path[CGROUP_PATH_MAX];

        /* Checked after opening: the number can no longer change its meaning unseen. */
        if (pidfd >= 0 && cgroup_of_process(pid, path) >= 0 && is_below(path, cgroup) &&
                !is_recorder(pid))
                (void) pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
}

/* Returns how many were not there in the round before. */
static int kill_round(const char *cgroup, pid_t **before, size_t *n_before, CtrError *err)
{
        pid_t *pids;
        size_t n;
        int r, n_new = 0;

        r = cgroup_list_processes(cgroup, &pids, &n, err);
        if (r < 0)
                return r;
        for (size_t i = 0, k = 0; i < n; i++) {
                while (k < *n_before && (*before)[k] < pids[i])
                        k++;
                n_new += k == *n_before || (*before)[k] != pids[i];
                kill_member(pids[i], cgroup);
        }
        free(*before);
        *before = pids;
        *n_before = n;
        return n_new;
}

int kill_members(const Container *c, const ContainerProcess *process, CtrError *err)
{
        _cleanup_close_ int pidfd = container_open_process(process, NULL);
        _cleanup_free_ pid_t *before = NULL;
        char path[CGROUP_PATH_MAX];
        size_t n_before = 0;
        int r;

        if (pidfd >= 0 && pidfd_send_signal(pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot kill init of %s", c->id);
        r = container_get_cgroup(c, process, path);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cgroup of %s", c->id);
        for (int i = 0; i < ROUNDS_MAX; i++) {
                r = kill_round(path, &before, &n_before, err);
                if (r == 0)
                        return 0;
                if (r < 0)
                        break;
        }
        /* It makes processes faster than they can be told from others, or has more groups in groups
         * than can be looked into. */
        r = cgroup_kill(path);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot kill %s", path) : 0;
}
