/* Device nodes and links in the container. A node of the host that is proven to be the device is
 * bound by descriptor, which works where the unit's device policy refuses mknod; otherwise the node
 * is made. */
#include "helper/ops.h"

#include "helper/mount.h"
#include "helper/resolve.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

int op_open_device(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        mode_t type = op->number[1] == 'b' ? S_IFBLK : S_IFCHR;
        dev_t device = makedev((unsigned) op->number[2], (unsigned) op->number[3]);
        _cleanup_close_ int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;

        /* An empty slot is fine: the node will be made. */
        if (fd < 0 || fstat(fd, &st) < 0 || (st.st_mode & S_IFMT) != type || st.st_rdev != device)
                return 0;
        ctx->slots[op->number[0]] = mount_clone(fd, false);
        return 0;
}

typedef struct Node {
        const char *path;
        mode_t mode; /* with its type */
        dev_t device;
        uid_t uid;
        gid_t gid;
        bool is_kept; /* something else of this name is not replaced */
} Node;

static bool is_same_device(const struct stat *st, const Node *node)
{
        return (st->st_mode & S_IFMT) == (node->mode & S_IFMT) &&
               (S_ISFIFO(st->st_mode) || st->st_rdev == node->device);
}

/* Is what the slot holds exactly the node that is wanted, mode and owner included? */
static bool is_exact(int fd, const Node *node)
{
        struct stat st;

        return fstat(fd, &st) >= 0 && is_same_device(&st, node) &&
               (st.st_mode & 07777) == (node->mode & 07777) && st.st_uid == node->uid &&
               st.st_gid == node->gid;
}

/* Makes the node; its mode is exact because the umask is zero during the set-up. Its owner is set
 * by descriptor: the name may belong to something else by then, in a directory that another
 * container shares. */
static int make_node(int parent_fd, const char *name, const Node *node)
{
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        if (mknodat(parent_fd, name, node->mode, node->device) < 0)
                return -errno;
        fd = openat(parent_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!is_same_device(&st, node))
                return -EEXIST;
        return fchownat(fd, "", node->uid, node->gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

/* The same where the image may have the node already. */
static int make_or_keep_node(int parent_fd, const char *name, const Node *node)
{
        _cleanup_close_ int fd = -EBADF;
        int r = make_node(parent_fd, name, node);
        struct stat st;

        if (r != -EEXIST)
                return r;
        fd = openat(parent_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (is_exact(fd, node))
                return 0;
        if (node->is_kept && (fstat(fd, &st) < 0 || !is_same_device(&st, node)))
                return -EEXIST;
        if (unlinkat(parent_fd, name, 0) < 0)
                return -errno;
        return make_node(parent_fd, name, node);
}

static int bind_node(Context *ctx, int source_fd, const char *path)
{
        _cleanup_close_ int fd = resolve_make(ctx->rootfs_fd, path, RESOLVE_FILE, 0644);

        return fd < 0 ? fd : mount_attach(source_fd, fd);
}

int op_node(Context *ctx, const ProgramOp *op, CtrError *err)
{
        Node node = {
                .path = op_string(ctx, op, 0),
                .mode = (mode_t) op->number[0],
                .device = (dev_t) op->number[1],
                .uid = (uid_t) (op->number[2] >> 32),
                .gid = (gid_t) op->number[2],
                .is_kept = op_string(ctx, op, 1) != NULL,
        };
        int source_fd = op_slot(ctx, op, 3), r;
        _cleanup_close_ int parent_fd = -EBADF;
        const char *name;

        if (source_fd >= 0 && is_exact(source_fd, &node)) {
                r = bind_node(ctx, source_fd, node.path);
        } else {
                parent_fd = resolve_make_parent(ctx->rootfs_fd, node.path, &name);
                r = parent_fd < 0 ? parent_fd : make_or_keep_node(parent_fd, name, &node);
                /* Refused by the device policy or a user namespace: the host's own node, with the
                 * host's owner. */
                if (r == -EPERM && source_fd >= 0)
                        r = bind_node(ctx, source_fd, node.path);
        }
        if (r == -EEXIST)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                        "%s: the image has something else there", node.path);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", node.path);
        return 0;
}

int op_symlink(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0), *target = op_string(ctx, op, 1), *name;
        _cleanup_close_ int parent_fd = resolve_make_parent(ctx->rootfs_fd, path, &name);

        if (parent_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, parent_fd, "%s", path);
        if (symlinkat(target, parent_fd, name) < 0 && errno != EEXIST)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "%s", path);
        return 0;
}
