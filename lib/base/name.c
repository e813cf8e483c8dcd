/* Container ids, unit names, slices: see name.h. */
#include "base/name.h"

#include <stdio.h>
#include <string.h>

static bool is_id_start(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '+';
}

bool ctr_id_is_valid(const char *id)
{
        size_t n, unit_len = sizeof("ctr@.service") - 1;

        if (!id || !is_id_start(id[0]))
                return false;
        for (n = 0; id[n]; n++) {
                if (n >= CTR_ID_MAX || (!is_id_start(id[n]) && id[n] != '.' && id[n] != '-'))
                        return false;
                unit_len += id[n] == '+' ? 4 : 1;
        }
        return unit_len < CTR_UNIT_NAME_MAX;
}

int ctr_id_check(const char *id, CtrError *err)
{
        if (ctr_id_is_valid(id))
                return 0;
        return ctr_error_set(err, CTR_ERROR_INVALID_ID_FORMAT, 0,
                "invalid container ID format: \"%.64s\" (use letters, digits, _ + . -, not "
                "starting with . or -, at most %d bytes)",
                id ? id : "", CTR_ID_MAX);
}

const char *ctr_id_to_unit(const char *id, char buf[static CTR_UNIT_NAME_MAX])
{
        static const char prefix[] = "ctr@", suffix[] = ".service", plus[] = "\\x2b";
        size_t used = sizeof(prefix) - 1;

        /* Not valid: a name that systemd refuses, never another unit's. */
        if (!ctr_id_is_valid(id)) {
                buf[0] = '\0';
                return buf;
        }
        memcpy(buf, prefix, used);
        for (const char *p = id; *p; p++) {
                size_t need = *p == '+' ? sizeof(plus) - 1 : 1;

                memcpy(buf + used, *p == '+' ? plus : p, need);
                used += need;
        }
        memcpy(buf + used, suffix, sizeof(suffix));
        return buf;
}

int ctr_unit_to_id(const char *unit, char id[static CTR_ID_MAX + 1])
{
        const char *p, *end;
        size_t used = 0, len = strlen(unit);

        if (len < 13 || strncmp(unit, "ctr@", 4) != 0 || strcmp(unit + len - 8, ".service") != 0)
                return -EINVAL;
        end = unit + len - 8;
        for (p = unit + 4; p < end; used++) {
                if (used >= CTR_ID_MAX)
                        return -EINVAL;
                if (end - p >= 4 && memcmp(p, "\\x2b", 4) == 0) {
                        id[used] = '+';
                        p += 4;
                } else if (*p == '+')
                        return -EINVAL; /* systemd never shows it unescaped */
                else
                        id[used] = *p++;
        }
        id[used] = '\0';
        return ctr_id_is_valid(id) ? 0 : -EINVAL;
}

bool ctr_slice_is_valid(const char *slice)
{
        size_t len = slice ? strlen(slice) : 0;

        if (len < 7 || len >= CTR_UNIT_NAME_MAX || strcmp(slice + len - 6, ".slice") != 0)
                return false;
        len -= 6;
        if (len == 1 && slice[0] == '-')
                return true;
        for (size_t i = 0; i < len; i++) {
                bool is_dash = slice[i] == '-';

                if (is_dash && (i == 0 || i == len - 1 || slice[i - 1] == '-'))
                        return false;
                /* A dot before a dash would make ".." in the name of the slice above. */
                if (slice[i] == '.' && (i == 0 || slice[i + 1] == '.' || slice[i + 1] == '-'))
                        return false;
                if (!is_dash && slice[i] != '.' && slice[i] != '\\' && slice[i] != ':' &&
                        !is_id_start(slice[i]))
                        return false;
        }
        return true;
}

int ctr_slice_to_cgroup(const char *slice, char *buf, size_t size)
{
        size_t used = 0, len = strlen(slice) - 6;

        if (size == 0)
                return -ENOBUFS;
        buf[0] = '\0';
        if (strcmp(slice, "-.slice") == 0)
                return 0;
        for (size_t i = 1; i <= len; i++) {
                int n;

                if (i < len && slice[i] != '-')
                        continue;
                n = snprintf(
                        buf + used, size - used, "%s%.*s.slice", used ? "/" : "", (int) i, slice);
                if (n < 0 || (size_t) n >= size - used)
                        return -ENOBUFS;
                used += (size_t) n;
        }
        return 0;
}

bool ctr_cgroup_path_is_valid(const char *path)
{
        size_t length = strlen(path);

        if (length == 0 || length > 1024)
                return false;
        for (size_t i = 0; i < length; i++)
                if ((unsigned char) path[i] < 0x20 || path[i] == 0x7f)
                        return false;
        if (strcmp(path, "/") == 0)
                return true;
        for (const char *part = path + (path[0] == '/');;) {
                size_t n = strcspn(part, "/");

                if (n == 0 || n > 255 || (n == 1 && part[0] == '.') ||
                        (n == 2 && part[0] == '.' && part[1] == '.'))
                        return false;
                if (part[n] == '\0')
                        return true;
                part += n + 1;
        }
}
