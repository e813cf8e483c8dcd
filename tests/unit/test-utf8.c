/* UTF-8: every code point, and what is none. */
#include "base/utf8.h"
#include "unit/test.h"

static void code_points(void)
{
        char buf[4];

        for (unsigned c = 0; c < 0x110000; c++) {
                size_t n = utf8_encode(c, buf);
                bool is_surrogate = c >= 0xd800 && c <= 0xdfff;

                CHECK_INT(utf8_length(buf, n), is_surrogate ? 0 : n);
                if (n > 1)
                        CHECK_INT(utf8_length(buf, n - 1), 0); /* cut off */
        }
}

static void malformed(void)
{
        static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80",
                "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80",
                "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe", "\xc3(",
                "\xe2\x82(", "\xf0\x9f\x98(" };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                CHECK_INT(utf8_length(bad[i], strlen(bad[i])), 0);
        CHECK_INT(utf8_length("", 0), 0);
        CHECK_INT(utf8_length("\0", 1), 1);
}

static const Test tests[] = { TEST(code_points), TEST(malformed) };
TEST_MAIN(tests)
