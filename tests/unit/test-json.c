/* The strict JSON reader: what is refused, where and why; exact numbers; places; limits; writing.
 */
#include "base/json.h"
#include "unit/test.h"

#include <time.h>

static int try_parse(const char *text, size_t size, CtrError *err)
{
        JsonDocument *doc = NULL;
        int r;

        *err = (CtrError){ 0 };
        r = json_document_parse(text, size, &doc, err);
        json_document_free(doc);
        return r;
}

static const struct {
        const char *text;
        unsigned line, column;
        const char *path;
        const char *message;
} refused[] = {
        { "", 1, 1, "", "the document is empty" },
        { " \n\t", 2, 2, "", "the document is empty" },
        { "\xef\xbb\xbf{}", 1, 1, "", "byte order mark" },
        { "{} {}", 1, 4, "", "expected nothing after the document, found '{'" },
        { "{}\n\n  x", 3, 3, "", "nothing after the document" },
        { "{\"a\":1,}", 1, 8, "", "expected a property name in quotes, found '}'" },
        { "[1,]", 1, 4, "[1]", "expected a value, found ']'" },
        { "[1 2]", 1, 4, "[0]", "expected ',' or ']', found '2'" },
        { "[1", 1, 3, "[0]", "found the end of the document" },
        { "{\"a\" 1}", 1, 6, "a", "expected ':'" },
        { "{\"a\":1 \"b\":2}", 1, 8, "a", "expected ',' or '}'" },
        { "{a:1}", 1, 2, "", "expected a property name in quotes, found 'a'" },
        { "{'a':1}", 1, 2, "", "expected a property name in quotes" },
        { "{/**/}", 1, 2, "", "JSON has no comments" },
        { "// x\n{}", 1, 1, "", "JSON has no comments" },
        { "{\"a\":{\"b\":NaN}}", 1, 11, "a.b", "expected a value, found 'N'" },
        { "[Infinity]", 1, 2, "[0]", "expected a value, found 'I'" },
        { "[-Infinity]", 1, 3, "[0]", "expected a digit, found 'I'" },
        { "[nul]", 1, 2, "[0]", "expected a value" },
        { "[True]", 1, 2, "[0]", "expected a value" },
        { "[01]", 1, 2, "[0]", "cannot start with 0" },
        { "[-01]", 1, 2, "[0]", "cannot start with 0" },
        { "[+1]", 1, 2, "[0]", "expected a value, found '+'" },
        { "[.5]", 1, 2, "[0]", "expected a value, found '.'" },
        { "[1.]", 1, 4, "[0]", "a digit after the decimal point" },
        { "[1e]", 1, 4, "[0]", "a digit in the exponent" },
        { "[0x10]", 1, 3, "[0]", "expected ',' or ']', found 'x'" },
        { "[18446744073709551616]", 1, 2, "[0]", "number out of range" },
        { "[-9223372036854775809]", 1, 2, "[0]", "number out of range" },
        { "[\"a\nb\"]", 1, 4, "[0]", "control character 0x0a in a string" },
        { "[\"a\tb\"]", 1, 4, "[0]", "control character 0x09" },
        { "[\"abc]", 1, 2, "[0]", "no closing quote" },
        { "[\"\\x\"]", 1, 4, "[0]", "after a backslash" },
        { "[\"\\u12g4\"]", 1, 7, "[0]", "four hexadecimal digits" },
        { "[\"ab\\u0000\"]", 1, 5, "[0]", "\\u0000 in a string" },
        { "[\"\\ud800\"]", 1, 3, "[0]", "lone surrogate \\ud800" },
        { "[\"\\udc00\"]", 1, 3, "[0]", "lone surrogate \\udc00" },
        { "[\"\\ud800\\u0041\"]", 1, 3, "[0]", "lone surrogate \\ud800" },
        { "[\"\\ud800\\n\"]", 1, 3, "[0]", "lone surrogate \\ud800" },
        { "[\"\xff\"]", 1, 3, "[0]", "byte 0xff is not UTF-8" },
        { "[\"\xc0\xaf\"]", 1, 3, "[0]", "byte 0xc0 is not UTF-8" },
        { "[\"\xed\xa0\x80\"]", 1, 3, "[0]", "byte 0xed is not UTF-8" },
        { "[\"\xc3\xa4\xc3\xa4\", x]", 1, 8, "[1]",
                "expected a value" }, /* columns are characters */
        { "{\"a\":1,\"a\":2}", 1, 8, "a", "duplicate key" },
        { "{\"a\":1,\n \"\\u0061\":2}", 2, 2, "a", "duplicate key" },
        { "{\"x\":[{\"b\":1},{\"b\":1,\"b\":1}]}", 1, 22, "x[1].b", "duplicate key" },
        { "{\"\":1,\"\":2}", 1, 7, "[\"\"]", "duplicate key" },
        { "{\"a b\":{\"c.d\":[x]}}", 1, 16, "[\"a b\"][\"c.d\"][0]", "expected a value" },
        { "\v{}", 1, 1, "", "found byte 0x0b" },
};

