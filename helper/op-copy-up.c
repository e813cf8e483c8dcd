/* A tmpfs that begins with a copy of the directory it covers ("tmpcopyup"). The copy is made into
 * the detached mount, by descriptors on both sides: the source is the container's and may change
 * while it is read. */
#include "helper/ops.h"

#include "helper/kernel.h"
#include "helper/mount.h"
#include "helper/resolve.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define DEPTH_MAX  64
#define XATTR_SIZE 4096

static int copy_directory(int from_fd, int to_fd, unsigned depth);

/* Extended attributes that the tmpfs of this kernel can hold; the others are lost, as with cp(1).
 */
static void copy_xattrs(int from_fd, int to_fd)
{
        char names[XATTR_SIZE], value[XATTR_SIZE];
        ssize_t n = flistxattr(from_fd, names, sizeof(names));

        for (ssize_t i = 0; i < n; i += (ssize_t) strlen(names + i) + 1) {
                ssize_t size = fgetxattr(from_fd, names + i, value, sizeof(value));

                if (size >= 0)
                        (void) fsetxattr(to_fd, names + i, value, (size_t) size, 0);
        }
}

/* An owner that the container's user namespace does not map cannot be given: the copy stays the
 * container's root's. 1 then, else 0 or -errno. */
static int copy_owner(int dir_fd, const char *name, const struct stat *st)
{
        if (fchownat(dir_fd, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) >=
                0)
                return 0;
        return errno == EINVAL ? 1 : -errno;
}

/* Owner before mode: a change of owner clears the set-id bits, and another owner gets none. */
static int copy_attributes(int from_fd, int to_fd, const struct stat *st)
{
        struct timespec times[] = { st->st_atim, st->st_mtim };
        int r = copy_owner(to_fd, "", st);

        if (r < 0 || fchmod(to_fd, st->st_mode & (r > 0 ? 0777 : 07777)) < 0)
                return r < 0 ? r : -errno;
        copy_xattrs(from_fd, to_fd);
        return futimens(to_fd, times) < 0 ? -errno : 0;
}

static int copy_file(int from_dir, int to_dir, const char *name)
{
        _cleanup_close_ int from = -EBADF, to = -EBADF;
        struct stat st;
        ssize_t n;

        from = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (from < 0 || fstat(from, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBUSY;
        to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (to < 0)
                return -errno;
        while ((n = sendfile(to, from, NULL, 1U << 30)) > 0)
                continue;
        return n < 0 ? -errno : copy_attributes(from, to, &st);
}

static int copy_subdirectory(int from_dir, int to_dir, const char *name, unsigned depth)
{
        _cleanup_close_ int from = -EBADF, to = -EBADF;
        struct stat st;
        int r;

        from = openat(from_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (from < 0 || fstat(from, &st) < 0 || mkdirat(to_dir, name, 0700) < 0)
                return -errno;
        to = openat(to_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (to < 0)
                return -errno;
        r = copy_directory(from, to, depth + 1);
        return r < 0 ? r : copy_attributes(from, to, &st);
}

static int copy_link(int from_dir, int to_dir, const char *name, const struct stat *st)
{
        char target[PATH_MAX];
        ssize_t n = readlinkat(from_dir, name, target, sizeof(target) - 1);

        if (n < 0)
                return -errno;
        target[n] = '\0';
        if (symlinkat(target, to_dir, name) < 0)
                return -errno;
        return MIN_OF(copy_owner(to_dir, name, st), 0);
}

static int copy_entry(int from_dir, int to_dir, const char *name, unsigned depth)
{
        struct stat st;

        if (fstatat(from_dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        switch (st.st_mode & S_IFMT) {
        case S_IFREG:
                return copy_file(from_dir, to_dir, name);
        case S_IFDIR:
                return copy_subdirectory(from_dir, to_dir, name, depth);
        case S_IFLNK:
                return copy_link(from_dir, to_dir, name, &st);
        default:
                if (mknodat(to_dir, name, st.st_mode, st.st_rdev) < 0)
                        return -errno;
                return MIN_OF(copy_owner(to_dir, name, &st), 0);
        }
}

static int copy_directory(int from_fd, int to_fd, unsigned depth)
{
        _Alignas(struct dirent64) char buf[4096];
        ssize_t n;

        if (depth > DEPTH_MAX)
                return -ELOOP;
        while ((n = sys_getdents64(from_fd, buf, sizeof(buf))) > 0)
                for (ssize_t i = 0; i < n;) {
                        struct dirent64 *d = (struct dirent64 *) (void *) (buf + i);
                        int r;

                        i += d->d_reclen;
                        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
                                continue;
                        r = copy_entry(from_fd, to_fd, d->d_name, depth);
                        if (r < 0)
                                return r;
                }
        return n < 0 ? -errno : 0;
}

static bool has_mode(const Context *ctx, ProgramData options)
{
        for (const char *s = NULL; (s = program_list_next(&ctx->program, options, s));)
                if (strncmp(s, "mode=", 5) == 0)
                        return true;
        return false;
}

/* The read-only attribute waits until the copy is made. */
static int fill(Context *ctx, const ProgramOp *op, int target_fd, int mount_fd)
{
        _cleanup_close_ int from = -EBADF, to = -EBADF;
        MountChange change = { .set = op->number[0] };
        struct stat st;
        int r;

        from = openat(target_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        to = openat(mount_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (from < 0 || to < 0 || fstat(from, &st) < 0)
                return -errno;
        r = copy_directory(from, to, 0);
        if (r >= 0 && !has_mode(ctx, op->data[0]))
                r = copy_attributes(from, to, &st);
        return r < 0 ? r : mount_change(mount_fd, &change);
}

int op_mount_copy_up(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *type = op_string(ctx, op, 0), *path = op_string(ctx, op, 2);
        _cleanup_close_ int target_fd = -EBADF, mount_fd = -EBADF;
        int r;

        target_fd = resolve_make(ctx->rootfs_fd, path, RESOLVE_DIRECTORY, (mode_t) op->number[2]);
        if (target_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, target_fd, "target %s", path);
        r = mount_check_target(target_fd, path, type, -EBADF, ctx, err);
        if (r < 0)
                return r;
        mount_fd = mount_new(ctx, type, op_string(ctx, op, 1), op->data[0], 0, err);
        if (mount_fd < 0)
                return ctr_error_prefix(err, mount_fd, "%s", path);
        r = fill(ctx, op, target_fd, mount_fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot copy %s", path);
        r = mount_attach(mount_fd, target_fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot attach to %s", path);
        return 0;
}
