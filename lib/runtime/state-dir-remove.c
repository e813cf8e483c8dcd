/* Removing state directories: see state-dir.h. */
#include "runtime/state-dir.h"

#include "base/io.h"
#include "base/rdt.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

int state_dir_await_creator(int fd, unsigned timeout_msec)
{
        struct timespec pause = { .tv_nsec = 1000000 };
        _cleanup_close_ int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct stat st;

        if (copy < 0 || fstat(copy, &st) < 0)
                return errno == ENOENT ? 1 : -errno;
        if (st.st_nlink == 0)
                return 1; /* removed since it was opened */
        for (unsigned waited = 0; waited < timeout_msec; waited++) {
                if (flock(copy, LOCK_SH | LOCK_NB) >= 0)
                        return waited > 0;
                (void) nanosleep(&pause, NULL);
        }
        return -ETIMEDOUT;
}

/* Pins are bind mounts of namespace files: ctr-exec's exit record removes them, unless it was
 * killed. */
static void detach_pins(int parent_fd, const char *id)
{
        char path[64 + CTR_ID_MAX + NAME_MAX];
        struct dirent *de;
        DIR *d;
        int fd;

        (void) snprintf(path, sizeof(path), "%s/" STATE_FILE_NAMESPACES, id);
        fd = openat(parent_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        d = fd >= 0 ? fdopendir(fd) : NULL;
        if (!d) {
                closep(&fd);
                return;
        }
        while ((de = readdir(d))) {
                if (de->d_name[0] == '.')
                        continue;
                (void) snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dirfd(d), de->d_name);
                while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) >= 0)
                        ;
        }
        (void) closedir(d);
}

/* ".ID.PID" of a process that no longer holds its lock. */
static void remove_leftovers(int parent_fd, const char *id)
{
        size_t n = strlen(id);
        struct dirent *de;
        int copy = openat(parent_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d = copy >= 0 ? fdopendir(copy) : NULL;

        if (!d) {
                closep(&copy);
                return;
        }
        while ((de = readdir(d))) {
                _cleanup_close_ int fd = -EBADF;
                const char *rest = de->d_name + 1 + n;

                if (de->d_name[0] != '.' || strncmp(de->d_name + 1, id, n) != 0 || rest[0] != '.' ||
                        rest[1] == '\0' || rest[1 + strspn(rest + 1, "0123456789")] != '\0')
                        continue;
                fd = openat(dirfd(d), de->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
                if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) >= 0)
                        (void) ctr_remove_tree(dirfd(d), de->d_name);
        }
        (void) closedir(d);
}

int state_dir_remove(const Runtime *rt, const char *id, bool with_leftovers, CtrError *err)
{
        _cleanup_close_ int parent_fd = open(rt->containers, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                            dir_fd = -EBADF;
        int r;

        if (parent_fd < 0 && errno == ENOENT)
                return 0;
        if (parent_fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot open %s", rt->containers);
        detach_pins(parent_fd, id);
        dir_fd = openat(parent_fd, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (dir_fd >= 0)
                rdt_release(dir_fd);
        r = ctr_remove_tree(parent_fd, id);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot remove the state of %s", id);
        if (with_leftovers)
                remove_leftovers(parent_fd, id);
        return 0;
}
