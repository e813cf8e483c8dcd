/* Names of volumes: see volume-name.h. */
#include "unitfile/volume-name.h"

#include "unitfile/stem.h"

#include <stdio.h>
#include <string.h>

bool volume_reference(const char *text, char name[static CTR_UNIT_NAME_MAX])
{
        static const char suffix[] = ".volume";
        size_t size = strlen(text);

        if (size < sizeof(suffix) || strcmp(text + size - sizeof(suffix) + 1, suffix) != 0)
                return false;
        (void) snprintf(name, CTR_UNIT_NAME_MAX, "%.*s", (int) (size - sizeof(suffix) + 1), text);
        if (stem_instance(name) && stem_check(name, NULL) >= 0)
                *strchr(name, '@') = '-';
        return true;
}

bool volume_name_is_valid(const char *name)
{
        return ctr_id_is_valid(name) && strlen(name) <= VOLUME_NAME_MAX;
}

void volume_path(const char *name, char ret[static VOLUME_PATH_MAX])
{
        (void) snprintf(ret, VOLUME_PATH_MAX, VOLUME_DIRECTORY "/%.*s/data", VOLUME_NAME_MAX, name);
}

/* Of an id, nothing but these two needs an escape; '-' only where it stands for a slash. */
static void make_unit_name(const char *before, const char *name, const char *escaped,
        const char *after, char ret[static CTR_UNIT_NAME_MAX])
{
        size_t n = strlen(before);

        memcpy(ret, before, n);
        for (const char *p = name; *p && n < CTR_UNIT_NAME_MAX - 32; p++) {
                if (strchr(escaped, *p))
                        n += (size_t) snprintf(ret + n, 8, "\\x%02x", (unsigned char) *p);
                else
                        ret[n++] = *p;
        }
        (void) snprintf(ret + n, CTR_UNIT_NAME_MAX - n, "%s", after);
}

void volume_unit(const char *name, char ret[static CTR_UNIT_NAME_MAX])
{
        make_unit_name("ctr-volume@", name, "+", ".service", ret);
}

void volume_mount_unit(const char *name, char ret[static CTR_UNIT_NAME_MAX])
{
        make_unit_name("var-lib-ctrunit-volumes-", name, "+-", "-data.mount", ret);
}
