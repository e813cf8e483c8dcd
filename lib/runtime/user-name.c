/* Users by name: see user-name.h. */
#include "runtime/user-name.h"

#include "base/io.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define DATABASE_SIZE_MAX (1024 * 1024)
#define FIELDS_MAX        7
#define NAME_MAX_SIZE     256

typedef struct Field {
        const char *start;
        size_t size;
} Field;

/* The next line's fields; false at the end of the text. Lines of another shape have *ret_n 0. */
static bool next_line(const char **text, Field fields[static FIELDS_MAX], size_t *ret_n)
{
        const char *p = *text, *end;

        if (*p == '\0')
                return false;
        end = p + strcspn(p, "\n");
        *text = *end ? end + 1 : end;
        *ret_n = 0;
        for (size_t n = 0; n < FIELDS_MAX; n++) {
                const char *colon = memchr(p, ':', (size_t) (end - p));

                fields[n] = (Field){ p, (size_t) ((colon ? colon : end) - p) };
                if (!colon) {
                        *ret_n = n + 1;
                        break;
                }
                p = colon + 1;
        }
        return true;
}

static bool field_is(const Field *f, const char *text)
{
        return strlen(text) == f->size && memcmp(f->start, text, f->size) == 0;
}

static bool field_number(const Field *f, uint32_t *ret)
{
        char text[16];
        uint64_t value;

        if (f->size >= sizeof(text))
                return false;
        memcpy(text, f->start, f->size);
        text[f->size] = '\0';
        if (ctr_parse_u64(text, UINT32_MAX - 1, &value) < 0)
                return false;
        *ret = (uint32_t) value;
        return true;
}

/* Is one of the comma-separated names in the field this one? */
static bool field_lists(const Field *f, const char *name)
{
        const char *p = f->start, *end = f->start + f->size;

        while (p <= end) {
                const char *comma = memchr(p, ',', (size_t) (end - p));
                Field item = { p, (size_t) ((comma ? comma : end) - p) };

                if (field_is(&item, name))
                        return true;
                if (!comma)
                        break;
                p = comma + 1;
        }
        return false;
}

/* name or number; has_number: it was one, in ret->uid. Copies the user's name for its groups. */
static bool find_user(const char *passwd, const char *user, bool has_number, NamedUser *ret,
        char name[static NAME_MAX_SIZE])
{
        Field f[FIELDS_MAX];
        uint32_t uid, gid;
        size_t n;

        while (next_line(&passwd, f, &n)) {
                if (n != 7 || f[0].size == 0 || f[0].size >= NAME_MAX_SIZE ||
                        !field_number(&f[2], &uid) || !field_number(&f[3], &gid))
                        continue;
                if (has_number ? uid != ret->uid : !field_is(&f[0], user))
                        continue;
                ret->uid = uid;
                ret->gid = gid;
                memcpy(name, f[0].start, f[0].size);
                name[f[0].size] = '\0';
                return true;
        }
        return false;
}

static bool find_group(const char *group, const char *name, gid_t *ret)
{
        Field f[FIELDS_MAX], whole = { name, strlen(name) };
        uint32_t gid;
        size_t n;

        if (field_number(&whole, &gid)) {
                *ret = gid;
                return true;
        }
        while (next_line(&group, f, &n))
                if (n == 4 && field_is(&f[0], name) && field_number(&f[2], &gid)) {
                        *ret = gid;
                        return true;
                }
        return false;
}

static void find_additional(const char *group, const char *name, NamedUser *ret)
{
        Field f[FIELDS_MAX];
        uint32_t gid;
        size_t n;

        while (next_line(&group, f, &n) && ret->n_additional < USER_GROUPS_MAX)
                if (n == 4 && field_number(&f[2], &gid) && gid != ret->gid &&
                        field_lists(&f[3], name))
                        ret->additional[ret->n_additional++] = gid;
}

int user_name_find(
        const char *passwd, const char *group, const char *text, NamedUser *ret, CtrError *err)
{
        char user[NAME_MAX_SIZE], name[NAME_MAX_SIZE] = "";
        const char *colon = strchr(text, ':');
        size_t size = colon ? (size_t) (colon - text) : strlen(text);
        bool has_number;
        Field field;

        *ret = (NamedUser){ 0 };
        if (*text == '\0')
                return 0;
        if (size == 0 || size >= sizeof(user) || (colon && colon[1] == '\0'))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "\"%.64s\" is no user (USER or USER:GROUP, names or numbers)", text);
        memcpy(user, text, size);
        user[size] = '\0';
        field = (Field){ user, size };
        has_number = field_number(&field, &ret->uid);
        if (!find_user(passwd, user, has_number, ret, name) && !has_number)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "there is no user \"%.64s\" in the container's /etc/passwd", user);
        if (colon) {
                if (!find_group(group, colon + 1, &ret->gid))
                        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                                "there is no group \"%.64s\" in the container's /etc/group",
                                colon + 1);
        } else if (name[0])
                find_additional(group, name, ret);
        return 0;
}

/* "" when the image has none. */
static int read_database(int rootfs_fd, const char *path, char **ret, CtrError *err)
{
        struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        _cleanup_close_ int fd = -EBADF;
        struct stat st;
        size_t size;

        fd = (int) syscall(SYS_openat2, rootfs_fd, path, &how, sizeof(how));
        if (fd < 0 && errno == ENOENT) {
                *ret = strdup("");
                return *ret ? 0 : ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "%s", path);
        }
        if (fd < 0 || fstat(fd, &st) < 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, errno,
                        "cannot open /%s of the container", path);
        if (!S_ISREG(st.st_mode))
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "/%s of the container is no file", path);
        return ctr_read_fd(fd, path, DATABASE_SIZE_MAX, ret, &size, err);
}

int user_name_resolve(int rootfs_fd, const char *text, NamedUser *ret, CtrError *err)
{
        _cleanup_free_ char *passwd = NULL, *group = NULL;
        int r;

        r = read_database(rootfs_fd, "etc/passwd", &passwd, err);
        if (r >= 0)
                r = read_database(rootfs_fd, "etc/group", &group, err);
        return r < 0 ? r : user_name_find(passwd, group, text, ret, err);
}
