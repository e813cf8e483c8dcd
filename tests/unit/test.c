/* The unit test harness: see test.h. */
#include "unit/test.h"

#include <dirent.h>
#include <stdarg.h>
#include <sys/wait.h>

enum { EXIT_SKIP = 77, EXIT_LEAK = 78, TEST_TIMEOUT_SEC = 60 };

static void print_comment(const char *prefix, const char *fmt, va_list ap)
{
        printf("# %s", prefix);
        vprintf(fmt, ap);
        printf("\n");
        (void) fflush(stdout);
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
        char prefix[256];
        va_list ap;

        (void) snprintf(prefix, sizeof(prefix), "%s:%d: ", file, line);
        va_start(ap, fmt);
        print_comment(prefix, fmt, ap);
        va_end(ap);
        _exit(1);
}

void test_skip(const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        print_comment("SKIP ", fmt, ap);
        va_end(ap);
        _exit(EXIT_SKIP);
}

static int count_fds(void)
{
        DIR *d = opendir("/proc/self/fd");
        int n = 0;

        if (!d)
                return -1;
        while (readdir(d))
                n++;
        (void) closedir(d);
        return n;
}

static void run_child(const Test *t)
{
        int before, after;

        (void) alarm(TEST_TIMEOUT_SEC);
        before = count_fds();
        t->run();
        after = count_fds();
        if (before != after) {
                printf("# %s: %d file descriptors before, %d after\n", t->name, before, after);
                (void) fflush(stdout);
                _exit(EXIT_LEAK);
        }
        (void) fflush(stdout);
        exit(0); /* not _exit: the leak sanitizer reports here */
}

/* Returns true unless the test failed. */
static bool run_one(const Test *t, size_t number)
{
        int status = 0;
        pid_t pid;

        (void) fflush(stdout);
        pid = fork();
        if (pid == 0)
                run_child(t);
        if (pid < 0 || waitpid(pid, &status, 0) < 0) {
                printf("not ok %zu - %s: %s # cannot fork\n", number, program_invocation_short_name,
                        t->name);
                return false;
        }
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
                printf("ok %zu - %s: %s\n", number, program_invocation_short_name, t->name);
                return true;
        }
        if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP) {
                printf("ok %zu - %s: %s # SKIP see the line above\n", number,
                        program_invocation_short_name, t->name);
                return true;
        }
        if (WIFSIGNALED(status))
                printf("# killed by signal %d\n", WTERMSIG(status));
        printf("not ok %zu - %s: %s\n", number, program_invocation_short_name, t->name);
        return false;
}

int test_main(const Test *tests, size_t n, int argc, char **argv)
{
        size_t failed = 0, number = 0;

        for (size_t i = 0; i < n; i++) {
                if (argc > 1 && strcmp(argv[1], tests[i].name) != 0)
                        continue;
                failed += run_one(&tests[i], ++number) ? 0 : 1;
        }
        printf("1..%zu\n", number);
        return failed || number == 0 ? 1 : 0;
}
