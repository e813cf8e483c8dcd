/* Names of signals. */
#include "plan/signal-name.h"
#include "unit/test.h"

#include <signal.h>

static void names_to_numbers(void)
{
        static const struct {
                const char *name;
                int signo;
        } cases[] = {
                { "SIGTERM", SIGTERM },
                { "term", SIGTERM },
                { "Sigquit", SIGQUIT },
                { "15", 15 },
                { "1", 1 },
                { "64", 64 },
                { "RTMIN", 34 },
                { "SIGRTMIN+3", 37 },
                { "rtmin+30", 64 },
                { "SIGRTMAX", 64 },
                { "RTMAX-1", 63 },
                { "POLL", SIGIO },
                { "CLD", SIGCHLD },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                CHECK_INT(signal_from_name(cases[i].name), cases[i].signo);
}

static void refused(void)
{
        static const char *const bad[] = { "", "0", "65", "-1", "015", "TERM ", " TERM", "SIG",
                "SIGSIGTERM", "RTMIN+31", "RTMIN-1", "RTMAX+1", "RTMIN+", "RTMIN+x", "9x",
                "18446744073709551625" };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                CHECK_INT(signal_from_name(bad[i]), -EINVAL);
}

static void round_trip(void)
{
        char name[SIGNAL_NAME_MAX];

        for (int i = 1; i <= 64; i++)
                CHECK_INT(signal_from_name(signal_to_name(i, name)), i);
        CHECK_STR(signal_to_name(SIGIO, name), "SIGIO");
        CHECK_STR(signal_to_name(34, name), "SIGRTMIN+0");
        CHECK_STR(signal_to_name(32, name), "32");
}

static const Test tests[] = {
        TEST(names_to_numbers),
        TEST(refused),
        TEST(round_trip),
};
TEST_MAIN(tests)