static void refused_documents(void)
{
        CtrError err;

        for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
                printf("# document %zu\n", i);
                CHECK_INT(try_parse(refused[i].text, strlen(refused[i].text), &err), -EINVAL);
                CHECK_STR(err.field, refused[i].path);
                CHECK_CONTAINS(err.message, refused[i].message);
                CHECK_INT(err.line, refused[i].line);
                CHECK_INT(err.column, refused[i].column);
                CHECK_INT(err.code, CTR_ERROR_CONFIG_INVALID);
                CHECK(json_document_parse(refused[i].text, strlen(refused[i].text),
                              &(JsonDocument *){ NULL }, NULL) < 0);
        }
        CHECK(try_parse("[\"a\0b\"]", 7, &err) < 0); /* a raw NUL byte */
        CHECK_CONTAINS(err.message, "control character 0x00");
        CHECK(try_parse("{}\0", 3, &err) < 0);
}

static void accepted_documents(void)
{
        static const char *const good[] = { "{}", "[]", " [ ] ", "null", "true", "0", "-0",
                "-1.5e+10", "1E-2", "\"\"", "\t\r\n{ \"a\" : [ 1 , null , false ] }\r\n",
                "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00\"", "[{\"a\":1},{\"a\":1}]",
                "{\"a\":{\"a\":{\"a\":1}},\"A\":2}", "{\"\":0}", "\"\xf0\x9f\x98\x80\x7f\"",
                "1e999", "123" };
        CtrError err;

        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                printf("# document %zu\n", i);
                CHECK_OK(try_parse(good[i], strlen(good[i]), &err), err);
        }
}

/* Exactly `count` times the text; the limits are tested from both sides. */
static int try_nested(const char *open, const char *close, size_t count, CtrError *err)
{
        size_t n_open = strlen(open), n_close = strlen(close), size = count * (n_open + n_close);
        char *text = malloc(size + 1);
        int r;

        CHECK(text);
        for (size_t i = 0; i < count; i++) {
                memcpy(text + i * n_open, open, n_open);
                memcpy(text + count * n_open + i * n_close, close, n_close);
        }
        r = try_parse(text, size, err);
        free(text);
        return r;
}

static void nesting(void)
{
        CtrError err;

        CHECK_OK(try_nested("[", "]", JSON_DEPTH_MAX, &err), err);
        CHECK(try_nested("[", "]", JSON_DEPTH_MAX + 1, &err) < 0);
        CHECK_CONTAINS(err.message, "nested deeper than 64 levels");
        CHECK_INT(err.column, 65);
        CHECK(try_nested("[", "]", 100000, &err) < 0);
        CHECK_CONTAINS(err.message, "nested deeper");
        CHECK(try_nested("{\"a\":", "}", 100000, &err) < 0);
        CHECK_CONTAINS(err.message, "nested deeper");
        CHECK_INT(err.column, 5 * 64 + 1);
}

static double seconds(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
        return (double) ts.tv_sec + (double) ts.tv_nsec * 1e-9;
}

/* About 10 MB from a repeated item; prints the time for the record. */
static int try_large(
        const char *head, const char *item_format, size_t count, const char *tail, CtrError *err)
{
        char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);
        double start;
        int r;

        CHECK(f);
        (void) fputs(head, f);
        for (size_t i = 0; i < count; i++) {
                (void) fprintf(f, "%s", i > 0 ? "," : "");
                (void) fprintf(f, item_format, i);
        }
        (void) fputs(tail, f);
        (void) fclose(f);
        start = seconds();
        r = try_parse(text, size, err);
        printf("# %zu bytes in %.3f s\n", size, seconds() - start);
        CHECK(seconds() - start <
                5.0); /* quadratic behaviour takes minutes; sanitizers take part of this */
        free(text);
        return r;
}

