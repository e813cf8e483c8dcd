/* systemd's unit-file syntax: see ini.h. The text is cut up in place: every string of an entry
 * points into it. Continued lines are moved together first, so that a logical line is one string.
 */
#include "unitfile/ini.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BLANKS " \t\r"

typedef struct IniReader {
        Ini *ini;
        const char *file;
        char *next;          /* rest of the text */
        unsigned line;       /* of the physical line before `next` */
        const char *section; /* NULL before the first header */
        char *logical;       /* the line at work, without leading blanks */
        unsigned logical_line;
        unsigned logical_column;
} IniReader;

static int syntax_error(CtrError *err, unsigned line, unsigned column, const char *message)
{
        int r = ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0, "%s", message);

        if (err) {
                err->line = line;
                err->column = column;
        }
        return r;
}

int ini_entry_error(const IniEntry *entry, CtrError *err, const char *fmt, ...)
{
        char message[768];
        va_list ap;
        int r;

        va_start(ap, fmt);
        (void) vsnprintf(message, sizeof(message), fmt, ap);
        va_end(ap);
        r = ctr_error_field(err, entry->key, "%s", message);
        if (err) {
                err->line = entry->line;
                err->column = entry->column;
        }
        return r;
}

/* Length of the UTF-8 sequence at p, 0 when it is none or a control character other than tab. */
static size_t character_size(const unsigned char *p)
{
        static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
        size_t n = *p < 0x80   ? 1
                   : *p < 0xc2 ? 0
                   : *p < 0xe0 ? 2
                   : *p < 0xf0 ? 3
                   : *p < 0xf5 ? 4
                               : 0;
        uint32_t c;

        if (n <= 1)
                return n == 1 && ((*p < 0x20 && *p != '\t') || *p == 0x7f) ? 0 : n;
        c = *p & (0x7fU >> n);
        for (size_t i = 1; i < n; i++) {
                if ((p[i] & 0xc0) != 0x80)
                        return 0;
                c = (c << 6) | (p[i] & 0x3fU);
        }
        if (c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || c < 0xa0)
                return 0;
        return n;
}

/* Cuts the next physical line off. NULL at the end. */
static char *next_line(IniReader *reader)
{
        char *start = reader->next, *end;
        size_t size;

        if (!*start)
                return NULL;
        size = strcspn(start, "\n");
        end = start + size;
        reader->next = *end ? end + 1 : end;
        while (end > start && strchr(BLANKS, end[-1]))
                end--;
        *end = '\0';
        reader->line++;
        return start;
}

static int check_characters(const IniReader *reader, const char *line, CtrError *err)
{
        for (const unsigned char *p = (const unsigned char *) line; *p;) {
                size_t n = character_size(p);

                if (n == 0)
                        return syntax_error(err, reader->line,
                                (unsigned) ((const char *) p - line) + 1,
                                "control character or invalid UTF-8");
                p += n;
        }
        return 0;
}

/* A line ends in an odd number of backslashes: the next one belongs to it. */
static bool is_continued(const char *line)
{
        size_t n = strlen(line), backslashes = 0;

        while (backslashes < n && line[n - 1 - backslashes] == '\\')
                backslashes++;
        return backslashes % 2 == 1;
}

/* Makes reader->logical: one line with its continuations, comments and empty lines left out.
 * Returns 1, or 0 at the end of the text. */
static int next_logical_line(IniReader *reader, CtrError *err)
{
        char *used = NULL; /* end of what is joined so far */

        for (;;) {
                char *line = next_line(reader), *text;
                size_t size;
                int r;

                if (!line) {
                        if (!used)
                                return 0;
                        return syntax_error(err, reader->logical_line, reader->logical_column,
                                "the file ends in a continued line");
                }
                r = check_characters(reader, line, err);
                if (r < 0)
                        return r;
                text = line + strspn(line, BLANKS);
                /* A comment between continued lines does not end them; an empty line does. */
                if (*text == '#' || *text == ';' || (*text == '\0' && !used))
                        continue;
                if (!used) {
                        reader->logical = used = text;
                        reader->logical_line = reader->line;
                        reader->logical_column = (unsigned) (text - line) + 1;
                }
                size = strlen(text);
                memmove(used, text, size + 1);
                if (!is_continued(used))
                        return 1;
                used += size;
                used[-1] = ' ';
        }
}

static void strip_end(char *text)
{
        size_t n = strlen(text);

        while (n > 0 && strchr(BLANKS, text[n - 1]))
                text[--n] = '\0';
}

static int add_entry(IniReader *reader, char *key, char *value, CtrError *err)
{
        Ini *ini = reader->ini;

        if (ini->n % 32 == 0) {
                IniEntry *larger = reallocarray(ini->items, ini->n + 32, sizeof(*larger));

                if (!larger)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, ENOMEM, "reading %s", reader->file);
                ini->items = larger;
        }
        ini->items[ini->n++] = (IniEntry){
                .section = reader->section,
                .key = key,
                .value = value,
                .file = reader->file,
                .line = reader->logical_line,
                .column = reader->logical_column,
        };
        return 0;
}

static int read_logical_line(IniReader *reader, CtrError *err)
{
        char *line = reader->logical, *equals;
        size_t size;

        strip_end(line);
        size = strlen(line);
        if (line[0] == '[') {
                if (size < 3 || line[size - 1] != ']')
                        return syntax_error(err, reader->logical_line, reader->logical_column,
                                "a section header is \"[Name]\"");
                line[size - 1] = '\0';
                reader->section = line + 1;
                return 0;
        }
        equals = strchr(line, '=');
        if (!equals || equals == line)
                return syntax_error(err, reader->logical_line, reader->logical_column,
                        "expected \"Key=value\", \"[Section]\" or a comment");
        if (!reader->section)
                return syntax_error(err, reader->logical_line, reader->logical_column,
                        "assignment before the first \"[Section]\"");
        *equals = '\0';
        strip_end(line);
        equals++;
        return add_entry(reader, line, equals + strspn(equals, BLANKS), err);
}

int ini_add_text(Ini *ini, const char *file, char *text, size_t size, CtrError *err)
{
        IniReader reader = { .ini = ini, .file = file, .next = text };
        char **texts = reallocarray(ini->texts, ini->n_texts + 1, sizeof(*texts));
        int r;

        if (!texts) {
                free(text);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading %s", file);
        }
        ini->texts = texts;
        ini->texts[ini->n_texts++] = text;
        if (strlen(text) != size)
                return syntax_error(err, 1, 1, "the file has a NUL byte");
        if (strncmp(text, "\xef\xbb\xbf", 3) == 0) /* a byte order mark, as some editors put it */
                reader.next += 3;
        for (;;) {
                r = next_logical_line(&reader, err);
                if (r <= 0)
                        return r;
                r = read_logical_line(&reader, err);
                if (r < 0)
                        return r;
        }
}

void ini_done(Ini *ini)
{
        for (size_t i = 0; i < ini->n_texts; i++)
                free(ini->texts[i]);
        free(ini->texts);
        free(ini->items);
        *ini = (Ini){ 0 };
}
