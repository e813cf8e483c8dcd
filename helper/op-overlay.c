/* A root that forgets its changes: an overlay over the rootfs, whose upper layer is a tmpfs of the
 * container's own, so that what is written counts for its memory. The kernel takes as layers only
 * mounts that are attached in the own namespace: they are put over "/" until the overlay is there,
 * which has clones of its own. */
#include "helper/ops.h"

#include "helper/mount.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

enum { OVERLAY_USERXATTR = 1 };

static int attach_on_root(int mount_fd)
{
        _cleanup_close_ int target_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        return target_fd < 0 ? -errno : mount_attach(mount_fd, target_fd);
}

/* The upper layer's top is the root that the container sees: mode and owner are the rootfs's. */
static int make_layers(int tmpfs_fd, int lower_fd)
{
        _cleanup_close_ int upper_fd = -EBADF;
        struct stat st;

        if (fstat(lower_fd, &st) < 0 || mkdirat(tmpfs_fd, "upper", 0755) < 0 ||
                mkdirat(tmpfs_fd, "work", 0700) < 0)
                return -errno;
        upper_fd = openat(tmpfs_fd, "upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (upper_fd < 0 || fchmod(upper_fd, st.st_mode & 07777) < 0)
                return -errno;
        /* An owner that is not mapped stays the container's root's. */
        if (fchown(upper_fd, st.st_uid, st.st_gid) < 0 && errno != EINVAL)
                return -errno;
        return 0;
}

static int new_overlay(int lower_fd, int tmpfs_fd, bool is_user_namespace)
{
        _cleanup_close_ int fs_fd = fsopen("overlay", FSOPEN_CLOEXEC);
        const struct {
                const char *key, *format;
                int fd;
        } layers[] = {
                { "lowerdir", "/proc/self/fd/%d", lower_fd },
                { "upperdir", "/proc/self/fd/%d/upper", tmpfs_fd },
                { "workdir", "/proc/self/fd/%d/work", tmpfs_fd },
        };
        char path[64];
        int fd;

        if (fs_fd < 0)
                return -errno;
        for (size_t i = 0; i < ELEMENTSOF(layers); i++) {
                (void) snprintf(path, sizeof(path), layers[i].format, layers[i].fd);
                if (fsconfig(fs_fd, FSCONFIG_SET_STRING, layers[i].key, path, 0) < 0)
                        return -errno;
        }
        if (is_user_namespace && fsconfig(fs_fd, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) < 0)
                return -errno;
        if (fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
                return -errno;
        fd = fsmount(fs_fd, FSMOUNT_CLOEXEC, 0);
        return fd < 0 ? -errno : fd;
}

/* The topmost mount of "/" goes. */
static int detach(int mount_fd)
{
        return fchdir(mount_fd) < 0 || umount2(".", MNT_DETACH) < 0 ? -errno : 0;
}

int op_attach_overlay(Context *ctx, const ProgramOp *op, CtrError *err)
{
        _cleanup_close_ int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        int tmpfs_fd, overlay_fd, r;

        if (ctx->rootfs_fd < 0 || !ctx->has_mount_namespace)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "no rootfs was attached");
        tmpfs_fd = mount_new(ctx, "tmpfs", "overlay", (ProgramData){ 0 }, 0, err);
        if (tmpfs_fd < 0)
                return tmpfs_fd;
        r = attach_on_root(tmpfs_fd);
        if (r >= 0)
                r = make_layers(tmpfs_fd, ctx->rootfs_fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "upper layer of the overlay");
        overlay_fd = new_overlay(ctx->rootfs_fd, tmpfs_fd, op->number[0] & OVERLAY_USERXATTR);
        r = overlay_fd < 0 ? overlay_fd : detach(tmpfs_fd);
        if (r >= 0)
                r = detach(ctx->rootfs_fd);
        if (r >= 0)
                r = fchdir(root_fd) < 0 ? -errno : attach_on_root(overlay_fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                        "cannot put an overlay over the rootfs%s",
                        r == -ENODEV ? " (the kernel has no overlay file system)" : "");
        closep(&tmpfs_fd);
        ctx->rootfs_fd = overlay_fd;
        return 0;
}
