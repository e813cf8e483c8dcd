/* What the compiler calls when it cannot prove that a write fits its target, whose size it knows:
 * the process ends instead of overflowing. The names are the compiler's (GCC manual, "Object Size
 * Checking"). */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

#if defined(__has_builtin) && __has_builtin(__builtin_dynamic_object_size)
#define CHK_SIZE(p) __builtin_dynamic_object_size(p, 0)
#else
#define CHK_SIZE(p) __builtin_object_size(p, 0)
#endif

void *__memcpy_chk(void *to, const void *from, size_t n, size_t size);
void *__memset_chk(void *to, int byte, size_t n, size_t size);
int __snprintf_chk(char *to, size_t n, int flags, size_t size, const char *fmt, ...)
        __attribute__((format(printf, 5, 6)));
int __vsnprintf_chk(char *to, size_t n, int flags, size_t size, const char *fmt, va_list ap)
        __attribute__((format(printf, 5, 0)));
ssize_t __read_chk(int fd, void *to, size_t n, size_t size);
ssize_t __readlinkat_chk(int dir_fd, const char *path, char *to, size_t n, size_t size);
