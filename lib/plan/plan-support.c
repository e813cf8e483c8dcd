/* Small helpers of the compiler: errors with a place, lexical paths. */
#include "plan/plan-internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int plan_no_memory(CtrError *err)
{
        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "compiling the container");
}

int plan_unsupported(CtrError *err, const char *field, const char *fmt, ...)
{
        char message[sizeof(err->message)];
        va_list ap;

        va_start(ap, fmt);
        (void) vsnprintf(message, sizeof(message), fmt, ap);
        va_end(ap);
        (void) ctr_error_field(err, field, "%s", message);
        if (err)
                err->code = CTR_ERROR_UNSUPPORTED;
        return -EOPNOTSUPP;
}

const char *plan_field(char field[static PLAN_FIELD_MAX], const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        (void) vsnprintf(field, PLAN_FIELD_MAX, fmt, ap);
        va_end(ap);
        return field;
}

/* Appends the components of path to out (which has room for them), taking ".." back. */
static char *append_clean(char *start, char *end, const char *path)
{
        while (*path) {
                size_t n = strcspn(path, "/");

                if (n == 2 && memcmp(path, "..", 2) == 0) {
                        while (end > start && *--end != '/')
                                ;
                } else if (n > 0 && !(n == 1 && *path == '.')) {
                        *end++ = '/';
                        end = mempcpy(end, path, n);
                }
                path += n + (path[n] == '/' ? 1 : 0);
        }
        return end;
}

char *plan_path_clean(const char *base, const char *path)
{
        char *clean, *end;

        clean = malloc(strlen(base) + strlen(path) + 3);
        if (!clean)
                return NULL;
        end = clean;
        if (*path != '/')
                end = append_clean(clean, end, base);
        end = append_clean(clean, end, path);
        if (end == clean)
                *end++ = '/';
        *end = '\0';
        return clean;
}

bool plan_path_is_below(const char *path, const char *dir)
{
        size_t n = strlen(dir);

        return strncmp(path, dir, n) == 0 && (path[n] == '\0' || path[n] == '/' || n == 1);
}
