/* Splitting values: see words.h. */
#include "unitfile/words.h"

#include "base/name.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BLANKS " \t"

int words_no_memory(const IniEntry *entry, CtrError *err)
{
        (void) ini_entry_error(entry, err, "out of memory");
        return -ENOMEM;
}

void *words_grow(SpecArena *arena, void *items, size_t n, size_t item_size)
{
        void *larger;

        /* Full at each power of two. */
        if (n != 0 && (n & (n - 1)) != 0)
                return items;
        larger = spec_arena_alloc(arena, n == 0 ? 1 : 2 * n, item_size);
        if (larger && n > 0)
                memcpy(larger, items, n * item_size);
        return larger;
}

int words_add(SpecStrv *v, char *text, SpecArena *arena)
{
        char **items = text ? words_grow(arena, v->items, v->n, sizeof(*items)) : NULL;

        if (!items)
                return -ENOMEM;
        v->items = items;
        items[v->n++] = text;
        return 0;
}

char *words_format(SpecArena *arena, const char *fmt, ...)
{
        va_list ap;
        char *text;
        int n;

        va_start(ap, fmt);
        n = vsnprintf(NULL, 0, fmt, ap);
        va_end(ap);
        text = n < 0 ? NULL : spec_arena_alloc(arena, (size_t) n + 1, 1);
        if (!text)
                return NULL;
        va_start(ap, fmt);
        (void) vsnprintf(text, (size_t) n + 1, fmt, ap);
        va_end(ap);
        return text;
}

/* ---- specifiers ---- */

static const struct {
        char letter;
        const char *text;
} specifiers[] = {
        { '%', "%" },
        { 'p', "ctr" },
        { 't', "/run" },
        { 'S', "/var/lib" },
        { 'C', "/var/cache" },
        { 'L', "/var/log" },
        { 'E', "/etc" },
        { 'T', "/tmp" },
        { 'V', "/var/tmp" },
        { 'h', "/root" },
        { 'u', "root" },
        { 'g', "root" },
        { 'U', "0" },
        { 'G', "0" },
};

static const char *find_specifier(char letter, const char *id, char unit[static CTR_UNIT_NAME_MAX])
{
        if (letter == 'i' || letter == 'I')
                return id;
        if (letter == 'n' || letter == 'N') {
                (void) ctr_id_to_unit(id, unit);
                if (letter == 'N' && strrchr(unit, '.'))
                        *strrchr(unit, '.') = '\0';
                return unit;
        }
        for (size_t i = 0; i < ELEMENTSOF(specifiers); i++)
                if (specifiers[i].letter == letter)
                        return specifiers[i].text;
        return NULL;
}

int words_expand(const IniEntry *entry, const char *id, SpecArena *arena, char **ret, CtrError *err)
{
        const char *value = entry->value;
        char unit[CTR_UNIT_NAME_MAX];
        size_t n_percents = 0, used = 0;
        char *text;

        for (const char *p = value; *p; p++)
                n_percents += *p == '%';
        text = spec_arena_alloc(arena, strlen(value) + n_percents * CTR_UNIT_NAME_MAX + 1, 1);
        if (!text)
                return words_no_memory(entry, err);
        for (const char *p = value; *p; p++) {
                const char *replacement;

                if (*p != '%') {
                        text[used++] = *p;
                        continue;
                }
                p++;
                replacement = *p ? find_specifier(*p, id, unit) : NULL;
                if (!replacement)
                        return ini_entry_error(entry, err,
                                "\"%%%.1s\" is not replaced in [%s]: write what it stands for, or "
                                "%%%% for a percent sign",
                                (unsigned char) *p < 0x80 ? p : "", entry->section);
                memcpy(text + used, replacement, strlen(replacement));
                used += strlen(replacement);
        }
        *ret = text;
        return 0;
}

/* ---- words ---- */

static int hex_digits(const char *p, size_t n, unsigned base, uint32_t *ret)
{
        *ret = 0;
        for (size_t i = 0; i < n; i++) {
                static const char digits[] = "0123456789abcdef";
                const char *found = p[i] ? strchr(digits, p[i] | (p[i] >= 'A' ? 0x20 : 0)) : NULL;

                if (!found || (unsigned) (found - digits) >= base)
                        return -EINVAL;
                *ret = *ret * base + (uint32_t) (found - digits);
        }
        return 0;
}

