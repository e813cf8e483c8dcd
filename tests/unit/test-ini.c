/* systemd's unit-file syntax: what is read, and where errors are said to be. */
#include "unitfile/ini.h"
#include "unit/test.h"

static int read_ini(const char *text, Ini *ini, CtrError *err)
{
        *ini = (Ini){ 0 };
        return ini_add_text(ini, "web.container", strdup(text), strlen(text), err);
}

static void check_entry(const IniEntry *entry, const char *section, const char *key,
        const char *value, unsigned line)
{
        CHECK_STR(entry->section, section);
        CHECK_STR(entry->key, key);
        CHECK_STR(entry->value, value);
        CHECK_INT(entry->line, line);
}

static void assignments(void)
{
        CtrError err = { 0 };
        Ini ini;

        CHECK_OK(read_ini("\xef\xbb\xbf# comment\n"
                          "; another\n"
                          "\n"
                          "  [Unit]  \r\n"
                          "Description = A web server \t\n"
                          "After=\n"
                          "[Service]\n"
                          "Restart=always",
                         &ini, &err),
                err);
        CHECK_INT(ini.n, 3);
        check_entry(&ini.items[0], "Unit", "Description", "A web server", 5);
        check_entry(&ini.items[1], "Unit", "After", "", 6);
        check_entry(&ini.items[2], "Service", "Restart", "always", 8);
        CHECK_STR(ini.items[2].file, "web.container");
        ini_done(&ini);
}

static void continued_lines(void)
{
        CtrError err = { 0 };
        Ini ini;

        CHECK_OK(read_ini("[Unit]\n"
                          "After=a.service \\\n"
                          "# a comment does not end it \\\n"
                          "   b.service\\\n"
                          "\n"
                          "Wants=x\\\\\n"
                          "Before=c.service\n",
                         &ini, &err),
                err);
        CHECK_INT(ini.n, 3);
        check_entry(&ini.items[0], "Unit", "After", "a.service  b.service", 2);
        check_entry(&ini.items[1], "Unit", "Wants", "x\\\\", 6);
        check_entry(&ini.items[2], "Unit", "Before", "c.service", 7);
        ini_done(&ini);
}

static void many_entries_and_files(void)
{
        static char text[100 * 8 + 8] = "[Unit]\n";
        CtrError err = { 0 };
        Ini ini = { 0 };

        for (int i = 0; i < 100; i++)
                (void) strcat(text, "After=\n");
        CHECK_OK(ini_add_text(&ini, "a", strdup(text), strlen(text), &err), err);
        CHECK_OK(ini_add_text(&ini, "b", strdup(text), strlen(text), &err), err);
        CHECK_INT(ini.n, 200);
        CHECK_STR(ini.items[99].file, "a");
        CHECK_STR(ini.items[100].file, "b");
        ini_done(&ini);
}

static void syntax_errors(void)
{
        static const struct {
                const char *text;
                unsigned line, column;
                const char *message;
        } cases[] = {
                { "Restart=always\n", 1, 1, "before the first" },
                { "[Unit\n", 1, 1, "section header" },
                { "\n []\n", 2, 2, "section header" },
                { "[Unit]\nAfter\n", 2, 1, "expected \"Key=value\"" },
                { "[Unit]\n=x\n", 2, 1, "expected \"Key=value\"" },
                { "[Unit]\n\n  After=a\\\n", 3, 3, "ends in a continued line" },
                { "[Unit]\nAfter=a\x01", 2, 8, "control character" },
                { "[Unit]\nAfter=\xc3", 2, 7, "invalid UTF-8" },
                { "[Unit]\nAfter=\xe0\x80\x80", 2, 7, "invalid UTF-8" },
                { "[Unit]\nAfter=\xed\xa0\x80", 2, 7, "invalid UTF-8" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CtrError err = { 0 };
                Ini ini;

                CHECK(read_ini(cases[i].text, &ini, &err) < 0);
                CHECK_INT(err.line, cases[i].line);
                CHECK_INT(err.column, cases[i].column);
                CHECK_CONTAINS(err.message, cases[i].message);
                ini_done(&ini);
        }
}

static void nul_byte(void)
{
        CtrError err = { 0 };
        Ini ini = { 0 };

        CHECK(ini_add_text(&ini, "f", strdup("[Unit]\n"), 9, &err) < 0);
        CHECK_CONTAINS(err.message, "NUL");
        ini_done(&ini);
}

static const Test tests[] = {
        TEST(assignments),
        TEST(continued_lines),
        TEST(many_entries_and_files),
        TEST(syntax_errors),
        TEST(nul_byte),
};
TEST_MAIN(tests)
