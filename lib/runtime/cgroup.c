/* Reading the cgroup tree: see cgroup.h. */
#include "runtime/cgroup.h"

#include "base/io.h"
#include "base/name.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int read_small(int dir_fd, const char *path, char *buf, size_t size)
{
        _cleanup_close_ int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = read(fd, buf, size - 1);
        if (n < 0)
                return -errno;
        buf[n] = '\0';
        return 0;
}

/* The path of the unified hierarchy in the text of a /proc/PID/cgroup: the line "0::PATH". */
static const char *unified_path(char *text)
{
        for (char *line = text; *line;) {
                char *end = line + strcspn(line, "\n");
                bool is_last = *end == '\0';

                *end = '\0';
                if (strncmp(line, "0::/", 4) == 0)
                        return line + 3;
                line = is_last ? end : end + 1;
        }
        return NULL;
}

int cgroup_of_process(pid_t pid, char ret[static CGROUP_PATH_MAX])
{
        char file[64], buf[CGROUP_PATH_MAX];
        const char *path;
        int r;

        (void) snprintf(file, sizeof(file), "/proc/%d/cgroup", (int) pid);
        r = read_small(AT_FDCWD, file, buf, sizeof(buf));
        if (r < 0)
                return r == -ENOENT ? -ESRCH : r;
        path = unified_path(buf);
        if (!path)
                return -ENOENT;
        r = snprintf(ret, CGROUP_PATH_MAX, CGROUP_ROOT "%s", strcmp(path, "/") == 0 ? "" : path);
        return r >= CGROUP_PATH_MAX ? -ENAMETOOLONG : 0;
}

int cgroup_cut_to_unit(char path[static CGROUP_PATH_MAX], const char *unit)
{
        size_t n = strlen(unit);

        for (char *p = strchr(path, '/'); p; p = strchr(p + 1, '/'))
                if (strncmp(p + 1, unit, n) == 0 && (p[1 + n] == '/' || p[1 + n] == '\0')) {
                        p[1 + n] = '\0';
                        return 0;
                }
        return -ENOENT;
}

int cgroup_find_root(char ret[static CGROUP_PATH_MAX])
{
        static const char scope[] = "/init.scope";
        size_t n;
        int r;

        /* PID 1's own cgroup tells where its tree starts: not at the top in a container without a
         * cgroup namespace. */
        r = cgroup_of_process(1, ret);
        if (r < 0)
                return r;
        n = strlen(ret);
        if (n >= sizeof(scope) - 1 && strcmp(ret + n - (sizeof(scope) - 1), scope) == 0)
                ret[n - (sizeof(scope) - 1)] = '\0';
        return 0;
}

int cgroup_path_of(
        const char *root, const char *slice, const char *unit, char ret[static CGROUP_PATH_MAX])
{
        char below[CGROUP_PATH_MAX];
        int r;

        r = ctr_slice_to_cgroup(slice, below, sizeof(below));
        if (r < 0)
                return r;
        r = snprintf(ret, CGROUP_PATH_MAX, "%s/%s%s%s", root, below, below[0] ? "/" : "", unit);
        return r >= CGROUP_PATH_MAX ? -ENAMETOOLONG : 0;
}

int cgroup_of_unit(const char *slice, const char *unit, char ret[static CGROUP_PATH_MAX])
{
        char root[CGROUP_PATH_MAX];
        int r = cgroup_find_root(root);

        return r < 0 ? r : cgroup_path_of(root, slice, unit, ret);
}

void cgroup_parse_events(const char *text, CgroupEvents *ret)
{
        *ret = (CgroupEvents){ 0 };
        for (const char *line = text; line; line = strchr(line, '\n')) {
                line += line[0] == '\n';
                if (strncmp(line, "populated 1", 11) == 0)
                        ret->is_populated = true;
                else if (strncmp(line, "frozen 1", 8) == 0)
                        ret->is_frozen = true;
        }
}

int cgroup_read_events_file(int dir_fd, const char *file, CgroupEvents *ret)
{
        char buf[256];
        int r = read_small(dir_fd, file, buf, sizeof(buf));

        if (r < 0)
                return r == -ENODEV ? -ENOENT : r;
        cgroup_parse_events(buf, ret);
        return 0;
}

int cgroup_read_events(const char *path, CgroupEvents *ret)
{
        char file[CGROUP_PATH_MAX + 32];

        (void) snprintf(file, sizeof(file), "%s/" CGROUP_FILE_EVENTS, path);
        return cgroup_read_events_file(AT_FDCWD, file, ret);
}

typedef struct PidArray {
        pid_t *items;
        size_t n, allocated;
} PidArray;

static int pid_array_add(PidArray *a, pid_t pid)
{
        if (a->n == a->allocated) {
                size_t larger = a->allocated ? a->allocated * 2 : 16;
                pid_t *items = reallocarray(a->items, larger, sizeof(*items));

                if (!items)
                        return -ENOMEM;
                a->items = items;
                a->allocated = larger;
        }
        a->items[a->n++] = pid;
        return 0;
}

static int add_processes(int dir_fd, PidArray *pids)
{
        _cleanup_close_ int fd = openat(dir_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
        FILE *f;
        int pid, r = 0;

        if (fd < 0)
                return errno == ENOENT || errno == ENODEV ? 0 : -errno;
        f = fdopen(fd, "r");
        if (!f)
                return -errno;
        TAKE_FD(fd);
        /* 0: a process of a pid namespace that ours cannot see. */
        while (r >= 0 && fscanf(f, "%d", &pid) == 1)
                if (pid > 0)
                        r = pid_array_add(pids, pid);
        /* A threaded sub-cgroup has no process list of its own (EOPNOTSUPP); its processes are in
         * the parent's. */
        (void) fclose(f);
        return r;
}

/* Takes dir_fd. */
static int walk(int dir_fd, PidArray *pids)
{
        DIR *d = fdopendir(dir_fd);
        struct dirent *de;
        int r;

        if (!d) {
                r = -errno;
                (void) close(dir_fd);
                return r;
        }
        r = add_processes(dirfd(d), pids);
        while (r >= 0 && (de = readdir(d))) {
                int fd;

                if (de->d_type != DT_DIR || strcmp(de->d_name, ".") == 0 ||
                        strcmp(de->d_name, "..") == 0 || strcmp(de->d_name, ".control") == 0)
                        continue;
                fd = openat(dirfd(d), de->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (fd >= 0)
                        r = walk(fd, pids);
                else if (errno != ENOENT && errno != ENODEV)
                        r = -errno;
        }
        (void) closedir(d);
        return r;
}

static int compare_pids(const void *a, const void *b)
{
        pid_t x = *(const pid_t *) a, y = *(const pid_t *) b;

        return (x > y) - (x < y);
}

int cgroup_list_processes(const char *path, pid_t **ret, size_t *ret_n, CtrError *err)
{
        PidArray pids = { 0 };
        int fd, r = 0;

        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
                r = walk(fd, &pids);
        else if (errno != ENOENT)
                r = -errno;
        if (r < 0) {
                free(pids.items);
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, r, "cannot list the processes of %s", path);
        }
        if (pids.n > 1)
                qsort(pids.items, pids.n, sizeof(*pids.items), compare_pids);
        *ret = pids.items;
        *ret_n = pids.n;
        return 0;
}

int cgroup_kill(const char *path)
{
        char file[CGROUP_PATH_MAX + 32];
        int r;

        (void) snprintf(file, sizeof(file), "%s/cgroup.kill", path);
        r = ctr_write_value(AT_FDCWD, file, "1");
        return r == -ENOENT || r == -ENODEV ? 0 : r;
}
