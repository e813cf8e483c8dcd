/* Handing down controllers: see cgroup-controller.h. */
#include "base/cgroup-controller.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* What systemd does not know. It looks after the others itself, and would take them back. */
static const char *const controllers[] = { "hugetlb", "misc", "rdma" };

static const char *find_controller(const char *file)
{
        size_t n = strcspn(file, ".");

        for (size_t i = 0; i < ELEMENTSOF(controllers); i++)
                if (strlen(controllers[i]) == n && memcmp(controllers[i], file, n) == 0)
                        return controllers[i];
        return NULL;
}

int ctr_cgroup_enable_controller(int root_fd, const char *path, const char *file)
{
        const char *controller = find_controller(file);
        char directory[4096], value[16];

        if (!controller)
                return -EOPNOTSUPP;
        (void) snprintf(value, sizeof(value), "+%s", controller);
        for (const char *end = path; end;) {
                _cleanup_close_ int fd = -EBADF;
                int r;

                if (snprintf(directory, sizeof(directory), "%.*s", (int) (end - path), path) >=
                        (int) sizeof(directory))
                        return -ENAMETOOLONG;
                fd = openat(
                        root_fd, directory[0] ? directory : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
                r = fd < 0 ? -errno : ctr_write_value(fd, "cgroup.subtree_control", value);
                /* EINVAL: the kernel has no such controller, or it was not handed down to here. */
                if (r < 0)
                        return r == -EINVAL ? -ENOENT : r;
                end = strchr(end == path ? path : end + 1, '/');
        }
        return 0;
}

const char *ctr_cgroup_hint(const char *file, int r)
{
        bool is_rdma = strncmp(file, "rdma.", 5) == 0;

        if (r == -ENOENT)
                return " (this host has no such file: controller not enabled, or no such page size)";
        if (is_rdma && (r == -EINVAL || r == -ENODEV))
                return " (is there such an RDMA device?)";
        return "";
}
