/* A recursive-descent reader of the JSON grammar that only says yes or where it is wrong. Recursion
 * is bounded by JSON_DEPTH_MAX. The stack of frames is the path to the value being read: errors
 * name it, and a search for a path compares against it. */
#include "base/json-scan.h"

#include "base/json-keys.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <string.h>

enum { SCAN_FOUND = 1 }; /* ends a search early through all levels */

typedef struct Frame {
        bool is_object;
        size_t index;      /* of the item in an array */
        size_t key_offset; /* of the member's name in keys.bytes; keys may move */
        bool has_key;
} Frame;

typedef struct Scanner {
        const char *text;
        size_t size, pos;
        Frame frames[JSON_DEPTH_MAX];
        unsigned depth;
        size_t n_containers;
        JsonTally tally;
        JsonKeys keys;
        CtrError *err;
        const JsonStep *target; /* search: the path, how many steps of it were found, and where */
        size_t n_target, n_matched, found_pos;
} Scanner;

static int scan_value(Scanner *s);

static void find_position(const Scanner *s, size_t pos, unsigned *ret_line, unsigned *ret_column)
{
        unsigned line = 1, column = 1;

        for (size_t i = 0; i < pos && i < s->size; i++) {
                if (s->text[i] == '\n') {
                        line++;
                        column = 1;
                } else if ((s->text[i] & 0xc0) !=
                           0x80) /* count characters, not their further bytes */
                        column++;
        }
        *ret_line = line;
        *ret_column = column;
}

static int scan_fail(Scanner *s, size_t pos, const char *fmt, ...) _printf_(3, 4);

static int scan_fail(Scanner *s, size_t pos, const char *fmt, ...)
{
        JsonStep steps[JSON_DEPTH_MAX];
        char path[sizeof(s->err->field)], message[256];
        size_t n = 0;
        va_list ap;

        if (!s->err)
                return -EINVAL;
        for (; n < s->depth; n++) {
                const Frame *frame = &s->frames[n];

                if (frame->is_object && !frame->has_key)
                        break;
                steps[n] = (JsonStep){ frame->is_object ? s->keys.bytes + frame->key_offset : NULL,
                        frame->index };
        }
        va_start(ap, fmt);
        (void) vsnprintf(message, sizeof(message), fmt, ap);
        va_end(ap);
        (void) ctr_error_field(
                s->err, json_path_format(steps, n, path, sizeof(path)), "%s", message);
        find_position(s, pos, &s->err->line, &s->err->column);
        return -EINVAL;
}

static int scan_oom(Scanner *s)
{
        return ctr_error_set(s->err, CTR_ERROR_SYSTEM, ENOMEM, "cannot read the JSON document");
}

static int peek(const Scanner *s)
{
        return s->pos < s->size ? (unsigned char) s->text[s->pos] : -1;
}

static void skip_space(Scanner *s)
{
        for (; s->pos < s->size; s->pos++) {
                char c = s->text[s->pos];

                if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
                        return;
        }
}

static bool is_digit(int c)
{
        return c >= '0' && c <= '9';
}

/* Names what stands at the cursor for "expected X, found Y". */
static const char *describe(const Scanner *s, char buf[static 32])
{
        int c = peek(s);

        if (c < 0)
                return "the end of the document";
        if (c == '/')
                return "'/' (JSON has no comments)";
        if (c > 0x20 && c < 0x7f)
                (void) snprintf(buf, 32, "'%c'", c);
        else
                (void) snprintf(buf, 32, "byte 0x%02x", (unsigned) c);
        return buf;
}

static int fail_expected(Scanner *s, const char *what)
{
        char buf[32];

        return scan_fail(
                s, s->pos, "not valid JSON: expected %s, found %s", what, describe(s, buf));
}

/* The four digits after "\u"; pos is behind them afterwards. -1: not four digits. */
static int scan_hex4(Scanner *s)
{
        int value = 0;

        for (unsigned i = 0; i < 4; i++, s->pos++) {
                int c = peek(s), low = c | 0x20;

                if (is_digit(c))
                        value = value * 16 + (c - '0');
                else if (c > 0 && low >= 'a' && low <= 'f')
                        value = value * 16 + (low - 'a' + 10);
                else
                        return -1;
        }
        return value;
}

/* After "\u". Fills the character; a pair of surrogates is one. */
static int scan_unicode(Scanner *s, size_t start, unsigned *ret)
{
        int c = scan_hex4(s), second;

        if (c < 0)
                return fail_expected(s, "four hexadecimal digits after \\u");
        if (c == 0)
                return scan_fail(s, start,
                        "\\u0000 in a string: a NUL byte has no place in a configuration");
        if (c >= 0xdc00 && c <= 0xdfff)
                return scan_fail(s, start, "not valid JSON: lone surrogate \\u%04x", (unsigned) c);
        if (c < 0xd800 || c > 0xdbff) {
                *ret = (unsigned) c;
                return 0;
        }
        if (s->size - s->pos < 2 || s->text[s->pos] != '\\' || s->text[s->pos + 1] != 'u')
                return scan_fail(s, start, "not valid JSON: lone surrogate \\u%04x", (unsigned) c);
        s->pos += 2;
        second = scan_hex4(s);
        if (second < 0xdc00 || second > 0xdfff)
                return scan_fail(s, start, "not valid JSON: lone surrogate \\u%04x", (unsigned) c);
        *ret = 0x10000U + (((unsigned) c - 0xd800U) << 10) + ((unsigned) second - 0xdc00U);
        return 0;
}

