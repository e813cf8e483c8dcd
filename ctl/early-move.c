/* See early-move.h. The wait is that of cgroup_threadgroup_rwsem (kernel/cgroup/cgroup.c), a
 * semaphore that is cheap for whoever forks and dear for whoever moves. */
#include "ctl/early-move.h"

#include "base/io.h"
#include "runtime/cgroup.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *move(void *unused _unused_)
{
        char path[CGROUP_PATH_MAX + sizeof("/cgroup.procs")];
        _cleanup_close_ int fd = -EBADF;

        /* A descriptor of ours must not be taken for one that the caller preserves. */
        if (unshare(CLONE_FILES) < 0)
                return NULL;
        /* One outside of our namespace, as "/..", would be another one here. */
        if (cgroup_of_process(getpid(), path) < 0 || strstr(path, "/.."))
                return NULL;
        (void) strcat(path, "/cgroup.procs");
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd >= 0)
                (void) ctr_write_all(fd, "0", 1);
        return NULL;
}

void early_move_begin(void)
{
        sigset_t all, before;
        pthread_t thread;

        /* Signals are the main thread's. */
        (void) sigfillset(&all);
        (void) pthread_sigmask(SIG_BLOCK, &all, &before);
        if (pthread_create(&thread, NULL, move, NULL) == 0)
                (void) pthread_detach(thread);
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
}
