/* The record by which `list` knows a container that lives. */
#include "runtime/live-record.h"
#include "unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

static bool parse(const char *text, LiveRecord *ret)
{
        (void) snprintf(ret->text, sizeof(ret->text), "%s", text);
        return live_record_parse(ret);
}

static void text(void)
{
        static const char *const bad[] = { "", "1", "1 1 inode 2 3 0 1 u.service ctr.slice",
                "1 0 inode 2 3 0 1 u.service ctr.slice /b",
                "1 x inode 2 3 0 1 u.service ctr.slice /b",
                "1 1 other 2 3 0 1 u.service ctr.slice /b",
                "1 1 inode x 3 0 1 u.service ctr.slice /b",
                "1 1 inode 2 x 0 1 u.service ctr.slice /b",
                "1 1 inode 2 3 -1 1 u.service ctr.slice /b",
                "1 1 inode 2 3 0 2 u.service ctr.slice /b",
                "1 1 inode  3 0 1 u.service ctr.slice /b",
                "1 99999999999 inode 2 3 0 1 u.service ctr.slice /b",
                /* Of no version, of a newer one, of one before there were versions. */
                "0 1 inode 2 3 0 1 u.service ctr.slice /b",
                "2 1 inode 2 3 0 1 u.service ctr.slice /b",
                "1 inode 2 3 0 1 u.service ctr.slice /b" };
        char printed[LIVE_RECORD_MAX], longest[LIVE_RECORD_MAX];
        LiveRecord r = { 0 };

        CHECK(parse("1 4711 inode 12345678901234 99 1000 1 a.scope b.slice /a bundle\nof two", &r));
        CHECK_INT(r.pid, 4711);
        CHECK(r.is_inode);
        CHECK_INT(r.identity, 12345678901234);
        CHECK_INT(r.created_usec, 99);
        CHECK_INT(r.owner, 1000);
        CHECK(r.has_gate);
        CHECK_STR(r.unit, "a.scope");
        CHECK_STR(r.slice, "b.slice");
        CHECK_STR(r.bundle, "/a bundle\nof two");
        CHECK(live_record_print(&r, printed) >= 0);
        CHECK_STR(
                printed, "1 4711 inode 12345678901234 99 1000 1 a.scope b.slice /a bundle\nof two");
        CHECK(parse("1 1 start 2 3 0 0 u.service ctr.slice /b", &r));
        CHECK(!r.is_inode && !r.has_gate);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                CHECK(!parse(bad[i], &r));
        memset(longest, 'x', sizeof(longest));
        longest[sizeof(longest) - 1] = '\0';
        r = (LiveRecord){ .pid = 1, .unit = "u", .slice = "s", .bundle = longest };
        CHECK(live_record_print(&r, printed) < 0);
}

static pid_t start_child(void)
{
        pid_t pid = fork();

        if (pid == 0)
                for (;;)
                        (void) pause();
        return pid;
}

static bool read_back(int dir_fd, LiveRecord *ret)
{
        return live_record_read_at(dir_fd, STATE_FILE_LIVE, ret);
}

/* By inode where the kernel has it, by start time else: alive, ended and not waited for, gone. */
static void process_of(bool has_pidfd)
{
        char directory[] = "/tmp/test-live-XXXXXX";
        ContainerState state = { .unit = (char *) "ctr@a.service",
                .slice = (char *) "ctr.slice",
                .bundle = (char *) "/b",
                .origin = PLAN_TRANSIENT_CREATE,
                .created_usec = 5 };
        pid_t pid = start_child();
        int dir_fd, pidfd;
        siginfo_t info;
        LiveRecord r;

        CHECK(mkdtemp(directory));
        dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CHECK(dir_fd >= 0);
        CHECK(!read_back(dir_fd, &r));
        pidfd = has_pidfd ? pidfd_open(pid, 0) : -EBADF;
        live_record_write(dir_fd, &state, pid, pidfd);
        CHECK(read_back(dir_fd, &r));
        CHECK_INT(r.pid, pid);
        CHECK(r.has_gate);
        CHECK_STR(r.bundle, "/b");
        CHECK(has_pidfd || !r.is_inode);
        CHECK(live_record_is_alive(&r));
        r.identity++;
        CHECK(!live_record_is_alive(&r));
        r.identity--;
        CHECK(kill(pid, SIGKILL) >= 0);
        CHECK(waitid(P_PID, (id_t) pid, &info, WEXITED | WNOWAIT) >= 0);
        CHECK(!live_record_is_alive(&r));
        CHECK(waitid(P_PID, (id_t) pid, &info, WEXITED) >= 0);
        CHECK(!live_record_is_alive(&r));
        if (pidfd >= 0)
                (void) close(pidfd);
        CHECK(unlinkat(dir_fd, STATE_FILE_LIVE, 0) >= 0);
        (void) close(dir_fd);
        CHECK(rmdir(directory) >= 0);
}

static void by_pidfd(void)
{
        process_of(true);
}

static void by_start_time(void)
{
        process_of(false);
}

static const Test tests[] = { TEST(text), TEST(by_pidfd), TEST(by_start_time) };
TEST_MAIN(tests)
