/* The root of the container: its detached clone, where it is attached, and the change of roots.
 *
 * The clone is attached over "/" of the new mount namespace, so no directory is needed for it, or
 * at its own place where hooks look for it; it is used through its descriptor only, until
 * pivot_root(2) puts it in the old root's place and the old root is detached. */
#include "helper/ops.h"

#include "base/io.h"
#include "helper/kernel.h"
#include "helper/mount.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define MOUNTINFO_SIZE_MAX (16U * 1024 * 1024)

enum {
        ROOTFS_SLAVE = 1,
        PIVOT_CHROOT = 1,
        PIVOT_HIDE = 2,
        PROPAGATION_RECURSIVE = 1,
};

/* Nothing that is mounted in the container ever shows in the rootfs directory of the host. The
 * other way round it does for a slave: what is private once has no way back to its group. */
int op_open_rootfs(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        MountChange change = {
                .propagation = op->number[1] & ROOTFS_SLAVE ? MS_SLAVE : MS_PRIVATE,
                .is_recursive = true,
        };
        int fd, r;

        fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open rootfs %s", path);
        ctx->slots[op->number[0]] = fd;
        r = mount_change(fd, &change);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "propagation of rootfs %s", path);
        return 0;
}

/* Both operations change the mounts that the process sees as its host: never the real ones. */
static int check_namespace(const Context *ctx, CtrError *err)
{
        if (ctx->has_mount_namespace)
                return 0;
        return ctr_error_set(err, CTR_ERROR_SYSTEM, EPERM, "needs a mount namespace of its own");
}

static int change_inherited(uint64_t propagation, bool is_recursive)
{
        _cleanup_close_ int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        MountChange change = { .propagation = propagation, .is_recursive = is_recursive };

        return fd < 0 ? -errno : mount_change(fd, &change);
}

int op_inherited_propagation(Context *ctx, const ProgramOp *op, CtrError *err)
{
        int r = check_namespace(ctx, err);

        if (r < 0)
                return r;
        r = change_inherited(op->number[0], true);
        if (r < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, r, "mounts of the host (is / a mount point?)");
        ctx->is_tree_private = op->number[0] != MS_SHARED;
        return 0;
}

/* The directory that the rootfs is a clone of, in this mount namespace. -errno where it cannot be
 * reached (by the root of a user namespace), or is another one by now. */
static int open_own_place(const char *path, int rootfs_fd)
{
        _cleanup_close_ int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct stat place, rootfs;

        if (fd < 0 || fstat(fd, &place) < 0 || fstat(rootfs_fd, &rootfs) < 0)
                return -errno;
        if (place.st_dev != rootfs.st_dev || place.st_ino != rootfs.st_ino)
                return -ESTALE;
        return TAKE_FD(fd);
}

