/* Printing containers: see info-print.h. */
#include "runtime/info-print.h"

#include "base/json.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { COLUMNS = 6, COLUMN_WIDTH_MIN = 12, COLUMN_GAP = 3 };

/* Decimal, with leading zeros. Returns the end. */
static char *put_number(char *to, unsigned value, unsigned width)
{
        for (unsigned i = width; i-- > 0; value /= 10)
                to[i] = (char) ('0' + value % 10);
        return to + width;
}

const char *info_format_time(uint64_t usec, char buf[static 40])
{
        time_t seconds = (time_t) (usec / 1000000);
        char *to = buf;
        struct tm tm;

        /* By hand: a list may have thousands. The years that four digits can say. */
        if (!gmtime_r(&seconds, &tm) || tm.tm_year < -1900 || tm.tm_year > 8099) {
                (void) snprintf(buf, 40, "-");
                return buf;
        }
        const struct {
                int value;
                unsigned width;
                char after;
        } parts[] = { { tm.tm_year + 1900, 4, '-' }, { tm.tm_mon + 1, 2, '-' },
                { tm.tm_mday, 2, 'T' }, { tm.tm_hour, 2, ':' }, { tm.tm_min, 2, ':' },
                { tm.tm_sec, 2, '.' } };

        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                to = put_number(to, (unsigned) parts[i].value, parts[i].width);
                *to++ = parts[i].after;
        }
        to = put_number(to, (unsigned) (usec % 1000000), 6);
        while (to[-1] == '0')
                to--;
        to -= to[-1] == '.';
        to[0] = 'Z';
        to[1] = '\0';
        return buf;
}

/* Root is not looked up: the user database may be far away. */
static const char *owner_name(uid_t uid, char buf[static 64])
{
        struct passwd *pw = uid == 0 ? NULL : getpwuid(uid);

        if (uid == 0)
                (void) snprintf(buf, 64, "root");
        else if (pw)
                (void) snprintf(buf, 64, "%s", pw->pw_name);
        else
                (void) snprintf(buf, 64, "#%u", uid);
        return buf;
}

static void print_annotations(const SpecKeyValues *annotations, const char *gap, const char *inner,
        const char *space, FILE *f)
{
        if (annotations->n == 0)
                return;
        (void) fprintf(f, ",%s\"annotations\":%s{", gap, space);
        for (size_t i = 0; i < annotations->n; i++) {
                (void) fprintf(f, "%s%s", i > 0 ? "," : "", inner);
                json_write_string(f, annotations->items[i].key);
                (void) fprintf(f, ":%s", space);
                json_write_string(f, annotations->items[i].value);
        }
        (void) fprintf(f, "%s}", gap);
}

void info_print_json(const ContainerInfo *info, bool is_compact, FILE *f)
{
        const char *gap = is_compact ? "" : "\n  ", *space = is_compact ? "" : " ";
        char created[40], owner[64], pid[16];
        const struct {
                const char *key, *value;
                bool is_number;
        } before[] = { { "ociVersion", info->oci_version, false }, { "id", info->id, false },
                { "pid", pid, true }, { "status", container_status_name(info->status), false },
                { "bundle", info->bundle, false }, { "rootfs", info->rootfs, false },
                { "created", created, false } },
          after[] = { { "owner", owner, false }, { "unit", info->unit, false },
                  { "invocationID", info->invocation_id, false } };

        (void) snprintf(pid, sizeof(pid), "%d", (int) info->pid);
        (void) info_format_time(info->created_usec, created);
        (void) owner_name(info->owner, owner);
        (void) fputc('{', f);
        for (size_t i = 0; i < ELEMENTSOF(before); i++) {
                (void) fprintf(f, "%s%s\"%s\":%s", i > 0 ? "," : "", gap, before[i].key, space);
                if (before[i].is_number)
                        (void) fputs(before[i].value, f);
                else
                        json_write_string(f, before[i].value);
        }
        print_annotations(&info->annotations, gap, is_compact ? "" : "\n    ", space, f);
        for (size_t i = 0; i < ELEMENTSOF(after); i++) {
                (void) fprintf(f, ",%s\"%s\":%s", gap, after[i].key, space);
                json_write_string(f, after[i].value);
        }
        (void) fputs(is_compact ? "}" : "\n}", f);
}

typedef struct Row {
        char pid[16], created[40], owner[64];
        const char *cells[COLUMNS];
} Row;

static void fill_row(const ContainerInfo *info, Row *row)
{
        (void) snprintf(row->pid, sizeof(row->pid), "%d", (int) info->pid);
        (void) info_format_time(info->created_usec, row->created);
        (void) owner_name(info->owner, row->owner);
        const char *cells[COLUMNS] = { info->id, row->pid, container_status_name(info->status),
                info->bundle, row->created, row->owner };

        memcpy(row->cells, cells, sizeof(cells));
}

static void widen(size_t width[static COLUMNS], const char *const *cells)
{
        for (size_t i = 0; i < COLUMNS; i++)
                width[i] = MAX_OF(width[i], strlen(cells[i]) + COLUMN_GAP);
}

static void print_row(const size_t width[static COLUMNS], const char *const *cells, FILE *f)
{
        for (size_t i = 0; i < COLUMNS; i++) {
                size_t n = strlen(cells[i]);

                (void) fwrite_unlocked(cells[i], 1, n, f);
                for (; i + 1 < COLUMNS && n < width[i]; n++)
                        (void) putc_unlocked(' ', f);
        }
        (void) putc_unlocked('\n', f);
}

void info_print_table(const ContainerInfo *infos, size_t n, FILE *f)
{
        static const char *const head[COLUMNS] = { "ID", "PID", "STATUS", "BUNDLE", "CREATED",
                "OWNER" };
        _cleanup_free_ Row *rows = calloc(n + 1, sizeof(*rows));
        size_t width[COLUMNS];

        for (size_t i = 0; i < COLUMNS; i++)
                width[i] = COLUMN_WIDTH_MIN;
        widen(width, head);
        for (size_t i = 0; rows && i < n; i++) {
                fill_row(&infos[i], &rows[i]);
                widen(width, rows[i].cells);
        }
        print_row(width, head, f);
        for (size_t i = 0; rows && i < n; i++)
                print_row(width, rows[i].cells, f);
}
