/* Cgroups of our own making: see cgroup-tree.h. cgroups(7). */
#include "runtime/cgroup-tree.h"

#include "base/cgroup-controller.h"
#include "base/io.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { REMOVE_TRIES = 12, FREEZE_TIMEOUT_MSEC = 10000 };

static void sleep_usec(unsigned usec)
{
        struct timespec ts = { .tv_sec = usec / 1000000,
                .tv_nsec = (long) (usec % 1000000) * 1000 };

        (void) nanosleep(&ts, NULL);
}

/* Some controllers could be handed down beside processes: it would become a threaded group then,
 * that takes no containers. Only the root may have both. */
static bool has_processes(int fd)
{
        _cleanup_close_ int file_fd = openat(fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
        char first;

        return faccessat(fd, "cgroup.type", F_OK, 0) >= 0 && file_fd >= 0 &&
               read(file_fd, &first, sizeof(first)) > 0;
}

/* Hands every controller down that the parent has. One that cannot be (the parent has processes of
 * its own) is missed when a limit of it is set, by name. */
static void enable_controllers(const char *path)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_close_ int file_fd =
                fd < 0 ? -EBADF : openat(fd, "cgroup.controllers", O_RDONLY | O_CLOEXEC);
        char buf[512], *save = NULL, value[64];
        ssize_t n = file_fd < 0 ? -1 : read(file_fd, buf, sizeof(buf) - 1);

        if (n < 0 || has_processes(fd))
                return;
        buf[n] = '\0';
        for (char *name = strtok_r(buf, " \n", &save); name; name = strtok_r(NULL, " \n", &save)) {
                (void) snprintf(value, sizeof(value), "+%.60s", name);
                (void) ctr_write_value(fd, "cgroup.subtree_control", value);
        }
}

int cgroup_make(const char *path, CtrError *err)
{
        char prefix[CGROUP_PATH_MAX];
        CgroupEvents events;
        size_t root = strlen(CGROUP_ROOT);

        if (strncmp(path, CGROUP_ROOT "/", root + 1) != 0 || strlen(path) >= sizeof(prefix))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EINVAL, "cgroup %s", path);
        if (cgroup_read_events(path, &events) >= 0 && events.is_populated)
                return ctr_error_set(
                        err, CTR_ERROR_ID_IN_USE, 0, "container's cgroup %s is not empty", path);
        for (const char *p = path + root; p; p = strchr(p + 1, '/')) {
                const char *end = strchr(p + 1, '/');

                (void) snprintf(prefix, sizeof(prefix), "%.*s", (int) (p - path), path);
                enable_controllers(prefix);
                (void) snprintf(prefix, sizeof(prefix), "%.*s",
                        (int) (end ? end - path : (ptrdiff_t) strlen(path)), path);
                if (mkdir(prefix, 0755) < 0 && errno != EEXIST)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "cannot make cgroup %s", prefix);
        }
        return 0;
}

int cgroup_attach(const char *path, pid_t pid, CtrError *err)
{
        char file[CGROUP_PATH_MAX + 32], value[16];
        int r;

        (void) snprintf(file, sizeof(file), "%s/cgroup.procs", path);
        (void) snprintf(value, sizeof(value), "%d", (int) pid);
        r = ctr_write_value(AT_FDCWD, file, value);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot move process %d to %s",
                               (int) pid, path)
                     : 0;
}

/* The name of any group in this one; false when there is none. */
static bool find_child(int dir_fd, char name[static NAME_MAX + 1])
{
        int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
        bool is_found = false;
        struct dirent *de;

        if (!d) {
                closep(&copy);
                return false;
        }
        while (!is_found && (de = readdir(d))) {
                is_found = de->d_type == DT_DIR && strcmp(de->d_name, ".") != 0 &&
                           strcmp(de->d_name, "..") != 0;
                if (is_found)
                        (void) snprintf(name, NAME_MAX + 1, "%s", de->d_name);
        }
        (void) closedir(d);
        return is_found;
}

/* Takes dir_fd. Children first, by one descriptor: a container may nest more groups than there are
 * descriptors. Groups cannot be moved, so ".." of one is where it was found. One that has still
 * processes ends it, for this time. */
