/* More of helper/musl/chk.h: what archives that were built for another C library call in the place
 * of the functions of stdio. Sizes that the compiler did not know are SIZE_MAX. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

int __fprintf_chk(FILE *f, int flags, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int __vfprintf_chk(FILE *f, int flags, const char *fmt, va_list ap)
        __attribute__((format(printf, 3, 0)));
int __vasprintf_chk(char **ret, int flags, const char *fmt, va_list ap)
        __attribute__((format(printf, 3, 0)));
void __vsyslog_chk(int priority, int flags, const char *fmt, va_list ap)
        __attribute__((format(printf, 3, 0)));
char *__strcat_chk(char *to, const char *from, size_t size);

int __vfprintf_chk(FILE *f, int flags, const char *fmt, va_list ap)
{
        (void) flags;
        return (vfprintf) (f, fmt, ap);
}

int __fprintf_chk(FILE *f, int flags, const char *fmt, ...)
{
        va_list ap;
        int r;

        va_start(ap, fmt);
        r = __vfprintf_chk(f, flags, fmt, ap);
        va_end(ap);
        return r;
}

int __vasprintf_chk(char **ret, int flags, const char *fmt, va_list ap)
{
        (void) flags;
        return (vasprintf) (ret, fmt, ap);
}

void __vsyslog_chk(int priority, int flags, const char *fmt, va_list ap)
{
        (void) flags;
        (vsyslog)(priority, fmt, ap);
}

char *__strcat_chk(char *to, const char *from, size_t size)
{
        size_t used = strlen(to);

        if (strlen(from) >= size - used)
                abort();
        (void) (memcpy) (to + used, from, strlen(from) + 1);
        return to;
}
