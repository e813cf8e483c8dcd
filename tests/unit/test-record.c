/* The records that ctr-exec writes: pid and exit. */
#include "runtime/record.h"
#include "unit/test.h"

#include <signal.h>

#define INVOCATION "0123456789abcdef0123456789abcdef"

static void pids(void)
{
        static const char *const bad[] = { "", "\n", "1\n", "0 5 " INVOCATION, "-1 5 " INVOCATION,
                "1 x " INVOCATION, "1 5 0123", "1 5 " INVOCATION " more", "1 5 " INVOCATION "0",
                "99999999999 5 " INVOCATION, "1 5 0123456789ABCDEF0123456789ABCDEF" };
        PidRecord r = { 0 };

        CHECK(pid_record_parse("4711 123456789012 " INVOCATION "\n", &r) >= 0);
        CHECK_INT(r.pid, 4711);
        CHECK_INT(r.starttime, 123456789012);
        CHECK_STR(r.invocation_id, INVOCATION);
        CHECK(pid_record_parse("1 5\n", &r) >= 0);
        CHECK_STR(r.invocation_id, "");
        CHECK(pid_record_parse("1 5 -\n", &r) >= 0);
        CHECK_STR(r.invocation_id, "");
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                CHECK(pid_record_parse(bad[i], &r) < 0);
}

static void exits(void)
{
        static const char *const bad[] = { "", "success exited", "success exited 256 " INVOCATION,
                "success exited -1 " INVOCATION, "signal killed NOSUCH " INVOCATION,
                "success exited 0 " INVOCATION " x" };
        ExitRecord r = { 0 };

        CHECK(exit_record_parse("success exited 0 " INVOCATION "\n", &r) >= 0);
        CHECK_INT(r.status, 0);
        CHECK_STR(r.result, "success");
        CHECK(exit_record_parse("exit-code exited 42 " INVOCATION "\n", &r) >= 0);
        CHECK_INT(r.status, 42);
        CHECK(exit_record_parse("signal killed KILL " INVOCATION "\n", &r) >= 0);
        CHECK_INT(r.status, 128 + SIGKILL);
        CHECK_STR(r.status_text, "KILL");
        CHECK(exit_record_parse("core-dump dumped SEGV " INVOCATION "\n", &r) >= 0);
        CHECK_INT(r.status, 128 + SIGSEGV);
        CHECK(exit_record_parse("start-limit-hit - - -\n", &r) >= 0);
        CHECK_INT(r.status, 0);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                CHECK(exit_record_parse(bad[i], &r) < 0);
}

static const Test tests[] = { TEST(pids), TEST(exits) };
TEST_MAIN(tests)
