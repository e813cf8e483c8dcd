/* What of a payload's notifications gets through to PID 1. */
#include "base/notify-filter.h"
#include "unit/test.h"

static NotifyMessage message;

static const char *filtered(const char *text)
{
        notify_filter(text, strlen(text), &message);
        return message.text;
}

static void passes_what_a_payload_says_of_itself(void)
{
        static const char *const lines[] = { "READY=1\n", "RELOADING=1\n", "STOPPING=1\n",
                "STATUS=half way\n", "STATUS=\n", "ERRNO=2\n", "WATCHDOG=1\n", "WATCHDOG=trigger\n",
                "EXTEND_TIMEOUT_USEC=5000000\n" };

        for (size_t i = 0; i < ELEMENTSOF(lines); i++)
                CHECK_STR(filtered(lines[i]), lines[i]);
        CHECK_STR(filtered("READY=1"), "READY=1\n");
        CHECK(message.is_ready && !message.is_barrier);
        CHECK_STR(filtered("STATUS=a\nREADY=1\n\nERRNO=0"), "STATUS=a\nREADY=1\nERRNO=0\n");
}

static void drops_everything_else(void)
{
        static const char *const lines[] = { "MAINPID=1", "MAINPIDFDID=1", "FDSTORE=1",
                "FDSTOREREMOVE=1", "FDNAME=x", "FDPOLL=0", "BARRIER=1", "WATCHDOG_USEC=1",
                "NOTIFYACCESS=all", "BUSERROR=org.x", "MONOTONIC_USEC=1", "READY=0",
                "READY=", "READY", " READY=1", "READY =1", "READYX=1", "ready=1", "WATCHDOG=2",
                "ERRNO=-1", "ERRNO=x", "ERRNO=", "EXTEND_TIMEOUT_USEC=1s",
                "ERRNO=123456789012345678901", "=", "=1", "", "\n\n\n" };

        for (size_t i = 0; i < ELEMENTSOF(lines); i++)
                CHECK_STR(filtered(lines[i]), "");
        CHECK_STR(filtered("MAINPID=7\nREADY=1\nFDSTORE=1\nSTATUS=x"), "READY=1\nSTATUS=x\n");
}

static void knows_a_barrier(void)
{
        (void) filtered("BARRIER=1");
        CHECK(message.is_barrier && message.size == 0 && !message.is_ready);
        (void) filtered("BARRIER=2");
        CHECK(!message.is_barrier);
}

static void control_characters(void)
{
        CHECK_STR(filtered("STATUS=a\x1b[31mb\rc\x7f"), "STATUS=a?[31mb?c?\n");
        CHECK_STR(filtered("STATUS=\xc3\xa9"), "STATUS=\xc3\xa9\n");
}

static void sizes(void)
{
        static char text[NOTIFY_SIZE_MAX + 1];

        memset(text, 'x', sizeof(text));
        memcpy(text, "STATUS=", 7);
        notify_filter(text, NOTIFY_SIZE_MAX - 1, &message);
        CHECK_INT(message.size, NOTIFY_SIZE_MAX);
        notify_filter(text, NOTIFY_SIZE_MAX, &message);
        CHECK_INT(message.size, 0);
        notify_filter("READY=1\n\0STATUS=x", 17, &message);
        CHECK_INT(message.size, 0);
        CHECK(!message.is_ready);
}

static const Test tests[] = { TEST(passes_what_a_payload_says_of_itself),
        TEST(drops_everything_else), TEST(knows_a_barrier), TEST(control_characters), TEST(sizes) };
TEST_MAIN(tests)
