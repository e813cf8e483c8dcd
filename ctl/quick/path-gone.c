/* runtime/path-gone.h for a program of one thread: it is told by the directory (fcntl(2),
 * F_NOTIFY), without looking again and again. Not by inotify(7): whoever closes a watch, or ends
 * with one, waits for a grace period of the kernel's SRCU, 10 to 25 ms, more than PID 1 needs for
 * all else. */
#include "runtime/path-gone.h"

#include "base/io.h"
#include "runtime/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NSEC_PER_MSEC 1000000L
#define LOOK_MSEC     10 /* besides, should nobody tell us */
#define UNTOLD_MSEC   1  /* a kernel without CONFIG_DNOTIFY */

bool path_is_gone(const char *path)
{
        return access(path, F_OK) < 0 && errno == ENOENT;
}

static int open_parent(const char *path)
{
        char parent[CGROUP_PATH_MAX];

        (void) snprintf(parent, sizeof(parent), "%.*s", (int) (strrchr(path, '/') - path), path);
        return open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool await(int directory_fd, const sigset_t *told, const char *path, int limit_msec)
{
        for (int waited = 0; waited <= limit_msec;) {
                bool is_told = fcntl(directory_fd, F_NOTIFY, DN_DELETE) >= 0;
                int step = is_told ? LOOK_MSEC : UNTOLD_MSEC;

                if (path_is_gone(path))
                        return true;
                if (sigtimedwait(
                            told, NULL, &(struct timespec){ .tv_nsec = step * NSEC_PER_MSEC }) < 0)
                        waited += step;
        }
        return false;
}

/* The signal is process-directed and pending at most once: it is taken back before it may be
 * delivered again. */
bool path_await_gone(const char *path, int limit_msec)
{
        _cleanup_close_ int directory_fd = -EBADF;
        const struct timespec at_once = { 0 };
        sigset_t told, before;
        bool is_gone;

        if (path_is_gone(path))
                return true;
        directory_fd = open_parent(path);
        (void) sigemptyset(&told);
        (void) sigaddset(&told, SIGIO);
        (void) sigprocmask(SIG_BLOCK, &told, &before);
        is_gone = await(directory_fd, &told, path, limit_msec);
        closep(&directory_fd);
        directory_fd = -EBADF;
        (void) sigtimedwait(&told, NULL, &at_once);
        (void) sigprocmask(SIG_SETMASK, &before, NULL);
        return is_gone;
}
