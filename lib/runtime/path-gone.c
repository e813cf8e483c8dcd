/* See path-gone.h. The path is looked at again and again, after waits that grow, and inotify(7) is
 * not used: whoever closes a watch, or ends with one, waits for a grace period of the kernel's
 * SRCU, 10 to 25 ms, five times what PID 1 needs. A look is 2 us. */
#include "runtime/path-gone.h"

#include "base/macro.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#define STEP_USEC_MIN 50
#define STEPS_OF_WAIT 10
#define USEC_PER_MSEC 1000L

bool path_is_gone(const char *path)
{
        return access(path, F_OK) < 0 && errno == ENOENT;
}

bool path_await_gone(const char *path, int limit_msec)
{
        const long limit = limit_msec * USEC_PER_MSEC;

        for (long waited = 0, step; !path_is_gone(path); waited += step) {
                struct timespec pause;

                if (waited >= limit)
                        return false;
                step = MAX_OF(waited / STEPS_OF_WAIT, (long) STEP_USEC_MIN);
                pause = (struct timespec){ .tv_sec = step / (USEC_PER_MSEC * 1000),
                        .tv_nsec = step % (USEC_PER_MSEC * 1000) * 1000 };
                (void) nanosleep(&pause, NULL);
        }
        return true;
}
