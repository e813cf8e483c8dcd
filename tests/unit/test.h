/* The unit test harness: TAP on stdout, one fork a test (a crash fails one test only), a check that
 * no file descriptor leaks. A test program is a table of functions and TEST_MAIN. */
#pragma once

#include "base/error.h"

#include <stdio.h>
#include <string.h>

typedef struct Test {
        const char *name;
        void (*run)(void);
        bool is_skipped;
        const char *skip_reason;
} Test;

#define TEST(f)                                                                                    \
        {                                                                                          \
                .name = #f, .run = f                                                               \
        }

/* Ends the test's process with a message when the condition does not hold. */
#define CHECK(x)                                                                                   \
        do {                                                                                       \
                if (!(x))                                                                          \
                        test_fail(__FILE__, __LINE__, "%s", #x);                                   \
        } while (0)
#define CHECK_INT(a, b)                                                                            \
        do {                                                                                       \
                long long _a = (long long) (a), _b = (long long) (b);                              \
                if (_a != _b)                                                                      \
                        test_fail(__FILE__, __LINE__, "%s is %lld, expected %s = %lld", #a, _a,    \
                                #b, _b);                                                           \
        } while (0)
#define CHECK_STR(a, b)                                                                            \
        do {                                                                                       \
                const char *_a = (a), *_b = (b);                                                   \
                if (!_a || !_b || strcmp(_a, _b) != 0)                                             \
                        test_fail(__FILE__, __LINE__, "%s is \"%s\", expected \"%s\"", #a,         \
                                _a ? _a : "(null)", _b ? _b : "(null)");                           \
        } while (0)
/* r >= 0, else prints err. */
#define CHECK_OK(r, err)                                                                           \
        do {                                                                                       \
                int _r = (r);                                                                      \
                if (_r < 0)                                                                        \
                        test_fail(__FILE__, __LINE__, "%s failed: %s: %s", #r, (err).field,        \
                                (err).message);                                                    \
        } while (0)
#define CHECK_CONTAINS(a, b)                                                                       \
        do {                                                                                       \
                const char *_a = (a), *_b = (b);                                                   \
                if (!_a || !strstr(_a, _b))                                                        \
                        test_fail(__FILE__, __LINE__, "%s is \"%s\", lacks \"%s\"", #a,            \
                                _a ? _a : "(null)", _b);                                           \
        } while (0)

_noreturn_ void test_fail(const char *file, int line, const char *fmt, ...) _printf_(3, 4);

/* Ends the test's process as skipped, with a reason. */
_noreturn_ void test_skip(const char *fmt, ...) _printf_(1, 2);

int test_main(const Test *tests, size_t n, int argc, char **argv);

#define TEST_MAIN(tests)                                                                           \
        int main(int argc, char **argv)                                                            \
        {                                                                                          \
                return test_main(tests, ELEMENTSOF(tests), argc, argv);                            \
        }
