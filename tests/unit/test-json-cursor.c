/* Reading small JSON texts in place: what it takes is what the strict scanner takes, and the values
 * are those that were written. */
#include "base/json-cursor.h"
#include "base/json-scan.h"
#include "unit/test.h"

static void members(void)
{
        char text[] =
                " { \"a\" : \"x\\n\\u00e9\\ud83d\\ude00\\\"\", \"n\":18446744073709551615,\"o\": {},"
                "\"skip\":[1,{\"b\":[true,\"]}\"]}, -2.5e3],\"p\":{\"k\":\"v\"},\"w\":null }\n";
        JsonCursor c = json_cursor(text);
        char *key;

        json_cursor_enter(&c);
        CHECK(json_cursor_next(&c, &key));
        CHECK_STR(key, "a");
        CHECK_STR(json_cursor_string(&c), "x\n\xc3\xa9\xf0\x9f\x98\x80\"");
        CHECK(json_cursor_next(&c, &key));
        CHECK(json_cursor_u64(&c) == UINT64_MAX);
        CHECK(json_cursor_next(&c, &key));
        json_cursor_enter(&c);
        CHECK(!json_cursor_next(&c, &key));
        CHECK(json_cursor_next(&c, &key));
        CHECK_STR(key, "skip");
        json_cursor_skip(&c);
        CHECK(json_cursor_next(&c, &key));
        json_cursor_enter(&c);
        CHECK(json_cursor_next(&c, &key));
        CHECK_STR(json_cursor_string(&c), "v");
        CHECK(!json_cursor_next(&c, &key));
        CHECK(json_cursor_next(&c, &key));
        CHECK_STR(key, "w");
        json_cursor_skip(&c);
        CHECK(!json_cursor_next(&c, &key));
        CHECK(json_cursor_is_whole(&c));
}

/* An object of strings and numbers. */
static bool is_taken(const char *original)
{
        char text[256], *key;
        JsonCursor c = json_cursor(text);

        (void) snprintf(text, sizeof(text), "%s", original);
        json_cursor_enter(&c);
        while (json_cursor_next(&c, &key))
                if (c.at[strspn(c.at, " ")] == '"')
                        (void) json_cursor_string(&c);
                else
                        (void) json_cursor_u64(&c);
        return json_cursor_is_whole(&c);
}

static void refused(void)
{
        static const char *const texts[] = { "{}", "{\"a\":1}", "{\"a\":\"\\u0041\"}",
                "{\"a\":0,\"b\":\"\"}", "", "{", "[]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}",
                "{\"a\":1 \"b\":2}", "{\"a\":01}", "{\"a\":1x}", "{\"a\":18446744073709551616}",
                "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\\ud800\"}",
                "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\udc00\"}", "{\"a\":\"\\u0000\"}",
                "{\"a\":\"\n\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}", "{\"a\":\"b}",
                "{\"a\":1}x", "{\"a\":1}{}", "{\"a\":\"\\", "{\"a\":\"\\u", "{'a':1}", "{a:1}" };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                CHECK_INT(is_taken(texts[i]), i < 4);
                /* The strict scanner has the same opinion. Larger integers are its caller's. */
                if (!strstr(texts[i], "8446744073709551616") && strcmp(texts[i], "[]") != 0)
                        CHECK_INT(json_scan(texts[i], strlen(texts[i]), &(JsonTally){ 0 },
                                          &(CtrError){ 0 }) >= 0,
                                i < 4);
        }
}

static const Test tests[] = { TEST(members), TEST(refused) };
TEST_MAIN(tests)
