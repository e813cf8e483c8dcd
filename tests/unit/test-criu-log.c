/* Which line of criu's log says why it failed. */
#include "base/criu-log.h"
#include "unit/test.h"

#include <string.h>

static const char *found(const char *text)
{
        static char log[4096];

        (void) snprintf(log, sizeof(log), "%s", text);
        return criu_log_find_error(log);
}

static void the_last_cause_is_it(void)
{
        CHECK_STR(found("(00.1) 7 fdinfo\n"
                        "(00.2) Error (criu/sk-unix.c:351): unix: Unix socket 14132 not found\n"
                        "(00.3) ----\n"
                        "(00.4) Error (criu/cr-dump.c:1635): Dump files (pid: 7) failed with -1\n"
                        "(00.5) Error (criu/cr-dump.c:2053): Dumping FAILED.\n"),
                "unix: Unix socket 14132 not found");
        CHECK_STR(found("Error (criu/util.c:627): execvp(\"iptables-restore\") failed\n"
                        "(1) Error (criu/net.c:3071): Locking network failed\n"
                        "(1) Error (criu/util.c:642): exited, status=1"),
                "Locking network failed");
        CHECK_STR(found("(0) 1: Error (criu/a.c:1): first\n(0) 1: Error (criu/b.c:2): second\n"),
                "second");
}

static void without_a_cause_it_is_the_last_error(void)
{
        CHECK_STR(
                found("Error (criu/util.c:1): one\nError (criu/cr-restore.c:2): Restoring FAILED.\n"),
                "Restoring FAILED.");
        CHECK_STR(found("x Error (no end"), "Error (no end");
        CHECK(!found(""));
        CHECK(!found("all is well\nWarn (criu/x.c:1): something\n"));
}

static void a_file_that_is_not_there_has_no_reason(void)
{
        char buf[64];

        CHECK_STR(criu_log_read_error("/nonexistent/log", buf, sizeof(buf)), "it gave no reason");
        CHECK_STR(criu_log_read_error("/dev/null", buf, sizeof(buf)), "it gave no reason");
}

static const Test tests[] = {
        TEST(the_last_cause_is_it),
        TEST(without_a_cause_it_is_the_last_error),
        TEST(a_file_that_is_not_there_has_no_reason),
};
TEST_MAIN(tests)
