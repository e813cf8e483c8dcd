/* The unit's credentials (systemd.exec(5)) for the container: copies in a ramfs of its own, which
 * is never swapped out, owned by the payload's user and read-only. A bind of PID 1's directory
 * would belong to root of the host, and be unreadable for everybody else. */
#include "helper/ops.h"

#include "base/io.h"
#include "helper/kernel.h"
#include "helper/mount.h"
#include "helper/resolve.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define UNKNOWN_ID UINT64_MAX

typedef struct Copy {
        int from_fd, to_fd; /* directories */
        uint64_t uid, gid;
} Copy;

static int give_away(const Copy *copy, int fd, mode_t execute)
{
        bool is_known = copy->uid != UNKNOWN_ID;

        if (is_known && fchown(fd, (uid_t) copy->uid, (gid_t) copy->gid) < 0)
                return -errno;
        return fchmod(fd, (is_known ? 0400 : 0444) | execute) < 0 ? -errno : 0;
}

static int copy_file(const Copy *copy, const char *name)
{
        _cleanup_close_ int from_fd = openat(
                copy->from_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        _cleanup_close_ int to_fd = -EBADF;
        char buf[16384];
        struct stat st;
        ssize_t n;
        int r = 0;

        if (from_fd < 0 || fstat(from_fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return 0;
        to_fd = openat(
                copy->to_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (to_fd < 0)
                return -errno;
        while (r >= 0 && (n = read(from_fd, buf, sizeof(buf))) != 0)
                r = n < 0 ? -errno : ctr_write_all(to_fd, buf, (size_t) n);
        explicit_bzero(buf, sizeof(buf));
        return r < 0 ? r : give_away(copy, to_fd, 0);
}

static int copy_all(const Copy *copy)
{
        _Alignas(struct dirent64) char buf[4096];
        ssize_t n;

        while ((n = sys_getdents64(copy->from_fd, buf, sizeof(buf))) > 0)
                for (ssize_t i = 0; i < n;) {
                        struct dirent64 *d = (struct dirent64 *) (void *) (buf + i);
                        int r = 0;

                        i += d->d_reclen;
                        if (d->d_name[0] != '.')
                                r = copy_file(copy, d->d_name);
                        if (r < 0)
                                return r;
                }
        return n < 0 ? -errno : give_away(copy, copy->to_fd, copy->uid == UNKNOWN_ID ? 0111 : 0100);
}

int op_copy_credentials(Context *ctx, const ProgramOp *op, CtrError *err)
{
        static const MountChange readonly = { .set = MOUNT_ATTR_RDONLY };
        _cleanup_close_ int mount_fd = -EBADF, from_fd = -EBADF, to_fd = -EBADF;
        int r;

        if (!ctx->credentials)
                return 0;
        from_fd = open(ctx->credentials, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (from_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "%s", ctx->credentials);
        mount_fd = mount_new(ctx, "ramfs", "credentials", (ProgramData){ 0 },
                MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, err);
        if (mount_fd < 0)
                return mount_fd;
        to_fd = openat(mount_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = to_fd < 0 ? -errno
                      : copy_all(&(Copy){ .from_fd = from_fd,
                                .to_fd = to_fd,
                                .uid = op->number[1],
                                .gid = op->number[2] });
        /* A file that is open for writing would not let it become read-only. */
        closep(&to_fd);
        if (r >= 0)
                r = mount_change(mount_fd, &readonly);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot copy %s", ctx->credentials);
        ctx->slots[op->number[0]] = TAKE_FD(mount_fd);
        return 0;
}

int op_bind_credentials(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        int source_fd = op_slot(ctx, op, 0), r;
        _cleanup_close_ int target_fd = -EBADF;

        if (source_fd < 0)
                return 0;
        target_fd = resolve_make(ctx->rootfs_fd, path, RESOLVE_DIRECTORY, 0755);
        if (target_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, target_fd, "target %s", path);
        r = mount_check_target(target_fd, path, NULL, source_fd, ctx, err);
        if (r < 0)
                return r;
        r = mount_attach(source_fd, target_fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot mount on %s", path);
        ctx->credentials_path = path;
        return 0;
}