int op_attach_rootfs(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        _cleanup_close_ int target_fd = -EBADF;
        int r = check_namespace(ctx, err);

        if (r < 0)
                return r;
        /* With a shared parent the host would get the rootfs over its own "/", and pivot_root
         * refuses. */
        r = ctx->is_tree_private ? 0 : change_inherited(MS_PRIVATE, false);
        ctx->rootfs_fd = op_slot(ctx, op, 0);
        if (r >= 0 && path && ctx->is_tree_private)
                target_fd = open_own_place(path, ctx->rootfs_fd);
        ctx->is_rootfs_in_place = target_fd >= 0;
        if (r >= 0 && target_fd < 0)
                target_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (r >= 0)
                r = target_fd < 0 ? -errno : mount_attach(ctx->rootfs_fd, target_fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot attach the rootfs");
        return 0;
}

/* The old root is on top of the new one at "/" now: the current directory leads to it. Its mounts
 * must not take the host's with them. */
static int detach_old_root(const Context *ctx, int old_fd)
{
        MountChange change = { .propagation = MS_SLAVE, .is_recursive = true };
        int r = ctx->is_tree_private ? 0 : mount_change(old_fd, &change);

        if (r < 0)
                return r;
        return umount2(".", MNT_DETACH) < 0 ? -errno : 0;
}

static int pivot(const Context *ctx)
{
        _cleanup_close_ int old_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (old_fd < 0 || fchdir(ctx->rootfs_fd) < 0 || sys_pivot_root(".", ".") < 0)
                return -errno;
        return detach_old_root(ctx, old_fd);
}

/* The mount point of a line of mountinfo (proc(5)), with its octal escapes undone, when it is of
 * procfs or sysfs. */
static bool parse_visible(char *line, char path[static 4096])
{
        char *rest = strstr(line, " - "), *word = line;
        size_t n = 0;

        if (!rest || (strncmp(rest + 3, "proc ", 5) != 0 && strncmp(rest + 3, "sysfs ", 6) != 0))
                return false;
        for (unsigned i = 0; i < 4 && word; i++)
                word = (word = strchr(word, ' ')) ? word + 1 : NULL;
        for (; word && *word != ' ' && *word != '\0' && n < 4095; n++)
                if (word[0] == '\\' && strspn(word + 1, "01234567") >= 3) {
                        path[n] =
                                (char) ((word[1] - '0') * 64 + (word[2] - '0') * 8 + word[3] - '0');
                        word += 4;
                } else {
                        path[n] = *word++;
                }
        path[n] = '\0';
        return n > 1;
}

/* What of the container has the same path is not there by the old root, or of another kind. */
static int cover(const Context *ctx, int old_fd, const char *path, CtrError *err)
{
        _cleanup_close_ int target_fd =
                openat(old_fd, path + 1, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_close_ int fd = -EBADF;
        struct statfs st;

        if (target_fd < 0 || fstatfs(target_fd, &st) < 0 ||
                (st.f_type != PROC_SUPER_MAGIC && st.f_type != SYSFS_MAGIC))
                return 0;
        fd = mount_new(ctx, "tmpfs", "none", (ProgramData){ 0 }, MOUNT_ATTR_RDONLY, err);
        return fd < 0 ? fd : mount_attach(fd, target_fd);
}

/* The old root stays in the mount namespace. With a procfs or sysfs in it that is seen whole the
 * kernel would let a payload mount another one, without masks (mount_namespaces(7)): nothing of
 * them is seen from here on. */
static int hide_old_root(const Context *ctx, CtrError *err)
{
        _cleanup_close_ int old_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_free_ char *bytes = NULL;
        char path[4096], *at, *line;
        size_t size;
        int r;

        if (old_fd < 0)
                return -errno;
        r = ctr_read_file(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_SIZE_MAX, &bytes, &size, err);
        at = bytes;
        while (r >= 0 && (line = strsep(&at, "\n")))
                if (parse_visible(line, path))
                        r = cover(ctx, old_fd, path, err);
        return r;
}

/* Where "/" is the initial RAM file system pivot_root cannot work. The rootfs covers it: a walk up
 * from the new root ends in the mount on top, so the old one stays out of reach. */
static int change_root(const Context *ctx)
{
        if (ctx->is_rootfs_in_place) {
                _cleanup_close_ int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
                int r = fd < 0 ? -errno : mount_attach(ctx->rootfs_fd, fd);

                if (r < 0)
                        return r;
        }
        return fchdir(ctx->rootfs_fd) < 0 || chroot(".") < 0 ? -errno : 0;
}

int op_pivot(Context *ctx, const ProgramOp *op, CtrError *err)
{
        int r;

        if (ctx->rootfs_fd < 0 || !ctx->has_mount_namespace)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "no rootfs was attached");
        r = op->number[0] & PIVOT_HIDE ? hide_old_root(ctx, err) : 0;
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot hide the old root");
        r = op->number[0] & PIVOT_CHROOT ? change_root(ctx) : pivot(ctx);
        if (r >= 0 && chdir("/") < 0)
                r = -errno;
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot change the root%s",
                        r == -EINVAL ? " (is / the initial RAM file system? then use --no-pivot)"
                                     : "");
        return 0;
}

int op_root_readonly(Context *ctx, const ProgramOp *op, CtrError *err)
{
        MountChange change = { .set = MOUNT_ATTR_RDONLY };
        int r = mount_change(ctx->rootfs_fd, &change);

        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "/");
        return 0;
}

int op_root_propagation(Context *ctx, const ProgramOp *op, CtrError *err)
{
        MountChange change = {
                .propagation = op->number[0],
                .is_recursive = op->number[1] & PROPAGATION_RECURSIVE,
        };
        int r = mount_change(ctx->rootfs_fd, &change);

        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "/");
        return 0;
}
