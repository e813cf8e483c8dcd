/* The control group that ctr-exec was started in: see cgroup.h. */
#include "helper/cgroup.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

/* The second is that of hosts that keep version 1 beside it. */
static const char *const cgroup_roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

int cgroup_open_root(void)
{
        for (size_t i = 0; i < ELEMENTSOF(cgroup_roots); i++) {
                _cleanup_close_ int fd = open(cgroup_roots[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
                struct statfs st;

                if (fd >= 0 && fstatfs(fd, &st) >= 0 && st.f_type == CGROUP2_SUPER_MAGIC)
                        return TAKE_FD(fd);
        }
        return -ENOENT;
}

int cgroup_read_path(int cgroup_fd, char *path, size_t size)
{
        char text[8192], *line, *end;
        ssize_t n = read(cgroup_fd, text, sizeof(text) - 1);

        if (n < 0)
                return -errno;
        text[n] = '\0';
        line = strncmp(text, "0::/", 4) == 0 ? text : strstr(text, "\n0::/");
        if (!line)
                return -ENOENT;
        line = strchr(line, '/') + 1;
        end = strchr(line, '\n');
        if (!end)
                return -ENAMETOOLONG;
        *end = '\0';
        n = snprintf(path, size, "%s", *line ? line : ".");
        return (size_t) n >= size ? -ENAMETOOLONG : 0;
}

int cgroup_open_own(void)
{
        _cleanup_close_ int file_fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
        _cleanup_close_ int root_fd = cgroup_open_root();
        char path[4096];
        int fd, r;

        if (file_fd < 0)
                return -errno;
        if (root_fd < 0)
                return root_fd;
        r = cgroup_read_path(file_fd, path, sizeof(path));
        if (r < 0)
                return r;
        fd = openat(root_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int cgroup_open_unit(void)
{
        static const char control[] = "/.control";
        _cleanup_close_ int file_fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
        _cleanup_close_ int own_fd = cgroup_open_own();
        char path[4096];
        size_t size;
        int fd;

        if (file_fd < 0 || own_fd < 0 || cgroup_read_path(file_fd, path, sizeof(path)) < 0)
                return -ENOENT;
        size = strlen(path);
        if (size < sizeof(control) || strcmp(path + size - sizeof(control) + 1, control) != 0)
                return TAKE_FD(own_fd);
        fd = openat(own_fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int cgroup_open_child(const Context *ctx)
{
        _cleanup_close_ int file_fd =
                ctx->child_proc_fd >= 0 ? openat(ctx->child_proc_fd, "cgroup", O_RDONLY | O_CLOEXEC)
                                        : open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
        _cleanup_close_ int root_fd = cgroup_open_root();
        char path[4096];
        int fd, r;

        if (file_fd < 0 || root_fd < 0)
                return file_fd < 0 ? -errno : root_fd;
        r = cgroup_read_path(file_fd, path, sizeof(path));
        if (r < 0)
                return r;
        fd = openat(root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int cgroup_read(int dir_fd, const char *file, char *value, size_t size)
{
        _cleanup_close_ int fd = openat(dir_fd, file, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, value, size - 1);

        if (n < 0)
                return -errno;
        value[n] = '\0';
        value[strcspn(value, "\n")] = '\0';
        return 0;
}
