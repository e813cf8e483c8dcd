/* Lines of fields between colons: see user-database.h. */
#include "runtime/user-database.h"

#include <stdio.h>
#include <string.h>

enum {
        PASSWD_FIELDS = 7,
        GROUP_FIELDS = 4,
        RANGE_FIELDS = 3,
        FIELDS_MAX = 7,
        /* passwd */
        FIELD_NAME = 0,
        FIELD_NUMBER = 2,
        FIELD_GROUP = 3,
        /* group */
        FIELD_MEMBERS = 3,
        /* subuid */
        FIELD_START = 1,
        FIELD_COUNT = 2,
};

typedef struct Field {
        const char *start;
        size_t size;
} Field;

/* The next line with exactly n fields; *at moves behind it. false at the end. */
static bool next_line(
        const char *text, size_t size, size_t *at, size_t n, Field fields[static FIELDS_MAX])
{
        while (text && *at < size) {
                const char *line = text + *at, *newline = memchr(line, '\n', size - *at);
                const char *end = newline ? newline : text + size, *p = line;
                size_t found = 0;

                *at = (size_t) (end - text) + (newline != NULL);
                for (;;) {
                        const char *colon = memchr(p, ':', (size_t) (end - p));

                        if (found < n)
                                fields[found] = (Field){ p, (size_t) ((colon ? colon : end) - p) };
                        found++;
                        if (!colon)
                                break;
                        p = colon + 1;
                }
                if (found == n && fields[FIELD_NAME].size > 0)
                        return true;
        }
        return false;
}

static bool is_text(Field field, const char *text)
{
        return strlen(text) == field.size && memcmp(field.start, text, field.size) == 0;
}

static bool read_number(Field field, uint32_t *ret)
{
        uint64_t value = 0;

        if (field.size == 0 || field.size > 10 || (field.size > 1 && field.start[0] == '0'))
                return false;
        for (size_t i = 0; i < field.size; i++) {
                if (field.start[i] < '0' || field.start[i] > '9')
                        return false;
                value = value * 10 + (uint64_t) (field.start[i] - '0');
        }
        *ret = (uint32_t) value;
        return value < UINT32_MAX;
}

int user_database_find_user(
        const char *passwd, size_t size, const char *name, uint32_t uid, UserEntry *ret)
{
        Field fields[FIELDS_MAX];
        size_t at = 0;

        while (next_line(passwd, size, &at, PASSWD_FIELDS, fields)) {
                UserEntry entry = { 0 };

                if (fields[FIELD_NAME].size >= sizeof(entry.name) ||
                        memchr(fields[FIELD_NAME].start, '\0', fields[FIELD_NAME].size) ||
                        !read_number(fields[FIELD_NUMBER], &entry.uid) ||
                        !read_number(fields[FIELD_GROUP], &entry.gid))
                        continue;
                memcpy(entry.name, fields[FIELD_NAME].start, fields[FIELD_NAME].size);
                if (name ? strcmp(entry.name, name) != 0 : entry.uid != uid)
                        continue;
                *ret = entry;
                return 0;
        }
        return -ENOENT;
}

int user_database_find_group(const char *group, size_t size, const char *name, uint32_t *ret_gid)
{
        Field fields[FIELDS_MAX];
        size_t at = 0;

        while (next_line(group, size, &at, GROUP_FIELDS, fields))
                if (is_text(fields[FIELD_NAME], name) && read_number(fields[FIELD_NUMBER], ret_gid))
                        return 0;
        return -ENOENT;
}

/* Is the user between the commas? */
static bool is_member(Field members, const char *user)
{
        const char *p = members.start, *end = p + members.size;

        while (p < end) {
                const char *comma = memchr(p, ',', (size_t) (end - p));
                Field member = { p, (size_t) ((comma ? comma : end) - p) };

                if (is_text(member, user))
                        return true;
                p += member.size + 1;
        }
        return false;
}

int user_database_for_each_group(const char *group, size_t size, const char *user, uint32_t own_gid,
        int (*f)(void *userdata, uint32_t gid), void *userdata)
{
        Field fields[FIELDS_MAX];
        size_t at = 0;
        uint32_t gid;
        int r = 0;

        while (r >= 0 && next_line(group, size, &at, GROUP_FIELDS, fields))
                if (is_member(fields[FIELD_MEMBERS], user) &&
                        read_number(fields[FIELD_NUMBER], &gid) && gid != own_gid)
                        r = f(userdata, gid);
        return r;
}

int user_database_next_range(
        const char *text, size_t size, const char *name, size_t *at, SpecIdMapping *ret)
{
        Field fields[FIELDS_MAX];

        while (next_line(text, size, at, RANGE_FIELDS, fields)) {
                SpecIdMapping range = { 0 };

                if (!is_text(fields[FIELD_NAME], name) ||
                        !read_number(fields[FIELD_START], &range.host_id) ||
                        !read_number(fields[FIELD_COUNT], &range.size) || range.size == 0)
                        continue;
                *ret = range;
                return 1;
        }
        return 0;
}