static void large_documents(void)
{
        CtrError err;
        char *space;

        CHECK_OK(try_large("{", "\"member-with-a-long-name-%zu\":1", 300000, "}", &err), err);
        CHECK(try_large("{", "\"member-with-a-long-name-%zu\":1", 300000,
                      ",\"member-with-a-long-name-0\":1}", &err) < 0);
        CHECK_CONTAINS(err.message, "duplicate key");
        CHECK_OK(
                try_large("[", "{\"a\":1,\"b\":\"%zu\"}", JSON_CONTAINERS_MAX - 1, "]", &err), err);
        CHECK(try_large("[", "{\"a\":%zu}", JSON_CONTAINERS_MAX, "]", &err) < 0);
        CHECK_CONTAINS(err.message, "more than 100000 arrays and objects");
        CHECK(try_large("[", "%zu", JSON_VALUES_MAX, "]", &err) < 0);
        CHECK_CONTAINS(err.message, "more than 500000 values");

        space = malloc(JSON_SIZE_MAX + 1);
        CHECK(space);
        memset(space, ' ', JSON_SIZE_MAX + 1);
        space[0] = '1';
        CHECK_OK(try_parse(space, JSON_SIZE_MAX, &err), err);
        CHECK(try_parse(space, JSON_SIZE_MAX + 1, &err) < 0);
        CHECK_CONTAINS(err.message, "more than the limit of 16 MiB");
        free(space);
}

static void cut_off(void)
{
        static const char text[] =
                "{\"a\": [1, -2.5e3, \"x\\u00e4\\n\", true, null], \"b\": {\"c\": {}}}";
        CtrError err;

        for (size_t size = 0; size < sizeof(text) - 1; size++) {
                char *copy =
                        malloc(size + 1); /* so that the sanitizer sees a read beyond the end */

                CHECK(copy);
                memcpy(copy, text, size);
                copy = realloc(copy, size > 0 ? size : 1);
                CHECK_INT(try_parse(copy, size, &err), -EINVAL);
                CHECK(err.line == 1 && err.column >= 1 && err.column <= size + 1);
                free(copy);
        }
        CHECK_OK(try_parse(text, sizeof(text) - 1, &err), err);
}

static void reading(void)
{
        static const char text[] =
                "{\"s\":\"t\\u00e4\",\"i\":-5,\"u\":18446744073709551615,\"m\":9223372036854775807,"
                "\"l\":-9223372036854775808,\"r\":1.0,\"e\":1e3,\"t\":true,\"n\":null,\"a\":[1,\"x\"]}";
        static const char order[] = "siumlretna";
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        const JsonValue *root, *value;
        _cleanup_free_ char *again = NULL;
        JsonIterator it;
        const char *key;
        CtrError err;
        int64_t i;
        uint64_t u;
        size_t n = 0;
        bool b;

        CHECK_OK(json_document_parse(text, strlen(text), &doc, &err), err);
        root = json_document_root(doc);
        CHECK_INT(json_value_type(root), JSON_TYPE_OBJECT);
        CHECK_INT(json_value_length(root), 10);
        CHECK_STR(json_member_string(root, "s"), "t\xc3\xa4");
        CHECK(!json_member_string(root, "i") && !json_member_string(root, "none"));
        CHECK_INT(json_member_i64(root, "i", &i), 0);
        CHECK_INT(i, -5);
        CHECK_INT(json_member_u64(root, "i", &u), -ERANGE);
        CHECK_INT(json_member_u64(root, "u", &u), 0);
        CHECK(u == UINT64_MAX);
        CHECK_INT(json_member_i64(root, "u", &i), -ERANGE);
        CHECK(json_member_i64(root, "m", &i) == 0 && i == INT64_MAX);
        CHECK(json_member_u64(root, "m", &u) == 0 && u == INT64_MAX);
        CHECK(json_member_i64(root, "l", &i) == 0 && i == INT64_MIN);
        CHECK_INT(json_member_i64(root, "r", &i), -EINVAL); /* 1.0 is no integer */
        CHECK_INT(json_member_u64(root, "e", &u), -EINVAL);
        CHECK_INT(json_member_i64(root, "s", &i), -EINVAL);
        CHECK_INT(json_member_i64(root, "none", &i), -ENOENT);
        CHECK(json_member_bool(root, "t", &b) == 0 && b);
        CHECK_INT(json_member_bool(root, "i", &b), -EINVAL);
        CHECK(json_value_member(root, "n", &value) && value == NULL);
        CHECK_STR(json_value_type_name(value), "null");
        CHECK(!json_value_member(root, "none", &value));
        CHECK(json_value_member(root, "a", &value));
        CHECK_INT(json_value_length(value), 2);
        CHECK_STR(json_value_string(json_value_item(value, 1)), "x");
        CHECK(!json_value_item(value, 2));
        again = json_value_text(value);
        CHECK_STR(again, "[1,\"x\"]");
        it = (JsonIterator){ .object = root };
        for (; json_iterator_next(&it, &key, &value); n++)
                CHECK(key[0] == order[n] && key[1] == '\0');
        CHECK_INT(n, 10);
        it = (JsonIterator){ .object = value };
        CHECK(!json_iterator_next(&it, &key, &value));
}