static size_t write_utf8(uint32_t c, char *out)
{
        if (c < 0x80) {
                out[0] = (char) c;
                return 1;
        }
        if (c < 0x800) {
                out[0] = (char) (0xc0 | (c >> 6));
                out[1] = (char) (0x80 | (c & 0x3f));
                return 2;
        }
        if (c < 0x10000) {
                out[0] = (char) (0xe0 | (c >> 12));
                out[1] = (char) (0x80 | ((c >> 6) & 0x3f));
                out[2] = (char) (0x80 | (c & 0x3f));
                return 3;
        }
        out[0] = (char) (0xf0 | (c >> 18));
        out[1] = (char) (0x80 | ((c >> 12) & 0x3f));
        out[2] = (char) (0x80 | ((c >> 6) & 0x3f));
        out[3] = (char) (0x80 | (c & 0x3f));
        return 4;
}

/* What follows a backslash. The longest escape is longer than what it stands for. Returns how many
 * bytes it has, or -EINVAL. Every byte must be text: bytes above 0x7f only as \u. */
static int unescape(const char *p, char *out, size_t *used)
{
        static const char plain[] = "abfnrtv\\\"'s", values[] = "\a\b\f\n\r\t\v\\\"' ";
        static const struct {
                char letter;
                uint8_t skip, digits, base;
        } numbers[] = { { 'x', 1, 2, 16 }, { 'u', 1, 4, 16 }, { 'U', 1, 8, 16 } };
        const char *found = *p ? strchr(plain, *p) : NULL;
        size_t skip = 0, digits = 3, base = 8;
        uint32_t c;

        if (found) {
                out[(*used)++] = values[found - plain];
                return 1;
        }
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                if (*p == numbers[i].letter) {
                        skip = numbers[i].skip;
                        digits = numbers[i].digits;
                        base = numbers[i].base;
                }
        if (hex_digits(p + skip, digits, (unsigned) base, &c) < 0 || c == 0 || c > 0x10ffff ||
                (c >= 0xd800 && c < 0xe000) || (digits < 4 && c > 0x7f))
                return -EINVAL;
        *used += write_utf8(c, out + *used);
        return (int) (skip + digits);
}

/* One word at *p, which is moved behind it. Returns 0, or -EINVAL with *fault. */
static int take_word(const char **p, char *out, const char **fault)
{
        const char *s = *p;
        size_t used = 0;
        char quote = '\0';

        for (; *s && (quote || !strchr(BLANKS, *s)); s++) {
                if (*s == '\\') {
                        int n = unescape(s + 1, out, &used);

                        if (n < 0) {
                                *fault = "an escape that is not known (a backslash is \"\\\\\")";
                                return n;
                        }
                        s += n;
                } else if (quote ? *s == quote : (*s == '"' || *s == '\'')) {
                        quote = quote ? '\0' : *s;
                } else {
                        out[used++] = *s;
                }
        }
        if (quote) {
                *fault = "a quote that is not closed";
                return -EINVAL;
        }
        out[used] = '\0';
        *p = s;
        return 0;
}

int words_split(
        const IniEntry *entry, const char *value, SpecArena *arena, SpecStrv *ret, CtrError *err)
{
        const char *fault;

        *ret = (SpecStrv){ 0 };
        for (const char *p = value + strspn(value, BLANKS); *p; p += strspn(p, BLANKS)) {
                char *word = spec_arena_alloc(arena, strlen(p) + 1, 1);

                if (!word)
                        return words_no_memory(entry, err);
                if (take_word(&p, word, &fault) < 0)
                        return ini_entry_error(entry, err, "\"%.100s\" has %s", value, fault);
                if (words_add(ret, word, arena) < 0)
                        return words_no_memory(entry, err);
        }
        return 0;
}

int words_cut(const IniEntry *entry, const char *value, char separator, SpecArena *arena,
        SpecStrv *ret, CtrError *err)
{
        *ret = (SpecStrv){ 0 };
        for (const char *p = value;; p++) {
                size_t n = strcspn(p, (char[]){ separator, '\0' });
                char *part = words_format(arena, "%.*s", (int) n, p);

                if (!part || words_add(ret, part, arena) < 0)
                        return words_no_memory(entry, err);
                p += n;
                if (!*p)
                        return 0;
        }
}
