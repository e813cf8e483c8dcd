/* Users and groups of a root file system: see rootfs-user.h. */
#include "runtime/rootfs-user.h"

#include "base/io.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { FILE_SIZE_MAX = 1 << 20, GROUPS_MAX = 1024, FIELDS_MAX = 7, ID_MAX_VALUE = -2 };
enum { PASSWD_NAME, PASSWD_PASSWORD, PASSWD_UID, PASSWD_GID, PASSWD_N_MIN };
enum { GROUP_NAME, GROUP_PASSWORD, GROUP_GID, GROUP_MEMBERS, GROUP_N };

typedef struct Database {
        char *passwd, *group; /* texts, "" when there is no such file */
} Database;

static int read_database(int root_fd, const char *path, char **ret, CtrError *err)
{
        struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        _cleanup_close_ int fd = (int) syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
        struct stat st;
        size_t size;

        if (fd < 0 && errno == ENOENT) {
                *ret = strdup("");
                return *ret ? 0 : ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading %s", path);
        }
        if (fd < 0 || fstat(fd, &st) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno,
                        "cannot open /%s of the root "
                        "file system",
                        path);
        if (!S_ISREG(st.st_mode))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "/%s of the root file system is not a regular file", path);
        return ctr_read_fd(fd, path, FILE_SIZE_MAX, ret, &size, err);
}

static void database_done(Database *db)
{
        free(db->passwd);
        free(db->group);
}

static int database_open(const char *rootfs, Database *ret, CtrError *err)
{
        _cleanup_close_ int root_fd = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
        Database db = { 0 };
        int r;

        if (root_fd < 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, errno,
                        "cannot open root file system %s", rootfs);
        r = read_database(root_fd, "etc/passwd", &db.passwd, err);
        if (r >= 0)
                r = read_database(root_fd, "etc/group", &db.group, err);
        if (r < 0)
                database_done(&db);
        else
                *ret = db;
        return r < 0 ? r : 0;
}

typedef struct Field {
        const char *start;
        size_t size;
} Field;

/* Cuts one line at its colons. Returns the number of fields; *text is behind the line then. */
static size_t next_line(const char **text, Field fields[static FIELDS_MAX])
{
        const char *end = *text + strcspn(*text, "\n"), *p = *text;
        size_t n = 0;

        while (n < FIELDS_MAX) {
                const char *colon = memchr(p, ':', (size_t) (end - p));

                fields[n++] = (Field){ p, (size_t) ((colon ? colon : end) - p) };
                if (!colon)
                        break;
                p = colon + 1;
        }
        *text = *end ? end + 1 : end;
        return n;
}

static bool is_text(Field field, const char *text, size_t size)
{
        return field.size == size && memcmp(field.start, text, size) == 0;
}

static bool parse_id(const char *text, size_t size, uint32_t *ret)
{
        char copy[16];
        uint64_t value;

        if (size == 0 || size >= sizeof(copy))
                return false;
        memcpy(copy, text, size);
        copy[size] = '\0';
        if (ctr_parse_u64(copy, (uint32_t) ID_MAX_VALUE, &value) < 0)
                return false;
        *ret = (uint32_t) value;
        return true;
}

/* The line of a user, by name or by number; the first wins, as for the C library. */
static bool find_user(const Database *db, const char *name, size_t size, const uint32_t *number,
        uint32_t *ret_uid, uint32_t *ret_gid)
{
        Field fields[FIELDS_MAX];
        uint32_t uid;

        for (const char *p = db->passwd; *p;) {
                if (next_line(&p, fields) < PASSWD_N_MIN ||
                        !parse_id(fields[PASSWD_UID].start, fields[PASSWD_UID].size, &uid) ||
                        (number ? uid != *number : !is_text(fields[PASSWD_NAME], name, size)) ||
                        !parse_id(fields[PASSWD_GID].start, fields[PASSWD_GID].size, ret_gid))
                        continue;
                *ret_uid = uid;
                return true;
        }
        return false;
}

static int find_group(const Database *db, const char *name, uint32_t *ret, CtrError *err)
{
        Field fields[FIELDS_MAX];

        if (parse_id(name, strlen(name), ret))
                return 0;
        for (const char *p = db->group; *p;)
                if (next_line(&p, fields) >= GROUP_MEMBERS &&
                        is_text(fields[GROUP_NAME], name, strlen(name)) &&
                        parse_id(fields[GROUP_GID].start, fields[GROUP_GID].size, ret))
                        return 0;
        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                "group \"%.64s\" is not in /etc/group of the root file system", name);
}

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

static bool has_member(Field members, const char *name, size_t size)
{
        const char *p = members.start, *end = members.start + members.size;

        while (p < end) {
                const char *comma = memchr(p, ',', (size_t) (end - p));
                size_t n = (size_t) ((comma ? comma : end) - p);

                if (n == size && memcmp(p, name, size) == 0)
                        return true;
                p += n + 1;
        }
        return false;
}

static int add_memberships(
        const Database *db, const char *name, size_t size, RootfsUser *user, CtrError *err)
{
        Field fields[FIELDS_MAX];
        uint32_t gid;
        int r = 0;

        for (const char *p = db->group; *p && r >= 0;)
                if (next_line(&p, fields) >= GROUP_N &&
                        has_member(fields[GROUP_MEMBERS], name, size) &&
                        parse_id(fields[GROUP_GID].start, fields[GROUP_GID].size, &gid))
                        r = add_group(user, gid, err);
        return r;
}

static int find(const Database *db, const char *name, const char *group, const SpecStrv *extra,
        RootfsUser *ret, CtrError *err)
{
        size_t size = strcspn(name, ":");
        uint32_t gid;
        int r = 0;

        if (name[size] == ':' && !group)
                group = name + size + 1;
        if (parse_id(name, size, &ret->uid))
                (void) find_user(db, NULL, 0, &ret->uid, &ret->uid, &ret->gid);
        else if (find_user(db, name, size, NULL, &ret->uid, &ret->gid))
                r = add_memberships(db, name, size, ret, err);
        else
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "user \"%.*s\" is not in /etc/passwd of the root file system",
                        (int) MIN_OF(size, (size_t) 64), name);
        if (r >= 0 && group)
                r = find_group(db, group, &ret->gid, err);
        for (size_t i = 0; extra && i < extra->n && r >= 0; i++) {
                r = find_group(db, extra->items[i], &gid, err);
                if (r >= 0)
                        r = add_group(ret, gid, err);
        }
        return r;
}

int rootfs_user_find(const char *rootfs, const char *user, const char *group, const SpecStrv *extra,
        RootfsUser *ret, CtrError *err)
{
        RootfsUser found = { 0 };
        Database db;
        int r;

        *ret = found;
        if (!user && !group && (!extra || extra->n == 0))
                return 0;
        r = database_open(rootfs, &db, err);
        if (r < 0)
                return r;
        r = find(&db, user ? user : "0", group, extra, &found, err);
        database_done(&db);
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
