/* Small language helpers used everywhere: cleanup attributes, ownership transfer, array sizes.
 * Nothing here allocates or makes a system call except the close in closep(). */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f)   __attribute__((cleanup(f)))
#define _printf_(a, b) __attribute__((format(printf, a, b)))
#define _unused_       __attribute__((unused))
#define _noreturn_     __attribute__((noreturn))
#define _warn_unused_  __attribute__((warn_unused_result))
#define ELEMENTSOF(a)  (sizeof(a) / sizeof((a)[0]))
#define MIN_OF(a, b)   ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b)   ((a) > (b) ? (a) : (b))

/* Moves a pointer or a file descriptor out of a variable with a cleanup attribute. */
#define TAKE_PTR(p)                                                                                \
        ({                                                                                         \
                __typeof__(p) *_pp = &(p), _p = *_pp;                                              \
                *_pp = NULL;                                                                       \
                _p;                                                                                \
        })
#define TAKE_FD(fd)                                                                                \
        ({                                                                                         \
                int *_fdp = &(fd), _fd = *_fdp;                                                    \
                *_fdp = -EBADF;                                                                    \
                _fd;                                                                               \
        })

static inline void closep(int *fd)
{
        if (*fd >= 0) {
                int saved = errno;

                (void) close(*fd);
                errno = saved;
                *fd = -EBADF;
        }
}

static inline void freep(void *p)
{
        free(*(void **) p);
}

#define _cleanup_close_ _cleanup_(closep)
#define _cleanup_free_  _cleanup_(freep)

/* Defines x_freep() for _cleanup_(x_freep) from a NULL-safe x_free(). */
#define DEFINE_CLEANUP(type, func)                                                                 \
        static inline void func##p(type *p)                                                        \
        {                                                                                          \
                if (*p)                                                                            \
                        func(*p);                                                                  \
        }

/* An optional number: "absent" and "0" stay different from the JSON text to the plan. */
typedef struct OptU32 {
        bool is_set;
        uint32_t value;
} OptU32;

typedef struct OptU64 {
        bool is_set;
        uint64_t value;
} OptU64;

typedef struct OptI64 {
        bool is_set;
        int64_t value;
} OptI64;

typedef struct OptBool {
        bool is_set;
        bool value;
} OptBool;
