/* Files of PID 1: see unit-files.h. */
#include "runtime/unit-files.h"

#include "base/name.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define FORGOTTEN_MSEC 50 /* then PID 1 is asked what holds the unit */

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
        _cleanup_close_ int fd = inotify_init1(IN_CLOEXEC);
        struct pollfd pollfd = { .fd = fd, .events = POLLIN };
        char path[CTR_UNIT_NAME_MAX + 64];

        transient_path(unit, path, sizeof(path));
        if (fd < 0 || inotify_add_watch(fd, path, IN_DELETE_SELF | IN_ATTRIB | IN_ONESHOT) < 0)
                return fd >= 0 && errno == ENOENT;
        return poll(&pollfd, 1, FORGOTTEN_MSEC) > 0 && !unit_files_is_transient(unit);
}
