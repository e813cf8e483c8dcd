/* Binds of host files and directories, and changes to mounts that are there. Sources are opened by
 * ctr-exec, in the host's namespaces, and reach the clone as detached mounts. */
#include "helper/ops.h"

#include "helper/mount.h"
#include "helper/resolve.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

enum {
        SOURCE_RECURSIVE = 1,
        SOURCE_NO_FOLLOW = 2,
        SOURCE_PEER = 4,
        BIND_ATTR_RECURSIVE = 1,
        BIND_TARGET_NO_FOLLOW = 2,
        BIND_COPY_LINK = 4,
        SET_ATTR_RECURSIVE = 1,
};

int op_open_source(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        uint64_t flags = op->number[1];
        MountChange change = { .propagation = MS_SLAVE, .is_recursive = true };
        unsigned open_flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
        int fd, r;

        open_flags |= flags & SOURCE_RECURSIVE ? AT_RECURSIVE : 0;
        open_flags |= flags & SOURCE_NO_FOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
        fd = open_tree(AT_FDCWD, path, open_flags);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open source %s", path);
        ctx->slots[op->number[0]] = fd;
        if (flags & SOURCE_PEER)
                return 0;
        r = mount_change(fd, &change);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "propagation of source %s", path);
        return 0;
}

/* The link itself as a target, made as an empty file when there is nothing. */
static int make_target_no_follow(Context *ctx, const char *path, bool is_directory)
{
        const char *name;
        _cleanup_close_ int parent_fd = resolve_make_parent(ctx->rootfs_fd, path, &name);
        struct stat st;
        int fd;

        if (parent_fd < 0)
                return parent_fd;
        if (fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
                fd = resolve_make(ctx->rootfs_fd, path,
                        is_directory ? RESOLVE_DIRECTORY : RESOLVE_FILE,
                        is_directory ? 0755 : 0644);
                closep(&fd);
        }
        fd = openat(parent_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* The same link in the container. One that is there already must say the same. */
static int copy_link(Context *ctx, int source_fd, const char *path)
{
        char text[4096], there[sizeof(text)];
        const char *name;
        _cleanup_close_ int parent_fd = resolve_make_parent(ctx->rootfs_fd, path, &name);
        ssize_t n = readlinkat(source_fd, "", text, sizeof(text) - 1);

        if (parent_fd < 0 || n < 0)
                return parent_fd < 0 ? parent_fd : -errno;
        text[n] = '\0';
        if (symlinkat(text, parent_fd, name) >= 0)
                return 0;
        if (errno != EEXIST)
                return -errno;
        return readlinkat(parent_fd, name, there, sizeof(there)) == n &&
                               memcmp(there, text, (size_t) n) == 0
                       ? 0
                       : -EEXIST;
}

static int open_target(Context *ctx, const ProgramOp *op, const struct stat *source)
{
        const char *path = op_string(ctx, op, 0);
        bool wants_directory = S_ISDIR(source->st_mode);

        if (op->number[3] & BIND_TARGET_NO_FOLLOW)
                return make_target_no_follow(ctx, path, wants_directory);
        return resolve_make(ctx->rootfs_fd, path,
                wants_directory ? RESOLVE_DIRECTORY : RESOLVE_FILE, wants_directory ? 0755 : 0644);
}

static bool is_directory(int fd)
{
        struct stat st;

        return fstat(fd, &st) >= 0 && S_ISDIR(st.st_mode);
}

int op_bind(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        int source_fd = op_slot(ctx, op, 0), r;
        _cleanup_close_ int target_fd = -EBADF;
        MountChange change = {
                .set = op->number[1],
                .clear = op->number[2],
                .is_recursive = op->number[3] & BIND_ATTR_RECURSIVE,
        };
        struct stat st;

        if (fstat(source_fd, &st) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "source of %s", path);
        if (op->number[3] & BIND_COPY_LINK && S_ISLNK(st.st_mode)) {
                r = copy_link(ctx, source_fd, path);
                return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "link %s", path) : 0;
        }
        target_fd = open_target(ctx, op, &st);
        if (target_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, target_fd, "target %s", path);
        r = mount_check_target(target_fd, path, NULL, source_fd, ctx, err);
        if (r < 0)
                return r;
        if (change.set | change.clear) {
                r = mount_change(source_fd, &change);
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "attributes of %s", path);
        }
        r = mount_attach(source_fd, target_fd);
        if (r == -EINVAL && is_directory(target_fd) != S_ISDIR(st.st_mode))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "cannot bind to %s: the source is a %s, and the root file system has a %s "
                        "there",
                        path, S_ISDIR(st.st_mode) ? "directory" : "file",
                        S_ISDIR(st.st_mode) ? "file" : "directory");
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot bind to %s", path);
        return 0;
}

int op_set_attr(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        _cleanup_close_ int fd = resolve_open(ctx->rootfs_fd, path, O_PATH, 0);
        MountChange change = {
                .set = op->number[0],
                .clear = op->number[1],
                .propagation = op->number[2],
                .is_recursive = op->number[3] & SET_ATTR_RECURSIVE,
        };
        int r = fd < 0 ? fd : mount_change(fd, &change);

        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", path);
        return 0;
}

int op_readonly(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        _cleanup_close_ int fd = resolve_open(ctx->rootfs_fd, path, O_PATH, 0);
        _cleanup_close_ int mount_fd = -EBADF;
        MountChange change = { .set = MOUNT_ATTR_RDONLY, .is_recursive = true };
        int r;

        if (fd == -ENOENT || fd == -ENOTDIR)
                return 0;
        mount_fd = fd < 0 ? fd : mount_clone(fd, true);
        r = mount_fd < 0 ? mount_fd : mount_change(mount_fd, &change);
        if (r >= 0)
                r = mount_attach(mount_fd, fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", path);
        return 0;
}
