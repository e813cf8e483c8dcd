/* Object paths: see path.h. */
#include "manager/path.h"

#include "base/name.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool is_plain(char c, bool is_first)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (!is_first && c >= '0' && c <= '9');
}

static const char *path_below(const char *prefix, const char *id, char buf[static PATH_SIZE_MAX])
{
        size_t used = (size_t) snprintf(buf, PATH_SIZE_MAX, "%s/", prefix);

        for (const char *p = id; *p && used + 4 < PATH_SIZE_MAX; p++)
                used += (size_t) snprintf(buf + used, PATH_SIZE_MAX - used,
                        is_plain(*p, p == id) ? "%c" : "_%02x", (unsigned char) *p);
        return buf;
}

const char *path_of_container(const char *id, char buf[static PATH_SIZE_MAX])
{
        return path_below(PATH_CONTAINER, id, buf);
}

const char *path_of_pod(const char *id, char buf[static PATH_SIZE_MAX])
{
        return path_below(PATH_POD, id, buf);
}

int path_list(const SpecStrv *ids, const char *(*path_of)(const char *id, char *buf), char ***ret)
{
        char path[PATH_SIZE_MAX];
        char **paths = calloc(ids->n + 1, sizeof(*paths));

        for (size_t i = 0; paths && i < ids->n; i++) {
                paths[i] = strdup(path_of(ids->items[i], path));
                if (!paths[i]) {
                        while (i > 0)
                                free(paths[--i]);
                        free(paths);
                        paths = NULL;
                }
        }
        *ret = paths;
        return paths ? 1 : -ENOMEM;
}

static int hex_digit(char c)
{
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool path_to_id(const char *path, const char *prefix, char *buf, size_t size)
{
        size_t n = strlen(prefix), used = 0;

        if (strncmp(path, prefix, n) != 0 || path[n] != '/')
                return false;
        for (const char *p = path + n + 1, *start = p; *p; p++) {
                char c = *p;

                if (used + 1 >= size)
                        return false;
                if (c == '_') {
                        int high = hex_digit(p[1]), low = high < 0 ? -1 : hex_digit(p[2]);

                        if (low < 0)
                                return false;
                        c = (char) (high * 16 + low);
                        p += 2;
                        /* One spelling only: what need not be escaped must not be. */
                        if (is_plain(c, p - 2 == start))
                                return false;
                } else if (!is_plain(c, p == start))
                        return false;
                buf[used++] = c;
        }
        buf[used] = '\0';
        return ctr_id_is_valid(buf);
}
