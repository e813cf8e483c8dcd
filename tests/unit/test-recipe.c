/* The pieces that .container files are read with: words, specifiers, sizes, files of users. What
 * each key becomes is in tests/container. */
#include "runtime/user-database.h"
#include "unit/test.h"
#include "unitfile/recipe-internal.h"

#include <string.h>

static const IniEntry entry = {
        .section = "Container", .key = "Key", .value = "", .file = "f", .line = 2, .column = 1
};

/* The words with a '|' after each, or the error. */
static const char *split(const char *value, char *buf, size_t size)
{
        SpecArena arena = { 0 };
        CtrError err = { 0 };
        SpecStrv words;

        buf[0] = '\0';
        if (words_split(&entry, value, &arena, &words, &err) < 0)
                (void) snprintf(buf, size, "%.400s", err.message);
        for (size_t i = 0; i < words.n && err.code == CTR_ERROR_NONE; i++)
                (void) snprintf(buf + strlen(buf), size - strlen(buf), "%s|", words.items[i]);
        spec_arena_done(&arena);
        return buf;
}

static void words(void)
{
        static const char *const cases[][2] = {
                { "", "" },
                { "  a\tb  ", "a|b|" },
                { "\"a b\" 'c d'", "a b|c d|" },
                { "a\"b c\"d", "ab cd|" },
                { "\"\" ''", "||" },
                { "a\\ b", "an escape" },
                { "\\x41\\101\\u00e4\\n\\s", "AA\u00e4\n |" },
                { "\\\\ \\\" \\'", "\\|\"|'|" },
                { "\"open", "not closed" },
                { "'a\"b'", "a\"b|" },
                { "\\x00", "an escape" },
                { "\\xff", "an escape" },
                { "\\ud800", "an escape" },
                { "\\", "an escape" },
                { "$A ${B} ; | &", "$A|${B}|;|||&|" },
        };
        char buf[512];

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                if (cases[i][1][0])
                        CHECK_CONTAINS(split(cases[i][0], buf, sizeof(buf)), cases[i][1]);
                else
                        CHECK_STR(split(cases[i][0], buf, sizeof(buf)), "");
}

static void specifiers(void)
{
        static const char *const cases[][2] = {
                { "%i-%I", "a+b-a+b" },
                { "%n", "ctr@a\\x2bb.service" },
                { "%N", "ctr@a\\x2bb" },
                { "%p%%%t%S", "ctr%/run/var/lib" },
                { "100%%", "100%" },
                { "%H", "" },
                { "%", "" },
                { "%\u00e4", "" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                IniEntry e = entry;
                SpecArena arena = { 0 };
                CtrError err = { 0 };
                char *text;
                int r;

                e.value = cases[i][0];
                r = words_expand(&e, "a+b", &arena, &text, &err);
                if (cases[i][1][0]) {
                        CHECK_OK(r, err);
                        CHECK_STR(text, cases[i][1]);
                } else {
                        CHECK(r < 0);
                        CHECK_CONTAINS(err.message, "is not replaced in [Container]");
                }
                spec_arena_done(&arena);
        }
}

static void sizes(void)
{
        static const struct {
                const char *text;
                uint64_t bytes; /* UINT64_MAX: refused */
        } cases[] = { { "0", 0 }, { "1", 1 }, { "5b", 5 }, { "2k", 2048 }, { "3M", 3 << 20 },
                { "1gb", 1 << 30 }, { "1t", UINT64_C(1) << 40 }, { "", UINT64_MAX },
                { "m", UINT64_MAX }, { "1x", UINT64_MAX }, { "-1", UINT64_MAX },
                { "1 m", UINT64_MAX }, { "9999999t", UINT64_MAX },
                { "99999999999999999", UINT64_MAX } };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CtrError err = { 0 };
                RecipeKey key = { .entry = &entry, .err = &err };
                uint64_t bytes = 0;
                int r = recipe_bytes(&key, cases[i].text, &bytes);

                CHECK_INT(r < 0, cases[i].bytes == UINT64_MAX);
                CHECK(r < 0 || bytes == cases[i].bytes);
        }
}

static int add_gid(void *userdata, uint32_t gid)
{
        *(uint32_t *) userdata += gid;
        return 0;
}

static void users(void)
{
        static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
                                     "web:x:5:6:short\n"
                                     "web:x:0x5:6:a:/:/\n"
                                     "web:x:100:101:a:/:/bin/sh\n"
                                     "web:x:7:7:a:/:/bin/sh";
        static const char group[] =
                "root:x:0:\nweb:x:101:web\naudio:x:20:a,web\nnot:x:9:webb\nvideo:x:4:web";
        UserEntry user;
        uint32_t gid, sum = 0;

        CHECK_INT(user_database_find_user(passwd, sizeof(passwd) - 1, "web", 0, &user), 0);
        CHECK_INT(user.uid, 100);
        CHECK_INT(user.gid, 101);
        CHECK_INT(user_database_find_user(passwd, sizeof(passwd) - 1, NULL, 7, &user), 0);
        CHECK_STR(user.name, "web");
        CHECK_INT(user_database_find_user(passwd, sizeof(passwd) - 1, "we", 0, &user), -ENOENT);
        CHECK_INT(user_database_find_user(NULL, 0, "web", 0, &user), -ENOENT);
        CHECK_INT(user_database_find_group(group, sizeof(group) - 1, "audio", &gid), 0);
        CHECK_INT(gid, 20);
        CHECK_INT(user_database_find_group(group, sizeof(group) - 1, "aud", &gid), -ENOENT);
        CHECK_INT(user_database_for_each_group(group, sizeof(group) - 1, "web", 101, add_gid, &sum),
                0);
        CHECK_INT(sum, 24);
}

static void ranges(void)
{
        static const char text[] = "other:1:1\nweb:100000:65536\nweb:x:1\nweb:5:0\nweb:7:2";
        SpecIdMapping range;
        size_t at = 0;

        CHECK_INT(user_database_next_range(text, sizeof(text) - 1, "web", &at, &range), 1);
        CHECK_INT(range.host_id, 100000);
        CHECK_INT(range.size, 65536);
        CHECK_INT(user_database_next_range(text, sizeof(text) - 1, "web", &at, &range), 1);
        CHECK_INT(range.host_id, 7);
        CHECK_INT(user_database_next_range(text, sizeof(text) - 1, "web", &at, &range), 0);
}

static const Test tests[] = {
        TEST(words),
        TEST(specifiers),
        TEST(sizes),
        TEST(users),
        TEST(ranges),
};
TEST_MAIN(tests)
