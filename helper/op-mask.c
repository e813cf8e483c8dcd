/* Hiding files and directories of the container. What covers them is an empty file or directory of
 * a read-only tmpfs that nobody else has ever seen: nothing of the image is used for it
 * (CVE-2025-31133).
 *
 * Kernels before 6.15 clone only mounts that are attached. So the tmpfs is attached over the root
 * for a moment, where no path leads to it (resolution starts below, at the rootfs descriptor);
 * afterwards the first mask of each sort, attached in its place, is what the further ones are
 * cloned from. */
#include "helper/ops.h"

#include "helper/mount.h"
#include "helper/resolve.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define MASK_ATTR (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

static int make_entries(int fd)
{
        _cleanup_close_ int file_fd = -EBADF;

        if (mkdirat(fd, "directory", 0555) < 0)
                return -errno;
        file_fd = openat(fd, "file", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
        return file_fd < 0 ? -errno : 0;
}

static int clone_entry(int fd, const char *name)
{
        int clone_fd = open_tree(fd, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

        return clone_fd < 0 ? -errno : clone_fd;
}

static int detach(const Context *ctx, int fd)
{
        if (fchdir(fd) < 0 || umount2(".", MNT_DETACH) < 0 || fchdir(ctx->rootfs_fd) < 0)
                return -errno;
        return 0;
}

static int make_covers(Context *ctx, CtrError *err)
{
        MountChange change = { .set = MASK_ATTR };
        _cleanup_close_ int fd = -EBADF;
        int r;

        fd = mount_new(ctx, "tmpfs", "tmpfs", (ProgramData){ 0 }, 0, err);
        if (fd < 0)
                return fd;
        r = make_entries(fd);
        if (r >= 0)
                r = mount_change(fd, &change);
        if (r >= 0)
                r = mount_attach(fd, ctx->rootfs_fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot make covers");
        ctx->mask_file_fd = clone_entry(fd, "file");
        ctx->mask_dir_fd = clone_entry(fd, "directory");
        r = detach(ctx, fd);
        if (r < 0 || ctx->mask_file_fd < 0 || ctx->mask_dir_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r < 0 ? r : EIO, "cannot clone covers");
        return 0;
}

/* The cover itself the first time, clones of it afterwards. */
static int attach_cover(int cover_fd, bool *is_attached, int target_fd)
{
        _cleanup_close_ int clone_fd = -EBADF;
        int r;

        if (!*is_attached) {
                r = mount_attach(cover_fd, target_fd);
                *is_attached = r >= 0;
                return r;
        }
        clone_fd = mount_clone(cover_fd, false);
        return clone_fd < 0 ? clone_fd : mount_attach(clone_fd, target_fd);
}

int op_mask(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        _cleanup_close_ int fd = resolve_open(ctx->rootfs_fd, path, O_PATH, 0);
        struct stat st;
        int r;

        if (fd == -ENOENT || fd == -ENOTDIR)
                return 0;
        if (fd < 0 || fstat(fd, &st) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, fd < 0 ? fd : errno, "%s", path);
        if (ctx->mask_file_fd < 0) {
                r = make_covers(ctx, err);
                if (r < 0)
                        return r;
        }
        r = S_ISDIR(st.st_mode) ? attach_cover(ctx->mask_dir_fd, &ctx->is_mask_dir_attached, fd)
                                : attach_cover(ctx->mask_file_fd, &ctx->is_mask_file_attached, fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", path);
        return 0;
}
