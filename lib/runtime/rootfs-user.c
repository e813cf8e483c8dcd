/* User, primary and supplementary groups: see rootfs-user.h. */
#include "runtime/rootfs-user.h"

#include "runtime/user-name.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { GROUPS_MAX = 1024 };

static int add_group(RootfsUser *user, uint32_t gid, CtrError *err)
{
        uint32_t *groups;

        for (size_t i = 0; i < user->n_groups; i++)
                if (user->groups[i] == gid)
                        return 0;
        if (user->n_groups >= GROUPS_MAX)
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "more than %d groups", GROUPS_MAX);
        groups = reallocarray(user->groups, user->n_groups + 1, sizeof(*groups));
        if (!groups)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading groups");
        user->groups = groups;
        groups[user->n_groups++] = gid;
        return 0;
}

/* A group is looked up as that of root. */
static int find_group(int root_fd, const char *name, uint32_t *ret, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        NamedUser found;
        int r;

        if (asprintf(&text, "0:%s", name) < 0) {
                text = NULL;
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading groups");
        }
        r = user_name_resolve(root_fd, text, &found, err);
        if (r >= 0)
                *ret = found.gid;
        return r;
}

static int find(int root_fd, const char *name, const char *group, const SpecStrv *extra,
        RootfsUser *ret, CtrError *err)
{
        NamedUser found;
        uint32_t gid;
        int r;

        r = user_name_resolve(root_fd, name, &found, err);
        if (r < 0)
                return r;
        ret->uid = found.uid;
        ret->gid = found.gid;
        for (size_t i = 0; i < found.n_additional && r >= 0; i++)
                r = add_group(ret, found.additional[i], err);
        if (r >= 0 && group)
                r = find_group(root_fd, group, &ret->gid, err);
        for (size_t i = 0; extra && i < extra->n && r >= 0; i++) {
                r = find_group(root_fd, extra->items[i], &gid, err);
                if (r >= 0)
                        r = add_group(ret, gid, err);
        }
        return r;
}

int rootfs_user_find(const char *rootfs, const char *user, const char *group, const SpecStrv *extra,
        RootfsUser *ret, CtrError *err)
{
        _cleanup_close_ int root_fd = -EBADF;
        RootfsUser found = { 0 };
        int r;

        *ret = found;
        if (!user && !group && (!extra || extra->n == 0))
                return 0;
        root_fd = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, errno,
                        "cannot open root file system %s", rootfs);
        r = find(root_fd, user ? user : "0", group, extra, &found, err);
        if (r < 0)
                rootfs_user_done(&found);
        else
                *ret = found;
        return r;
}

void rootfs_user_done(RootfsUser *user)
{
        free(user->groups);
        *user = (RootfsUser){ 0 };
}
