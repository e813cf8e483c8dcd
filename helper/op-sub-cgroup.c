/* Cgroups of the payload's own: the container's, or one below it, so that the limits stay with the
 * one above. Its name is one component, checked by plan. */
#include "helper/ops.h"

#include "base/io.h"
#include "helper/cgroup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { SUB_CGROUP_OWNED = 1 };

/* What cgroups(7) calls delegation: the directory, and the files that its owner moves processes and
 * hands controllers down with, as /sys/kernel/cgroup/delegate of Linux 6.1 to 6.18 has them; no
 * limit. */
static int give_away(int fd, uid_t uid, gid_t gid)
{
        static const char *const files[] = { "cgroup.procs", "cgroup.threads",
                "cgroup.subtree_control", "memory.oom.group", "memory.reclaim" };

        if (fchown(fd, uid, gid) < 0)
                return -errno;
        for (size_t i = 0; i < ELEMENTSOF(files); i++)
                if (fchownat(fd, files[i], uid, gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
                        return -errno;
        return 0;
}

/* config-linux.md, "Cgroup ownership". */
int op_give_cgroup(Context *ctx, const ProgramOp *op, CtrError *err)
{
        _cleanup_close_ int fd = cgroup_open_child(ctx);
        int r = fd < 0 ? fd : give_away(fd, (uid_t) op->number[0], (gid_t) -1);

        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "owner of the cgroup") : 0;
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
