/* Mounts by descriptor: no path of the container is ever given to mount(2) or umount(2). */
#include "helper/mount.h"

#include "helper/procfs.h"
#include "helper/resolve.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

int mount_change(int fd, const MountChange *change)
{
        struct mount_attr attr = {
                .attr_set = change->set,
                .attr_clr = change->clear,
                .propagation = change->propagation,
        };
        unsigned flags = AT_EMPTY_PATH | (change->is_recursive ? AT_RECURSIVE : 0);

        return mount_setattr(fd, "", flags, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

int mount_clone(int fd, bool is_recursive)
{
        unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
                         (is_recursive ? AT_RECURSIVE : 0);
        int clone_fd = open_tree(fd, "", flags);

        return clone_fd < 0 ? -errno : clone_fd;
}

int mount_attach(int mount_fd, int target_fd)
{
        if (move_mount(mount_fd, "", target_fd, "",
                    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
                return -errno;
        return 0;
}

/* What the kernel wrote into the log of a file system context (one message a read, "e text"), or
 * strerror. */
static int explain(int fs_fd, int errno_value, const char *what, const char *object, CtrError *err)
{
        char text[256];
        ssize_t n = read(fs_fd, text, sizeof(text) - 1);

        if (n <= 2)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno_value, "%s %s", what, object);
        text[n] = '\0';
        text[strcspn(text, "\n")] = '\0';
        return ctr_error_set(
                err, CTR_ERROR_SYSTEM, errno_value, "%s %s (%s)", what, object, text + 2);
}

static int set_option(int fs_fd, const char *option)
{
        const char *equals = strchr(option, '=');
        char key[64];

        if (!equals)
                return fsconfig(fs_fd, FSCONFIG_SET_FLAG, option, NULL, 0);
        if ((size_t) (equals - option) >= sizeof(key)) {
                errno = EINVAL;
                return -1;
        }
        (void) snprintf(key, sizeof(key), "%.*s", (int) (equals - option), option);
        return fsconfig(fs_fd, FSCONFIG_SET_STRING, key, equals + 1, 0);
}

static int make_file_system(const Context *ctx, const char *type, const char *source,
        ProgramData options, const char *last_option, uint64_t attr, CtrError *err)
{
        _cleanup_close_ int fs_fd = fsopen(type, FSOPEN_CLOEXEC);
        int fd;

        if (fs_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "file system type %s", type);
        if (source && fsconfig(fs_fd, FSCONFIG_SET_STRING, "source", source, 0) < 0)
                return explain(fs_fd, errno, "source", source, err);
        for (const char *s = NULL; (s = program_list_next(&ctx->program, options, s));)
                if (set_option(fs_fd, s) < 0)
                        return explain(fs_fd, errno, "option", s, err);
        if (last_option && set_option(fs_fd, last_option) < 0)
                return explain(fs_fd, errno, "option", last_option, err);
        if (fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
                return explain(fs_fd, errno, "cannot create file system", type, err);
        fd = fsmount(fs_fd, FSMOUNT_CLOEXEC, (unsigned) attr);
        if (fd < 0)
                return explain(fs_fd, errno, "cannot mount", type, err);
        return fd;
}

int mount_new(const Context *ctx, const char *type, const char *source, ProgramData options,
        uint64_t attr, CtrError *err)
{
        return make_file_system(ctx, type, source, options, NULL, attr, err);
}

int mount_new_tmpfs(const Context *ctx, const char *source, ProgramData options, mode_t mode,
        uint64_t attr, CtrError *err)
{
        char option[sizeof("mode=") + 8];

        (void) snprintf(option, sizeof(option), "mode=%04o", (unsigned) mode & 07777);
        return make_file_system(ctx, "tmpfs", source, options, option, attr, err);
}

/* Files of procfs that system containers commonly cover with their own view. */
static const char *const coverable[] = {
        "/proc/cpuinfo",
        "/proc/diskstats",
        "/proc/loadavg",
        "/proc/meminfo",
        "/proc/slabinfo",
        "/proc/stat",
        "/proc/swaps",
        "/proc/uptime",
        "/proc/sys/crypto/fips_enabled",
        "/proc/sys/kernel/ns_last_pid",
};

static bool is_same(int a, int b)
{
        struct stat st_a, st_b;

        return fstat(a, &st_a) >= 0 && fstat(b, &st_b) >= 0 && st_a.st_dev == st_b.st_dev &&
               st_a.st_ino == st_b.st_ino;
}

static bool is_coverable(int root_fd, int target_fd)
{
        for (size_t i = 0; i < ELEMENTSOF(coverable); i++) {
                _cleanup_close_ int fd = resolve_open(root_fd, coverable[i], O_PATH, 0);

                if (fd >= 0 && is_same(fd, target_fd))
                        return true;
        }
        return false;
}

static bool is_on(int fd, unsigned long magic)
{
        struct statfs st;

        return fstatfs(fd, &st) >= 0 && (unsigned long) st.f_type == magic;
}

int mount_check_target(int target_fd, const char *path, const char *type, int source_fd,
        Context *ctx, CtrError *err)
{
        _cleanup_close_ int proc_fd = -EBADF;
        bool is_proc = type ? strcmp(type, "proc") == 0 : is_on(source_fd, PROC_SUPER_MAGIC);

        if (is_same(target_fd, ctx->rootfs_fd))
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, EPERM, "%s: cannot mount over the root", path);
        proc_fd = resolve_open(ctx->rootfs_fd, "proc", O_PATH, 0);
        if (proc_fd < 0)
                return 0;
        if (is_same(proc_fd, target_fd))
                return is_proc ? 0
                               : ctr_error_set(err, CTR_ERROR_SYSTEM, EPERM,
                                         "%s: only a procfs can be mounted on /proc", path);
        if (is_on(target_fd, PROC_SUPER_MAGIC) && !is_coverable(ctx->rootfs_fd, target_fd))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EPERM,
                        "%s: cannot be mounted over, because it is inside of /proc", path);
        return 0;
}
