/* Users and groups of a root file system: see rootfs-user.h. The lines themselves are read by
 * user-database.c. */
#include "runtime/rootfs-user.h"

#include "runtime/rootfs-file.h"
#include "runtime/user-database.h"

#include "base/io.h"

#include <fcntl.h>
#include <string.h>

enum { GROUPS_MAX = 1024, NAME_SIZE_MAX = 64 };

typedef struct Database {
        char *passwd, *group; /* NULL when there is no such file */
        size_t passwd_size, group_size;
} Database;

static void database_done(Database *db)
{
        free(db->passwd);
        free(db->group);
}

static bool parse_id(const char *text, uint32_t *ret)
{
        uint64_t value;

        if (ctr_parse_u64(text, UINT32_MAX - 1, &value) < 0)
                return false;
        *ret = (uint32_t) value;
        return true;
}

/* A number that is none is no name either. */
static bool is_digits(const char *text)
{
        return text[strspn(text, "0123456789")] == '\0';
}

static int find_group(const Database *db, const char *name, uint32_t *ret, CtrError *err)
{
        if (parse_id(name, ret) || (!is_digits(name) && user_database_find_group(db->group,
                                                                db->group_size, name, ret) >= 0))
                return 0;
        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                "group \"%.64s\" is not in /etc/group of the root file system: add it, or give its "
                "number",
                name);
}

static int add_group(void *userdata, uint32_t gid)
{
        RootfsUser *user = userdata;
        uint32_t *groups;

        for (size_t i = 0; i < user->n_groups; i++)
                if (user->groups[i] == gid)
                        return 0;
        if (user->n_groups >= GROUPS_MAX)
                return -E2BIG;
        groups = reallocarray(user->groups, user->n_groups + 1, sizeof(*groups));
        if (!groups)
                return -ENOMEM;
        user->groups = groups;
        groups[user->n_groups++] = gid;
        return 0;
}

static int groups_error(int r, CtrError *err)
{
        return r < 0 ? ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, r,
                               "cannot take all groups of the user (at most %d)", GROUPS_MAX)
                     : 0;
}

/* The user's line, and without a group of its own the groups that list it. */
static int find_user(
        const Database *db, const char *name, const char *group, RootfsUser *ret, CtrError *err)
{
        bool is_number = parse_id(name, &ret->uid);
        UserEntry entry;
        int r;

        r = !is_number && is_digits(name) ? -ENOENT
                                          : user_database_find_user(db->passwd, db->passwd_size,
                                                    is_number ? NULL : name, ret->uid, &entry);
        if (r < 0 && !is_number)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "user \"%.64s\" is not in /etc/passwd of the root file system: add it, or "
                        "give its number",
                        name);
        if (r >= 0) {
                ret->uid = entry.uid;
                ret->gid = entry.gid;
        }
        if (group)
                return find_group(db, group, &ret->gid, err);
        if (r < 0)
                return 0;
        return groups_error(user_database_for_each_group(db->group, db->group_size, entry.name,
                                    entry.gid, add_group, ret),
                err);
}

static int find(const Database *db, const char *text, const char *group, const SpecStrv *extra,
        RootfsUser *ret, CtrError *err)
{
        const char *colon = strchr(text, ':');
        size_t size = colon ? (size_t) (colon - text) : strlen(text);
        char name[NAME_SIZE_MAX];
        uint32_t gid;
        int r;

        if (size == 0 || size >= sizeof(name) || (colon && colon[1] == '\0'))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "\"%.64s\" is no user (USER or USER:GROUP, names or numbers)", text);
        memcpy(name, text, size);
        name[size] = '\0';
        r = find_user(db, name, group ? group : colon ? colon + 1 : NULL, ret, err);
        for (size_t i = 0; extra && i < extra->n && r >= 0; i++) {
                r = find_group(db, extra->items[i], &gid, err);
                if (r >= 0)
                        r = groups_error(add_group(ret, gid), err);
        }
        return r;
}

int rootfs_user_find_in(const char *passwd, const char *group_file, const char *user,
        const char *group, const SpecStrv *extra, RootfsUser *ret, CtrError *err)
{
        Database db = { (char *) passwd, (char *) group_file, strlen(passwd), strlen(group_file) };
        int r;

        *ret = (RootfsUser){ 0 };
        r = find(&db, user, group, extra, ret, err);
        if (r < 0)
                rootfs_user_done(ret);
        return r;
}

int rootfs_user_find_at(int root_fd, const char *user, const char *group, const SpecStrv *extra,
        RootfsUser *ret, CtrError *err)
{
        Database db = { 0 };
        int r;

        *ret = (RootfsUser){ 0 };
        if ((!user || *user == '\0') && !group && (!extra || extra->n == 0))
                return 0;
        r = rootfs_file_read(root_fd, "etc/passwd", &db.passwd, &db.passwd_size, err);
        if (r >= 0)
                r = rootfs_file_read(root_fd, "etc/group", &db.group, &db.group_size, err);
        if (r >= 0)
                r = find(&db, user && *user ? user : "0", group, extra, ret, err);
        database_done(&db);
        if (r < 0)
                rootfs_user_done(ret);
        return r < 0 ? r : 0;
}

int rootfs_user_find(const char *rootfs, const char *user, const char *group, const SpecStrv *extra,
        RootfsUser *ret, CtrError *err)
{
        _cleanup_close_ int root_fd = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);

        *ret = (RootfsUser){ 0 };
        if (root_fd < 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, errno,
                        "cannot open root file system %s", rootfs);
        return rootfs_user_find_at(root_fd, user, group, extra, ret, err);
}

void rootfs_user_done(RootfsUser *user)
{
        free(user->groups);
        *user = (RootfsUser){ 0 };
}
