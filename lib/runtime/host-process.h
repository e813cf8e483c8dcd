/* Processes of the host in a service's cgroup, beside those of the container: PID 1's own before
 * their execve, ctr-exec until it has told that the container runs, and what ctr-exec runs for it
 * in the host's namespaces: hooks, the exit record. */
#pragma once

#include "base/macro.h"

#include <sys/types.h>

/* In PID 1's mount namespace, where no process of a container is unless it joined that one. False
 * when it cannot be told. */
bool host_process_has_mounts(pid_t pid);

/* Runs PID 1's program or ctr-exec, in whatever namespaces. */
bool host_process_is_ours(pid_t pid);

/* Takes the host's processes out of a container's (ascending), and what ends just now. init: its
 * first process, 0 = none; where that one itself is in the host's mount namespace, all are the
 * container's. Returns how many are left. */
size_t host_process_leave_out(pid_t *pids, size_t n, pid_t init);
