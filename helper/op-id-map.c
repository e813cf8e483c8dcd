/* Id-mapped bind mounts: the owners of files as a user namespace's map turns them
 * (mount_setattr(2), MOUNT_ATTR_IDMAP). The map is that of the container, or one that only this
 * mount has: then a process that does nothing but wait holds a user namespace with it. */
#include "helper/ops.h"

#include "base/io.h"
#include "helper/mount.h"
#include "helper/spawn.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

enum { MAP_RECURSIVE = 1 };

static int write_maps(pid_t pid, const char *uid_map, const char *gid_map)
{
        char path[32];
        _cleanup_close_ int fd = -EBADF;
        int r;

        (void) snprintf(path, sizeof(path), "/proc/%d", (int) pid);
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = ctr_write_value(fd, "uid_map", uid_map);
        if (r >= 0)
                r = ctr_write_value(fd, "gid_map", gid_map);
        if (r < 0)
                return r;
        r = openat(fd, "ns/user", O_RDONLY | O_CLOEXEC);
        return r < 0 ? -errno : r;
}

/* A user namespace with these maps. Returns a descriptor or -errno. */
static int make_user_namespace(const char *uid_map, const char *gid_map)
{
        pid_t pid = spawn_idle(CLONE_NEWUSER);
        int fd;

        if (pid < 0)
                return pid;
        fd = write_maps(pid, uid_map, gid_map);
        spawn_end_idle(pid);
        return fd;
}

int op_id_map(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *uid_map = op_string(ctx, op, 0), *gid_map = op_string(ctx, op, 1);
        _cleanup_close_ int own_fd = -EBADF;
        struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
        unsigned flags = AT_EMPTY_PATH | (op->number[1] & MAP_RECURSIVE ? AT_RECURSIVE : 0);
        int namespace_fd = ctx->user_namespace_fd;

        if (uid_map && gid_map)
                namespace_fd = own_fd = make_user_namespace(uid_map, gid_map);
        if (namespace_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, namespace_fd,
                        "cannot make a user namespace with the mapping");
        attr.userns_fd = (uint64_t) namespace_fd;
        if (mount_setattr(op_slot(ctx, op, 0), "", flags, &attr, sizeof(attr)) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "%s%s", op_string(ctx, op, 2),
                        errno == EINVAL
                                ? " (its file system has no id-mapped mounts on this kernel)"
                                : "");
        return 0;
}
