/* Files of PID 1: see unit-files.h. */
#include "runtime/unit-files.h"

#include "base/name.h"

#include <stdio.h>
#include <unistd.h>

/* It writes this for LogExtraFields= and means to remove it with the unit, but under another name:
 * one file would stay for each id that was ever used. */
void unit_files_forget(const char *unit)
{
        char path[CTR_UNIT_NAME_MAX + 64];

        (void) snprintf(path, sizeof(path), "/run/systemd/units/log-extra-fields:%s", unit);
        (void) unlink(path);
}

bool unit_files_is_transient(const char *unit)
{
        char path[CTR_UNIT_NAME_MAX + 64];

        (void) snprintf(path, sizeof(path), "/run/systemd/transient/%s", unit);
        return access(path, F_OK) >= 0;
}