static void remove_children(int dir_fd)
{
        _cleanup_close_ int fd = dir_fd;
        char name[NAME_MAX + 1];
        unsigned depth = 0;
        bool is_emptied = false;

        for (;;) {
                bool has_child = find_child(fd, name);
                int next;

                if (has_child && unlinkat(fd, name, AT_REMOVEDIR) >= 0) {
                        is_emptied = false;
                        continue;
                }
                if (has_child ? is_emptied : depth == 0)
                        return;
                next = openat(fd, has_child ? name : "..",
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (next < 0)
                        return;
                depth += has_child ? 1 : -1U;
                is_emptied = !has_child;
                (void) close(fd);
                fd = next;
        }
}

int cgroup_remove(const char *path, bool is_killed, CtrError *err)
{
        if (is_killed)
                (void) cgroup_kill(path);
        /* The processes that were killed are gone a moment later. */
        for (unsigned i = 0, usec = 500;; i++, usec *= 2) {
                int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

                if (fd >= 0)
                        remove_children(fd);
                if (rmdir(path) >= 0 || errno == ENOENT)
                        return 0;
                if (errno != EBUSY || i >= REMOVE_TRIES)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "cannot remove cgroup %s", path);
                sleep_usec(usec);
        }
}

/* The kernel notifies readers of cgroup.events by POLLPRI. */
static int wait_frozen(const char *path, bool is_frozen)
{
        char file[CGROUP_PATH_MAX + 32];
        _cleanup_close_ int fd = -EBADF;

        (void) snprintf(file, sizeof(file), "%s/cgroup.events", path);
        fd = open(file, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        for (;;) {
                struct pollfd pollfd = { .fd = fd, .events = POLLPRI };
                CgroupEvents events;
                int r = cgroup_read_events(path, &events);

                if (r < 0 || events.is_frozen == is_frozen)
                        return r;
                r = poll(&pollfd, 1, FREEZE_TIMEOUT_MSEC);
                if (r < 0 && errno != EINTR)
                        return -errno;
                if (r == 0)
                        return -ETIMEDOUT;
        }
}

int cgroup_freeze(const char *path, bool is_frozen, CtrError *err)
{
        char file[CGROUP_PATH_MAX + 32];
        int r;

        (void) snprintf(file, sizeof(file), "%s/cgroup.freeze", path);
        r = ctr_write_value(AT_FDCWD, file, is_frozen ? "1" : "0");
        if (r >= 0)
                r = wait_frozen(path, is_frozen);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot %s %s",
                               is_frozen ? "freeze" : "thaw", path)
                     : 0;
}

/* The file is missing: its controller may be one that has to be handed down first. */
static int enable_controller_of(const char *file, const char *path)
{
        _cleanup_close_ int root_fd = open(CGROUP_ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (root_fd < 0 || strncmp(path, CGROUP_ROOT "/", strlen(CGROUP_ROOT "/")) != 0)
                return -ENOENT;
        return ctr_cgroup_enable_controller(root_fd, path + strlen(CGROUP_ROOT "/"), file);
}

/* What a cgroup without the file has anyhow: no limit, and no idle class. */
static bool is_default(const char *file, const char *value)
{
        return strcmp(value, "max") == 0 ||
               (strcmp(file, "cpu.idle") == 0 && strcmp(value, "0") == 0);
}

int cgroup_write_files(const char *path, const SpecKeyValues *files, CtrError *err)
{
        _cleanup_close_ int fd = -EBADF;

        if (files->n == 0)
                return 0;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", path);
        for (size_t i = 0; i < files->n; i++) {
                const char *file = files->items[i].key, *value = files->items[i].value;
                int r = ctr_write_value(fd, file, value);

                if (r == -ENOENT && enable_controller_of(file, path) >= 0)
                        r = ctr_write_value(fd, file, value);
                if (r < 0 && !(r == -ENOENT && is_default(file, value)))
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write %s to %s%s",
                                value, file, ctr_cgroup_hint(file, r));
        }
        return 0;
}
