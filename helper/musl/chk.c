/* The checked functions: see chk.h. Parentheses around a name call the function behind the macro.
 */
#include "helper/musl/chk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check(size_t n, size_t size)
{
        static const char message[] = "ctr-exec: buffer overflow\n";

        if (n <= size)
                return;
        (void) !(write) (STDERR_FILENO, message, sizeof(message) - 1);
        abort();
}

void *__memcpy_chk(void *to, const void *from, size_t n, size_t size)
{
        check(n, size);
        return (memcpy) (to, from, n);
}

void *__memset_chk(void *to, int byte, size_t n, size_t size)
{
        check(n, size);
        return (memset) (to, byte, n);
}

int __vsnprintf_chk(char *to, size_t n, int flags, size_t size, const char *fmt, va_list ap)
{
        (void) flags;
        check(n, size);
        return (vsnprintf) (to, n, fmt, ap);
}

int __snprintf_chk(char *to, size_t n, int flags, size_t size, const char *fmt, ...)
{
        va_list ap;
        int r;

        va_start(ap, fmt);
        r = __vsnprintf_chk(to, n, flags, size, fmt, ap);
        va_end(ap);
        return r;
}

ssize_t __read_chk(int fd, void *to, size_t n, size_t size)
{
        check(n, size);
        return (read) (fd, to, n);
}

ssize_t __readlinkat_chk(int dir_fd, const char *path, char *to, size_t n, size_t size)
{
        check(n, size);
        return (readlinkat) (dir_fd, path, to, n);
}
