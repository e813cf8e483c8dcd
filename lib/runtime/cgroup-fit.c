/* The place of a new container: see cgroup-fit.h. */
#include "runtime/cgroup-fit.h"

#include "runtime/cgroup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static bool is_frozen(const char *path)
{
        char file[CGROUP_PATH_MAX + 32], value = '0';
        _cleanup_close_ int fd = -EBADF;

        (void) snprintf(file, sizeof(file), "%s/cgroup.freeze", path);
        fd = open(file, O_RDONLY | O_CLOEXEC);
        return fd >= 0 && read(fd, &value, 1) == 1 && value == '1';
}

int cgroup_find_frozen(char *path)
{
        char *slash;

        /* The file, not cgroup.events: a slice without processes counts as well. */
        while ((slash = strrchr(path, '/')) && slash > path) {
                if (is_frozen(path))
                        return 1;
                *slash = '\0';
        }
        return 0;
}

int cgroup_check_fit(const char *slice, const char *unit, CtrError *err)
{
        char path[CGROUP_PATH_MAX];
        CgroupEvents events;
        int r;

        r = cgroup_of_unit(slice, unit, path);
        if (r < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, r, "cannot find the cgroup of %s", unit);
        if (cgroup_read_events(path, &events) >= 0 && events.is_populated)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, EBUSY, "the cgroup %s has processes already", path);
        if (cgroup_find_frozen(path))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBUSY,
                        "the cgroup %s is frozen: nothing could start in it", path);
        return 0;
}
