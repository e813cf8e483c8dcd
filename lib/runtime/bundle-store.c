/* Bundles of our own: see bundle-store.h. */
#include "runtime/bundle-store.h"

#include "base/io.h"
#include "base/name.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

const char *bundle_store_path(const char *id, char *buf, size_t size)
{
        if (!ctr_id_is_valid(id) || snprintf(buf, size, "%s/%s", BUNDLE_STORE, id) >= (int) size)
                buf[0] = '\0';
        return buf;
}

static int open_store(void)
{
        return open(BUNDLE_STORE, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

int bundle_store_create(const char *id, CtrError *err)
{
        _cleanup_close_ int store_fd = -EBADF;
        int r;

        r = ctr_id_check(id, err);
        if (r >= 0)
                r = ctr_mkdir_parents(BUNDLE_STORE, 0700, err);
        if (r < 0)
                return r;
        store_fd = open_store();
        if (store_fd >= 0 && mkdirat(store_fd, id, 0700) < 0 && errno == EEXIST) {
                (void) ctr_error_set(err, CTR_ERROR_ID_IN_USE, 0,
                        "container with given ID already exists (its bundle is in %s)",
                        BUNDLE_STORE);
                return -EEXIST;
        }
        return bundle_store_open(id, err);
}

int bundle_store_open(const char *id, CtrError *err)
{
        _cleanup_close_ int store_fd = open_store();
        int fd = -EBADF, r;

        r = ctr_id_check(id, err);
        if (r < 0)
                return r;
        if (store_fd >= 0)
                fd = openat(store_fd, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot open %s/%s", BUNDLE_STORE, id);
        return fd;
}

/* systemd sees that it is gone, and forgets its unit. Mostly there is none. */
static void unmount_image(const char *id)
{
        char path[512];

        (void) snprintf(path, sizeof(path), BUNDLE_STORE "/%s/" BUNDLE_ROOTFS, id);
        (void) umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
}

int bundle_store_remove(const char *id, CtrError *err)
{
        _cleanup_close_ int store_fd = open_store();
        int r;

        if (!ctr_id_is_valid(id) || (store_fd < 0 && errno == ENOENT))
                return 0;
        r = store_fd < 0 ? -errno : 0;
        if (r >= 0) {
                unmount_image(id);
                r = ctr_remove_tree(store_fd, id);
        }
        return r < 0 ? ctr_error_set(
                               err, CTR_ERROR_SYSTEM, r, "cannot remove %s/%s", BUNDLE_STORE, id)
                     : 0;
}
