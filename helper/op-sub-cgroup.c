/* A cgroup of the payload's own below the container's: the limits stay with the one above. Its name
 * is one component, checked by plan. */
#include "helper/ops.h"

#include "base/io.h"
#include "helper/cgroup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { SUB_CGROUP_OWNED = 1 };

/* What cgroups(7) calls delegation: the directory and the files that its owner moves processes and
 * hands controllers down with. */
static int give_away(int fd, uid_t uid, gid_t gid)
{
        static const char *const files[] = { "cgroup.procs", "cgroup.threads",
                "cgroup.subtree_control" };

        if (fchown(fd, uid, gid) < 0)
                return -errno;
        for (size_t i = 0; i < ELEMENTSOF(files); i++)
                if (fchownat(fd, files[i], uid, gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
                        return -errno;
        return 0;
}

int op_sub_cgroup(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *name = op_string(ctx, op, 0);
        _cleanup_close_ int parent_fd = cgroup_open_child(ctx), fd = -EBADF;
        char pid[16];
        int r = parent_fd < 0 ? parent_fd : 0;

        if (r >= 0 && mkdirat(parent_fd, name, 0755) < 0 && errno != EEXIST)
                r = -errno;
        if (r >= 0) {
                fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
                r = fd < 0 ? -errno : 0;
        }
        if (r >= 0 && op->number[0] & SUB_CGROUP_OWNED)
                r = give_away(fd, (uid_t) op->number[1], (gid_t) op->number[2]);
        if (r >= 0) {
                (void) snprintf(pid, sizeof(pid), "%d", (int) ctx->child_pid);
                r = ctr_write_value(fd, "cgroup.procs", pid);
        }
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cgroup %s", name) : 0;
}