static int scan_escape(Scanner *s, bool is_key)
{
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        size_t start = s->pos++, n = 1;
        const char *p;
        char utf8[4];
        unsigned c;
        int r;

        if (peek(s) == 'u') {
                s->pos++;
                r = scan_unicode(s, start, &c);
                if (r < 0)
                        return r;
                n = utf8_encode(c, utf8);
        } else {
                p = peek(s) > 0 ? strchr(from, peek(s)) : NULL;
                if (!p)
                        return fail_expected(s, "one of \" \\ / b f n r t u after a backslash");
                utf8[0] = to[p - from];
                s->pos++;
        }
        s->tally.n_bytes += n;
        return is_key && json_keys_append(&s->keys, utf8, n) < 0 ? scan_oom(s) : 0;
}

/* How many of the next bytes of a string stand for themselves and are ASCII: nearly all are. */
static size_t plain_length(const Scanner *s)
{
        size_t pos = s->pos;

        for (; pos < s->size; pos++) {
                unsigned char c = (unsigned char) s->text[pos];

                if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
                        break;
        }
        return pos - s->pos;
}

/* At the opening quote. A key's characters go to s->keys. */
static int scan_string(Scanner *s, bool is_key)
{
        size_t start = s->pos++, n;
        int r, c;

        for (;;) {
                c = peek(s);
                if (c < 0)
                        return scan_fail(
                                s, start, "not valid JSON: this string has no closing quote");
                if (c == '"')
                        break;
                if (c < 0x20)
                        return scan_fail(s, s->pos,
                                "not valid JSON: control character 0x%02x in a string (write \\u%04x)",
                                (unsigned) c, (unsigned) c);
                if (c == '\\') {
                        r = scan_escape(s, is_key);
                        if (r < 0)
                                return r;
                        continue;
                }
                n = plain_length(s);
                if (n == 0)
                        n = utf8_length(s->text + s->pos, s->size - s->pos);
                if (n == 0)
                        return scan_fail(s, s->pos, "not valid JSON: byte 0x%02x is not UTF-8",
                                (unsigned) c);
                if (is_key && json_keys_append(&s->keys, s->text + s->pos, n) < 0)
                        return scan_oom(s);
                s->tally.n_bytes += n;
                s->pos += n;
        }
        s->pos++;
        return 0;
}

static size_t scan_digits(Scanner *s)
{
        size_t start = s->pos;

        while (is_digit(peek(s)))
                s->pos++;
        return s->pos - start;
}

/* An integer literal must fit one of the two 64-bit types: json-c would quietly use the nearest
 * value. */
static bool integer_fits(const char *p, size_t size)
{
        bool is_negative = *p == '-';
        uint64_t value = 0, max = is_negative ? (uint64_t) INT64_MAX + 1 : UINT64_MAX;

        for (size_t i = is_negative; i < size; i++) {
                unsigned digit = (unsigned) (p[i] - '0');

                if (value > (max - digit) / 10)
                        return false;
                value = value * 10 + digit;
        }
        return true;
}

static int scan_number(Scanner *s)
{
        size_t start = s->pos;
        bool is_integer = true;

        if (peek(s) == '-')
                s->pos++;
        if (!is_digit(peek(s)))
                return fail_expected(s, "a digit");
        if (peek(s) == '0' && s->pos + 1 < s->size && is_digit((unsigned char) s->text[s->pos + 1]))
                return scan_fail(s, start,
                        "not valid JSON: a number cannot start with 0 (modes are decimal)");
        (void) scan_digits(s);
        if (peek(s) == '.') {
                is_integer = false;
                s->pos++;
                if (scan_digits(s) == 0)
                        return fail_expected(s, "a digit after the decimal point");
        }
        if (peek(s) == 'e' || peek(s) == 'E') {
                is_integer = false;
                s->pos++;
                if (peek(s) == '+' || peek(s) == '-')
                        s->pos++;
                if (scan_digits(s) == 0)
                        return fail_expected(s, "a digit in the exponent");
        }
        if (is_integer && !integer_fits(s->text + start, s->pos - start))
                return scan_fail(
                        s, start, "number out of range: integers are at most 64 bits wide");
        return 0;
}

static int scan_word(Scanner *s)
{
        static const char *const words[] = { "true", "false", "null" };

        for (size_t i = 0; i < ELEMENTSOF(words); i++) {
                size_t n = strlen(words[i]);

                if (s->size - s->pos >= n && memcmp(s->text + s->pos, words[i], n) == 0) {
                        s->tally.n_nulls += words[i][0] == 'n';
                        s->pos += n;
                        return 0;
                }
        }
        return fail_expected(s, "a value");
}