static void places(void)
{
        static const char text[] =
                "{\n  \"process\": {\n    \"\xc3\xa4\": 1, \"args\": [\"a\",\n  \"b\"]\n  },\n"
                "  \"x\": {\"args\": 2, \"b\": [7]}\n}";
        static const struct {
                JsonStep steps[3];
                size_t n;
                unsigned line, column;
                const char *path;
        } rows[] = {
                { { { 0 } }, 0, 1, 1, "" },
                { { { "process", 0 } }, 1, 2, 14, "process" },
                { { { "process", 0 }, { "args", 0 } }, 2, 3, 21, "process.args" },
                { { { "process", 0 }, { "args", 0 }, { NULL, 1 } }, 3, 4, 3, "process.args[1]" },
                { { { "x", 0 }, { "args", 0 } }, 2, 6, 17, "x.args" },
                { { { "process", 0 }, { "b", 0 } }, 2, 2, 14, "process.b" }, /* none: its object */
                { { { "process", 0 }, { "args", 0 }, { NULL, 9 } }, 3, 3, 21, "process.args[9]" },
                { { { "none", 0 }, { "args", 0 } }, 2, 1, 1, "none.args" },
        };
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        unsigned line, column;
        char buf[64], tiny[8];
        CtrError err;

        CHECK_OK(json_document_parse(text, strlen(text), &doc, &err), err);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                json_document_locate(doc, rows[i].steps, rows[i].n, &line, &column);
                printf("# %s\n", rows[i].path);
                CHECK_STR(
                        json_path_format(rows[i].steps, rows[i].n, buf, sizeof(buf)), rows[i].path);
                CHECK_INT(line, rows[i].line);
                CHECK_INT(column, rows[i].column);
        }
        CHECK_STR(json_path_format(rows[3].steps, 3, tiny, sizeof(tiny)), "process");
}

static void writing(void)
{
        static const struct {
                const char *text, *json;
        } rows[] = {
                { "", "\"\"" },
                { "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
                { "\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"" },
                { "\xc3\xa4\xf0\x9f\x98\x80", "\"\xc3\xa4\xf0\x9f\x98\x80\"" },
                { "x\xff\xc3", "\"x\\ufffd\\ufffd\"" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(json_document_freep) JsonDocument *doc = NULL;
                _cleanup_free_ char *out = NULL;
                size_t size = 0;
                FILE *f = open_memstream(&out, &size);
                CtrError err;

                CHECK(f);
                json_write_string(f, rows[i].text);
                (void) fclose(f);
                CHECK_STR(out, rows[i].json);
                CHECK_OK(json_document_parse(out, size, &doc, &err), err);
                if (i + 1 < ELEMENTSOF(rows)) /* what is UTF-8 comes back as it was */
                        CHECK_STR(json_value_string(json_document_root(doc)), rows[i].text);
        }
}

static const Test tests[] = { TEST(refused_documents), TEST(accepted_documents), TEST(nesting),
        TEST(large_documents), TEST(cut_off), TEST(reading), TEST(places), TEST(writing) };
TEST_MAIN(tests)
