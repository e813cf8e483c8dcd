/* Reading small JSON texts: see json-cursor.h. A damaged cursor stays where it is. */
#include "base/json-cursor.h"

#include "base/utf8.h"

#include <string.h>

JsonCursor json_cursor(char *text)
{
        return (JsonCursor){ .at = text };
}

static void *damaged(JsonCursor *c)
{
        c->is_damaged = true;
        return NULL;
}

static void skip_blank(JsonCursor *c)
{
        c->at += strspn(c->at, " \t\n\r");
}

/* This character is next, after blanks. */
static bool take(JsonCursor *c, char wanted)
{
        skip_blank(c);
        if (c->is_damaged || *c->at != wanted)
                return false;
        c->at++;
        return true;
}

void json_cursor_enter(JsonCursor *c)
{
        if (!take(c, '{'))
                (void) damaged(c);
        c->is_first = true;
}

bool json_cursor_next(JsonCursor *c, char **ret_key)
{
        if (take(c, '}')) {
                c->is_first = false;
                return false;
        }
        if (!c->is_first && !take(c, ','))
                (void) damaged(c);
        c->is_first = false;
        *ret_key = json_cursor_string(c);
        if (!take(c, ':'))
                (void) damaged(c);
        return !c->is_damaged;
}

/* Four hexadecimal digits, or -1. */
static int32_t read_hex(const char *s)
{
        int32_t value = 0;

        for (int i = 0; i < 4; i++) {
                char c = s[i];

                if (c >= '0' && c <= '9')
                        value = value * 16 + (c - '0');
                else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
                        value = value * 16 + ((c | 0x20) - 'a' + 10);
                else
                        return -1;
        }
        return value;
}

/* What follows "\u", with the other half of a pair. Returns the bytes read, 0 on damage. */
static size_t decode_unicode(const char *from, char **to)
{
        int32_t code = read_hex(from), low;
        size_t n = 4;

        if (code >= 0xd800 && code < 0xdc00) {
                low = from[4] == '\\' && from[5] == 'u' ? read_hex(from + 6) : -1;
                if (low < 0xdc00 || low > 0xdfff)
                        return 0;
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                n += 6;
        }
        if (code <= 0 || (code >= 0xdc00 && code <= 0xdfff))
                return 0;
        *to += utf8_encode((unsigned) code, *to);
        return n;
}

/* One escape: the text is longer than what it stands for. */
static size_t decode_escape(const char *from, char **to)
{
        static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
        const char *letter = *from ? strchr(letters, *from) : NULL;
        size_t n;

        if (letter) {
                *(*to)++ = meanings[letter - letters];
                return 1;
        }
        n = *from == 'u' ? decode_unicode(from + 1, to) : 0;
        return n > 0 ? n + 1 : 0;
}

char *json_cursor_string(JsonCursor *c)
{
        char *start, *to, *from;

        if (!take(c, '"'))
                return damaged(c);
        start = to = from = c->at;
        while (*from != '"') {
                size_t n = 1;

                if (*from == '\\') {
                        n = decode_escape(from + 1, &to);
                        if (n == 0)
                                return damaged(c);
                        from += n + 1;
                        continue;
                }
                /* The NUL at the end too. */
                if ((unsigned char) *from < 0x20)
                        return damaged(c);
                if ((unsigned char) *from >= 0x80)
                        n = utf8_length(from, strnlen(from, 4));
                if (n == 0)
                        return damaged(c);
                while (n-- > 0)
                        *to++ = *from++;
        }
        *to = '\0';
        c->at = from + 1;
        return start;
}

uint64_t json_cursor_u64(JsonCursor *c)
{
        uint64_t value = 0;
        const char *start;

        skip_blank(c);
        start = c->at;
        for (; !c->is_damaged && *c->at >= '0' && *c->at <= '9'; c->at++)
                if (__builtin_mul_overflow(value, 10, &value) ||
                        __builtin_add_overflow(value, (uint64_t) (*c->at - '0'), &value))
                        (void) damaged(c);
        if (c->at == start || (*start == '0' && c->at > start + 1) ||
                (*c->at && !strchr(",} \t\n\r", *c->at)))
                (void) damaged(c);
        return c->is_damaged ? 0 : value;
}

void json_cursor_skip(JsonCursor *c)
{
        size_t depth = 0;

        skip_blank(c);
        do {
                if (*c->at == '"') {
                        (void) json_cursor_string(c);
                        continue;
                }
                depth += *c->at == '{' || *c->at == '[';
                if (*c->at == '\0' || (depth == 0 && strchr(",}]", *c->at))) {
                        (void) damaged(c);
                        return;
                }
                depth -= *c->at == '}' || *c->at == ']';
                c->at++;
                /* A number or a word ends where something else begins. */
                if (depth == 0 && c->at[-1] != '}' && c->at[-1] != ']')
                        c->at += strcspn(c->at, ",}] \t\n\r");
        } while (depth > 0 && !c->is_damaged);
}

bool json_cursor_is_whole(JsonCursor *c)
{
        skip_blank(c);
        return !c->is_damaged && *c->at == '\0';
}
