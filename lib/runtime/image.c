/* Images as root file systems: see image.h. */
#include "runtime/image.h"

#include "runtime/bundle-store.h"
#include "runtime/trust.h"
#include "sd/sd-mount.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What is mounted at all, and by what a file of it is known. */
static const struct {
        const char *type;
        off_t offset;
        const char *magic;
        size_t size;
} kinds[] = {
        { "squashfs", 0, "hsqs", 4 },
        { "ext4", 1024 + 0x38, "\x53\xef", 2 },
};

bool image_is_file(const char *path)
{
        struct stat st;

        return lstat(path, &st) >= 0 && S_ISREG(st.st_mode);
}

static int find_type(int fd, const char *path, const char **ret, CtrError *err)
{
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                char found[8];

                if (pread(fd, found, kinds[i].size, kinds[i].offset) == (ssize_t) kinds[i].size &&
                        memcmp(found, kinds[i].magic, kinds[i].size) == 0) {
                        *ret = kinds[i].type;
                        return 0;
                }
        }
        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                "%s is neither a directory nor an image of squashfs or ext4", path);
}

/* Nobody but root may change the file or exchange it on its way. */
static int check_file(const char *path, const char **ret_type, CtrError *err)
{
        const char *name = strrchr(path, '/');
        _cleanup_close_ int dir_fd = -EBADF, fd = -EBADF;
        char parent[4096];
        struct stat st;

        if (!name || (size_t) (name - path) >= sizeof(parent))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0, "RootFS %s", path);
        (void) snprintf(
                parent, sizeof(parent), "%.*s", name == path ? 1 : (int) (name - path), path);
        dir_fd = trust_open_directory(parent, err);
        if (dir_fd < 0)
                return dir_fd;
        fd = openat(dir_fd, name + 1, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, errno, "cannot open RootFS %s", path);
        if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & 022))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "%s is not safe: only root may own and write an image", path);
        return find_type(fd, path, ret_type, err);
}

int image_mount(const char *path, const char *id, char *ret, size_t size,
        char unit[static CTR_UNIT_NAME_MAX], CtrError *err)
{
        _cleanup_close_ int bundle_fd = -EBADF;
        char bundle[512], description[CTR_ID_MAX + 64];
        SdMount mount = { .what = path,
                .where = ret,
                .options = "loop,ro,nosuid,nodev",
                .description = description };
        SdConnection bus = { 0 };
        int r;

        r = check_file(path, &mount.type, err);
        if (r >= 0)
                r = bundle_fd = bundle_store_open(id, err);
        if (r < 0)
                return r;
        (void) snprintf(description, sizeof(description), "Root file system of container %s", id);
        (void) snprintf(
                ret, size, "%s/" BUNDLE_ROOTFS, bundle_store_path(id, bundle, sizeof(bundle)));
        if (mkdirat(bundle_fd, BUNDLE_ROOTFS, 0755) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make %s", ret);
        r = sd_mount_unit(ret, unit, CTR_UNIT_NAME_MAX);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, r,
                        "the id is too long for the name of a mount unit");
        r = sd_connect(&bus, err);
        if (r >= 0)
                r = sd_mount_start(&bus, &mount, err);
        sd_disconnect(&bus);
        return r;
}
