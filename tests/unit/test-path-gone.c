/* Waiting for somebody else to remove a path: of the library, and of the quick programs, which are
 * told by the directory (meson.build links this with each). */
#include "runtime/path-gone.h"
#include "unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LATE_MSEC  30
#define LIMIT_MSEC 5000
#define SHORT_MSEC 20

static char directory[] = "/tmp/ctrunit-gone-XXXXXX";
static char file[sizeof(directory) + 16], other[sizeof(directory) + 16];

static void make_file(const char *path)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        CHECK(fd >= 0);
        (void) close(fd);
}

static void make_files(void)
{
        CHECK(mkdtemp(directory));
        (void) snprintf(file, sizeof(file), "%s/file", directory);
        (void) snprintf(other, sizeof(other), "%s/other", directory);
        make_file(file);
        make_file(other);
}

static void remove_files(void)
{
        (void) unlink(file);
        (void) unlink(other);
        CHECK_INT(rmdir(directory), 0);
}

static long now_msec(void)
{
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Another file goes first: that is not what is waited for. */
static void removed_later(void)
{
        const struct timespec late = { .tv_nsec = LATE_MSEC * 1000000L };
        sigset_t before, after;
        long start;
        pid_t pid;

        make_files();
        (void) sigprocmask(SIG_BLOCK, NULL, &before);
        start = now_msec();
        pid = fork();
        if (pid == 0) {
                (void) unlink(other);
                (void) nanosleep(&late, NULL);
                (void) unlink(file);
                _exit(0);
        }
        CHECK(path_await_gone(file, LIMIT_MSEC));
        CHECK(now_msec() - start >= LATE_MSEC);
        CHECK(now_msec() - start < LIMIT_MSEC);
        (void) waitpid(pid, NULL, 0);
        (void) sigprocmask(SIG_BLOCK, NULL, &after);
        CHECK_INT(sigismember(&after, SIGIO), sigismember(&before, SIGIO));
        remove_files();
}

static void there_still(void)
{
        long start;

        make_files();
        start = now_msec();
        CHECK(!path_await_gone(file, SHORT_MSEC));
        CHECK(now_msec() - start >= SHORT_MSEC);
        CHECK(!path_is_gone(file));
        (void) unlink(file);
        CHECK(path_is_gone(file));
        CHECK(path_await_gone(file, 0));
        remove_files();
}

/* One below a directory that is gone itself, and one that cannot be looked at: below a file. */
static void no_directory(void)
{
        char below[sizeof(file) + 8];

        make_files();
        (void) snprintf(below, sizeof(below), "%s/below", file);
        CHECK(!path_is_gone(below));
        CHECK(!path_await_gone(below, SHORT_MSEC));
        remove_files();
        CHECK(path_await_gone(file, LIMIT_MSEC));
}

static const Test tests[] = { TEST(removed_later), TEST(there_still), TEST(no_directory) };
TEST_MAIN(tests)