/* At the opening quote of a key: reads it, the colon and the value. */
static int scan_member(Scanner *s, Frame *frame)
{
        size_t start = s->pos;
        int r;

        frame->has_key = false;
        if (peek(s) != '"')
                return fail_expected(s, "a property name in quotes");
        frame->key_offset = s->keys.bytes_used;
        r = scan_string(s, true);
        if (r < 0)
                return r;
        r = json_keys_commit(&s->keys, frame->key_offset, s->depth);
        if (r == -ENOMEM)
                return scan_oom(s);
        frame->has_key = true;
        if (r < 0)
                return scan_fail(
                        s, start, "duplicate key: this property stands twice in one object");
        skip_space(s);
        if (peek(s) != ':')
                return fail_expected(s, "':'");
        s->pos++;
        return scan_value(s);
}

static int scan_container(Scanner *s, bool is_object)
{
        size_t start = s->pos++, n_keys = s->keys.n;
        char end = is_object ? '}' : ']';
        Frame *frame;
        int r;

        if (s->depth == JSON_DEPTH_MAX)
                return scan_fail(s, start, "nested deeper than %d levels", JSON_DEPTH_MAX);
        if (++s->n_containers > JSON_CONTAINERS_MAX)
                return scan_fail(s, start, "more than %d arrays and objects in one document",
                        JSON_CONTAINERS_MAX);
        frame = &s->frames[s->depth++];
        *frame = (Frame){ .is_object = is_object };
        skip_space(s);
        if (peek(s) == end)
                goto closed;
        for (;; frame->index++) {
                skip_space(s);
                r = is_object ? scan_member(s, frame) : scan_value(s);
                if (r != 0)
                        return r;
                skip_space(s);
                if (peek(s) == end)
                        break;
                if (peek(s) != ',')
                        return fail_expected(s, is_object ? "',' or '}'" : "',' or ']'");
                s->pos++;
        }
closed:
        s->pos++;
        s->depth--;
        json_keys_truncate(&s->keys, n_keys);
        return 0;
}

/* Search: whether the value about to be read is the next step of the path. */
static bool is_next_step(const Scanner *s)
{
        const JsonStep *step;
        const Frame *frame;

        if (s->depth == 0)
                return true;
        if (s->n_matched != s->depth - 1 || s->depth > s->n_target)
                return false;
        step = &s->target[s->depth - 1];
        frame = &s->frames[s->depth - 1];
        return step->key ? frame->is_object &&
                                   strcmp(step->key, s->keys.bytes + frame->key_offset) == 0
                         : !frame->is_object && step->index == frame->index;
}

static int scan_value(Scanner *s)
{
        bool is_on_path;
        int r;

        skip_space(s);
        if (++s->tally.n_values > JSON_VALUES_MAX)
                return scan_fail(s, s->pos, "more than %d values in one document", JSON_VALUES_MAX);
        is_on_path = s->target && is_next_step(s);
        if (is_on_path) {
                s->n_matched = s->depth;
                s->found_pos = s->pos;
                if (s->n_matched == s->n_target)
                        return SCAN_FOUND;
        }
        switch (peek(s)) {
        case '{':
                r = scan_container(s, true);
                break;
        case '[':
                r = scan_container(s, false);
                break;
        case '"':
                r = scan_string(s, false);
                break;
        case '-':
        case '0' ... '9':
                r = scan_number(s);
                break;
        default:
                r = scan_word(s);
        }
        /* The end of a value on the path: the next step is not in it. */
        return r == 0 && is_on_path ? SCAN_FOUND : r;
}

int json_scan(const char *text, size_t size, JsonTally *ret, CtrError *err)
{
        Scanner s = { .text = text, .size = size, .err = err };
        int r;

        if (size > JSON_SIZE_MAX)
                return ctr_error_field(err, "",
                        "the document has %zu bytes, more than the limit of %u MiB", size,
                        JSON_SIZE_MAX / (1024 * 1024));
        if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
                return scan_fail(&s, 0,
                        "not valid JSON: starts with a byte order mark; save it as plain UTF-8");
        json_keys_init(&s.keys);
        skip_space(&s);
        r = s.pos == size ? scan_fail(&s, s.pos, "the document is empty") : scan_value(&s);
        if (r >= 0) {
                skip_space(&s);
                if (s.pos < size)
                        r = fail_expected(&s, "nothing after the document");
        }
        json_keys_done(&s.keys);
        *ret = s.tally;
        return r;
}

void json_scan_locate(const char *text, size_t size, const JsonStep *steps, size_t n,
        unsigned *ret_line, unsigned *ret_column)
{
        static const JsonStep none;
        Scanner s = { .text = text, .size = size, .target = steps ? steps : &none, .n_target = n };

        json_keys_init(&s.keys);
        (void) scan_value(&s);
        json_keys_done(&s.keys);
        find_position(&s, s.found_pos, ret_line, ret_column);
}
