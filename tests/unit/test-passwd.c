/* Home directories from a hostile passwd file. */
#include "helper/passwd.h"
#include "unit/test.h"

static const char *home_of(const char *text, uid_t uid)
{
        static char home[64];

        if (passwd_find_home(text, strlen(text), uid, home, sizeof(home)) < 0)
                return "";
        return home;
}

static void found(void)
{
        static const char text[] = "root:x:0:0:root:/root:/bin/sh\n"
                                   "web:x:33:33:web,,,:/var/www:/sbin/nologin\n"
                                   "dup:x:33:33::/other:/bin/sh\n"
                                   "last:x:4294967295:1::/last:/bin/sh";

        CHECK_STR(home_of(text, 0), "/root");
        CHECK_STR(home_of(text, 33), "/var/www");
        CHECK_STR(home_of(text, 4294967295), "/last");
        CHECK_STR(home_of(text, 3), "");
        CHECK_STR(home_of("", 0), "");
}

static void refused(void)
{
        static const char *const lines[] = {
                "u:x:5:5::/h",              /* six fields */
                "u:x:5:5::/h:/bin/sh:more", /* eight */
                "u:x:5:5::h:/bin/sh",       /* relative */
                "u:x:5:5:::/bin/sh",        /* empty */
                "u:x:5:5::/h\001:/bin/sh",  /* control character */
                "u:x:05:5::/h:/bin/sh",     /* not as a number is written */
                "u:x:+5:5::/h:/bin/sh",
                "u:x: 5:5::/h:/bin/sh",
                "u:x:5 :5::/h:/bin/sh",
                "u:x:4294967301:5::/h:/bin/sh", /* 2^32 + 5 */
                "u:x::5::/h:/bin/sh",
                "u:x:5:5::/0123456789012345678901234567890123456789012345678901234567890123456789:/bin/sh",
        };

        for (size_t i = 0; i < ELEMENTSOF(lines); i++)
                CHECK_STR(home_of(lines[i], 5), "");
}

/* Exactly as long as it is said to be: AddressSanitizer sees a byte read beyond. */
static void no_terminator(void)
{
        static const char text[] = "a:x:1:1::/a:/bin/sh\nb:x:2:2::/b:/bin/sh\n";

        for (size_t size = 0; size < strlen(text); size++) {
                char *copy = malloc(size > 0 ? size : 1), home[16];

                CHECK(copy);
                memcpy(copy, text, size);
                (void) passwd_find_home(copy, size, 2, home, sizeof(home));
                free(copy);
        }
}

static const Test tests[] = {
        TEST(found),
        TEST(refused),
        TEST(no_terminator),
};
TEST_MAIN(tests)
