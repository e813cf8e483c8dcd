/* Files of PID 1: see unit-files.h. */
#include "runtime/unit-files.h"
#include "runtime/path-gone.h"

#include "base/name.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FORGOTTEN_MSEC 70 /* then PID 1 is asked what holds the unit */

static void transient_path(const char *unit, char *buf, size_t size)
{
        (void) snprintf(buf, size, "/run/systemd/transient/%s", unit);
}

/* The file of LogExtraFields= it means to remove with the unit, but under another name: one would
 * stay for each id that was ever used. The directory of properties that were changed it forgets
 * when there was no room for the first of them. */
void unit_files_forget(const char *unit)
{
        char path[CTR_UNIT_NAME_MAX + 64];

        (void) snprintf(path, sizeof(path), "/run/systemd/units/log-extra-fields:%s", unit);
        (void) unlink(path);
        transient_path(unit, path, sizeof(path) - 2);
        (void) strcat(path, ".d");
        (void) rmdir(path);
}

bool unit_files_is_transient(const char *unit)
{
        char path[CTR_UNIT_NAME_MAX + 64];

        transient_path(unit, path, sizeof(path));
        return access(path, F_OK) >= 0;
}

/* PID 1 unlinks the file when it frees the unit, before it looks at any other message. */
bool unit_files_await_forgotten(const char *unit)
{
        char path[CTR_UNIT_NAME_MAX + 64];

        transient_path(unit, path, sizeof(path));
        return path_await_gone(path, FORGOTTEN_MSEC);
}
