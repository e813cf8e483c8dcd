/* Making state directories: see state-dir.h. */
#include "runtime/state-dir.h"

#include "base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

static int open_parent(const Runtime *rt, CtrError *err)
{
        int fd, r;

        fd = open(rt->containers, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT) {
                r = ctr_mkdir_parents(rt->containers, 0700, err);
                if (r < 0)
                        return r;
                fd = open(rt->containers, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        }
        if (fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot open %s", rt->containers);
        return fd;
}

static int keep_spare(StateDir *dir)
{
        for (size_t i = 0; i < ELEMENTSOF(dir->spare_fd); i++) {
                dir->spare_fd[i] = fcntl(dir->parent_fd, F_DUPFD_CLOEXEC, 0);
                if (dir->spare_fd[i] < 0)
                        return errno == EINVAL ? -EMFILE : -errno;
        }
        return 0;
}

void state_dir_free_spare(StateDir *dir)
{
        for (size_t i = 0; i < ELEMENTSOF(dir->spare_fd); i++)
                closep(&dir->spare_fd[i]);
}

int state_dir_begin(const Runtime *rt, const char *id, StateDir *ret, CtrError *err)
{
        StateDir dir = STATE_DIR_NULL;
        int r;

        dir.parent_fd = open_parent(rt, err);
        if (dir.parent_fd < 0)
                return dir.parent_fd;
        (void) snprintf(dir.id, sizeof(dir.id), "%s", id);
        if (faccessat(dir.parent_fd, id, F_OK, AT_SYMLINK_NOFOLLOW) >= 0) {
                state_dir_done(&dir);
                (void) ctr_error_set(
                        err, CTR_ERROR_ID_IN_USE, 0, "container with given ID already exists");
                return -EEXIST;
        }
        r = keep_spare(&dir);
        if (r < 0) {
                state_dir_done(&dir);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                        "too few descriptors to make a container (RLIMIT_NOFILE: raise it, as with "
                        "`ulimit -n`)");
        }
        /* Of this thread: one of the same process may be at it, too. */
        (void) snprintf(dir.temporary, sizeof(dir.temporary), ".%s.%d", id, (int) gettid());
        r = mkdirat(dir.parent_fd, dir.temporary, 0700) < 0 ? -errno : 0;
        if (r == -EEXIST) {
                /* Left by a creator that was killed and had our pid. */
                r = ctr_remove_tree(dir.parent_fd, dir.temporary);
                if (r >= 0 && mkdirat(dir.parent_fd, dir.temporary, 0700) < 0)
                        r = -errno;
        }
        if (r >= 0) {
                dir.fd = openat(dir.parent_fd, dir.temporary,
                        O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
                r = dir.fd < 0 ? -errno : 0;
        }
        if (r >= 0 && flock(dir.fd, LOCK_EX | LOCK_NB) < 0)
                r = -errno;
        if (r < 0) {
                state_dir_discard(&dir);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                        "cannot make a state directory in %s", rt->containers);
        }
        *ret = dir;
        return 0;
}

static int write_new(int dir_fd, const char *name, const void *data, size_t size)
{
        _cleanup_close_ int fd =
                openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

        return fd < 0 ? -errno : ctr_write_all(fd, data, size);
}

int state_dir_write(
        const StateDir *dir, const char *name, const void *data, size_t size, CtrError *err)
{
        /* Under its temporary name nobody reads it; else old and new content must not mix. */
        int r = dir->temporary[0] ? write_new(dir->fd, name, data, size)
                                  : ctr_write_file_atomic(dir->fd, name, data, size, 0600);

        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write state file %s", name)
                     : 0;
}

int state_dir_publish(StateDir *dir, CtrError *err)
{
        if (renameat2(dir->parent_fd, dir->temporary, dir->parent_fd, dir->id, RENAME_NOREPLACE) <
                0) {
                if (errno != EEXIST)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "cannot publish the state directory");
                (void) ctr_error_set(
                        err, CTR_ERROR_ID_IN_USE, 0, "container with given ID already exists");
                return -EEXIST;
        }
        dir->temporary[0] = '\0';
        return 0;
}

void state_dir_unlock(const StateDir *dir)
{
        (void) flock(dir->fd, LOCK_UN);
        /* Whoever watches the directory above is told: the end of a lock is no event. */
        (void) futimens(dir->fd, NULL);
}

bool state_dir_is_current(const StateDir *dir)
{
        struct stat ours, named;

        return fstat(dir->fd, &ours) >= 0 &&
               fstatat(dir->parent_fd, dir->id, &named, AT_SYMLINK_NOFOLLOW) >= 0 &&
               ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

void state_dir_discard(StateDir *dir)
{
        state_dir_free_spare(dir);
        if (dir->parent_fd >= 0)
                (void) ctr_remove_tree(
                        dir->parent_fd, dir->temporary[0] ? dir->temporary : dir->id);
        state_dir_done(dir);
}

void state_dir_done(StateDir *dir)
{
        state_dir_free_spare(dir);
        closep(&dir->fd);
        closep(&dir->parent_fd);
}
