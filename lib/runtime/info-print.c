/* Printing containers: see info-print.h. */
#include "runtime/info-print.h"

#include "base/json.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { COLUMNS = 6, COLUMN_WIDTH_MIN = 12, COLUMN_GAP = 3 };

const char *info_format_time(uint64_t usec, char buf[static 40])
{
        time_t seconds = (time_t) (usec / 1000000);
        size_t used;
        struct tm tm;

        used = strftime(buf, 40, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &tm));
        if (usec % 1000000 != 0) {
                used += (size_t) snprintf(
                        buf + used, 40 - used, ".%06u", (unsigned) (usec % 1000000));
                while (buf[used - 1] == '0')
                        used--;
        }
        (void) snprintf(buf + used, 40 - used, "Z");
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
        memcpy(row->cells,
                (const char *[COLUMNS]){ info->id, row->pid, container_status_name(info->status),
                        info->bundle, row->created, row->owner },
                sizeof(row->cells));
}

static void widen(size_t width[static COLUMNS], const char *const *cells)
{
        for (size_t i = 0; i < COLUMNS; i++)
                width[i] = MAX_OF(width[i], strlen(cells[i]) + COLUMN_GAP);
}

static void print_row(const size_t width[static COLUMNS], const char *const *cells, FILE *f)
{
        for (size_t i = 0; i + 1 < COLUMNS; i++)
                (void) fprintf(f, "%-*s", (int) width[i], cells[i]);
        (void) fprintf(f, "%s\n", cells[COLUMNS - 1]);
}

void info_print_table(const ContainerInfo *infos, size_t n, FILE *f)
{
        static const char *const head[COLUMNS] = { "ID", "PID", "STATUS", "BUNDLE", "CREATED",
                "OWNER" };
        size_t width[COLUMNS];
        Row row;

        for (size_t i = 0; i < COLUMNS; i++)
                width[i] = COLUMN_WIDTH_MIN;
        widen(width, head);
        for (size_t i = 0; i < n; i++) {
                fill_row(&infos[i], &row);
                widen(width, row.cells);
        }
        print_row(width, head, f);
        for (size_t i = 0; i < n; i++) {
                fill_row(&infos[i], &row);
                print_row(width, row.cells, f);
        }
}
