/* Names that are not known: which one was meant, and whether it matters for security. */
#include "spec/spec-decode.h"

#include <ctype.h>
#include <string.h>

enum { NAME_SIZE_MAX = 64, LONG_NAME = 10 };

/* Settings whose loss makes a container less confined than its author wrote. They are looked for in
 * every object, since at the wrong place they are lost as well. */
static const struct {
        const char *name;
        const char *path;
} security_settings[] = {
        { "apparmorProfile", "process.apparmorProfile" },
        { "capabilities", "process.capabilities" },
        { "noNewPrivileges", "process.noNewPrivileges" },
        { "rlimits", "process.rlimits" },
        { "selinuxLabel", "process.selinuxLabel" },
        { "gidMappings", "linux.gidMappings" },
        { "maskedPaths", "linux.maskedPaths" },
        { "mountLabel", "linux.mountLabel" },
        { "namespaces", "linux.namespaces" },
        { "readonlyPaths", "linux.readonlyPaths" },
        { "seccomp", "linux.seccomp" },
        { "uidMappings", "linux.uidMappings" },
};

/* The same where the name is too common to be looked for elsewhere. */
static const char *const local_settings[] = { "gid", "readonly", "uid", "user" };

unsigned spec_name_distance(const char *a, const char *b, unsigned max)
{
        unsigned rows[3][NAME_SIZE_MAX + 1], *before = rows[0], *last = rows[1], *row = rows[2],
                                             *swap;
        size_t n_a = strlen(a), n_b = strlen(b);

        if (n_a > NAME_SIZE_MAX || n_b > NAME_SIZE_MAX || (n_a > n_b ? n_a - n_b : n_b - n_a) > max)
                return UINT32_MAX;
        memset(rows, 0, sizeof(rows));
        for (size_t j = 0; j <= n_b; j++)
                row[j] = (unsigned) j;
        for (size_t i = 1; i <= n_a; i++) {
                swap = before;
                before = last;
                last = row;
                row = swap;
                row[0] = (unsigned) i;
                for (size_t j = 1; j <= n_b; j++) {
                        int x = tolower((unsigned char) a[i - 1]),
                            y = tolower((unsigned char) b[j - 1]);

                        row[j] = MIN_OF(
                                MIN_OF(last[j], row[j - 1]) + 1, last[j - 1] + (x == y ? 0U : 1U));
                        if (i > 1 && j > 1 && x == tolower((unsigned char) b[j - 2]) &&
                                y == tolower((unsigned char) a[i - 2]))
                                row[j] = MIN_OF(row[j], before[j - 2] + 1);
                }
        }
        return row[n_b];
}

/* Keeps the nearest of the names that are near enough: uidMapping is one letter from two of them. A
 * long name may be wrong in more letters; one that is at home in another object (memory.limits is
 * no process.rlimits) in fewer. */
static void consider(const char *name, const char *known, const char *path, bool is_at_home,
        unsigned *best, const char **ret)
{
        unsigned max = (strlen(known) >= LONG_NAME ? 1 : 0) + (is_at_home ? 1 : 0);
        unsigned distance = spec_name_distance(name, known, max);

        if (distance <= max && distance < *best) {
                *best = distance;
                *ret = path;
        }
}

static bool has_field(const SpecType *type, const char *name)
{
        for (size_t i = 0; i < type->n_fields; i++)
                if (strcmp(type->fields[i].name, name) == 0)
                        return true;
        return false;
}

static bool is_local_setting(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(local_settings); i++)
                if (strcmp(local_settings[i], name) == 0)
                        return true;
        return false;
}

const char *spec_name_find_security(const char *name, const SpecType *type)
{
        const char *found = NULL;
        unsigned best = UINT32_MAX;

        for (size_t i = 0; i < type->n_fields; i++) {
                const char *known = type->fields[i].name;

                if (type->is_strict || is_local_setting(known))
                        consider(name, known, known, true, &best, &found);
        }
        for (size_t i = 0; i < ELEMENTSOF(security_settings); i++) {
                const char *known = security_settings[i].name;

                consider(name, known, security_settings[i].path, has_field(type, known), &best,
                        &found);
        }
        return found;
}

const char *spec_name_find_nearest(const char *name, const SpecType *type)
{
        unsigned best = UINT32_MAX, distance;
        const char *nearest = NULL;

        for (size_t i = 0; i < type->n_fields; i++) {
                distance = spec_name_distance(name, type->fields[i].name, UINT32_MAX - 1);
                if (distance < best) {
                        best = distance;
                        nearest = type->fields[i].name;
                }
        }
        return nearest;
}
