/* The rootfs's user database, parsed by hand: the C library's functions would load modules of the
 * image. */
#include "helper/passwd.h"

#include <string.h>

#define N_FIELDS 7

enum {
        FIELD_UID = 2,
        FIELD_HOME = 5,
};

typedef struct Text {
        const char *start;
        size_t size;
} Text;

/* Cuts a line into its fields; false unless there are exactly seven. */
static bool split_fields(Text line, Text fields[static N_FIELDS])
{
        const char *p = line.start, *end = line.start + line.size;

        for (size_t i = 0; i < N_FIELDS; i++) {
                const char *colon = memchr(p, ':', (size_t) (end - p));
                bool is_last = i == N_FIELDS - 1;

                if (!colon != is_last)
                        return false;
                fields[i] = (Text){ p, (size_t) ((is_last ? end : colon) - p) };
                p = is_last ? end : colon + 1;
        }
        return true;
}

/* Strict decimal of 32 bits; no sign, no blanks, no leading zeros. */
static bool is_uid(Text field, uid_t uid)
{
        uint64_t value = 0;

        if (field.size == 0 || field.size > 10 || (field.size > 1 && field.start[0] == '0'))
                return false;
        for (size_t i = 0; i < field.size; i++) {
                if (field.start[i] < '0' || field.start[i] > '9')
                        return false;
                value = value * 10 + (uint64_t) (field.start[i] - '0');
        }
        return value == uid;
}

static bool is_path(Text field)
{
        if (field.size == 0 || field.start[0] != '/')
                return false;
        for (size_t i = 0; i < field.size; i++)
                if ((unsigned char) field.start[i] < 0x20 || field.start[i] == 0x7f)
                        return false;
        return true;
}

int passwd_find_home(const char *text, size_t text_size, uid_t uid, char *home, size_t size)
{
        const char *end = text + text_size;

        while (text < end) {
                const char *newline = memchr(text, '\n', (size_t) (end - text));
                Text line = { text, (size_t) ((newline ? newline : end) - text) };
                Text fields[N_FIELDS];

                text = newline ? newline + 1 : end;
                if (!split_fields(line, fields) || !is_uid(fields[FIELD_UID], uid))
                        continue;
                if (!is_path(fields[FIELD_HOME]) || fields[FIELD_HOME].size >= size)
                        return -ENOENT;
                memcpy(home, fields[FIELD_HOME].start, fields[FIELD_HOME].size);
                home[fields[FIELD_HOME].size] = '\0';
                return 0;
        }
        return -ENOENT;
}
