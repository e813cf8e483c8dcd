/* The end of a container by the quick programs: three calls on one connection, and what PID 1 does
 * is seen in the file system. Whatever is unusual is done by the whole program, from the beginning:
 * the state is there until the end. */
#include "runtime/orphan.h"
#include "runtime/unit-call.h"

#include "ctl/program.h"
#include "ctl/quick/bus.h"
#include "ctl/quick/hand-over.h"
#include "runtime/unit-files.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>

/* So long PID 1 gets to take a dead unit down, and to forget it; then the whole program asks it
 * what is the matter. */
#define DOWN_MSEC        2000
#define SOON_MSEC        70
#define DOWN_STEP_MSEC   10 /* longer each time, as below */
#define FORGOTTEN_TRIES  20
#define FORGOTTEN_USEC   50
#define FORGOTTEN_LONGER 5000

static bool is_gone(const char *path)
{
        return access(path, F_OK) < 0 && errno == ENOENT;
}

/* Removals below a slice are told to whoever watches it; of a cgroup itself they are not. */
static int watch_parent(const char *path)
{
        _cleanup_close_ int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        const char *slash = strrchr(path, '/');
        char parent[CGROUP_PATH_MAX];

        (void) snprintf(parent, sizeof(parent), "%.*s", (int) (slash - path), path);
        if (fd < 0 || inotify_add_watch(fd, parent, IN_DELETE | IN_ONLYDIR) < 0)
                return -errno;
        return TAKE_FD(fd);
}

/* PID 1 removes the cgroup of a unit in the moment in which it becomes inactive or failed. It is
 * looked at from time to time besides. */
static bool await_end_of_cgroup(int watch_fd, const char *path, int limit_msec)
{
        struct pollfd pollfd = { .fd = watch_fd, .events = POLLIN };
        char events[4096];

        for (int waited = 0, step = DOWN_STEP_MSEC; !is_gone(path);)
                if (poll(&pollfd, 1, step) > 0) {
                        (void) !read(watch_fd, events, sizeof(events));
                } else {
                        waited += step;
                        step *= 2;
                        if (waited >= limit_msec)
                                return false;
                }
        return true;
}

/* PID 1 answers first and forgets the unit then, before it does anything else; unless somebody else
 * holds a reference. */
static bool await_forgotten(const char *unit)
{
        long usec = FORGOTTEN_USEC;

        for (unsigned i = 0; unit_files_is_transient(unit); i++) {
                struct timespec pause = { .tv_nsec = usec * 1000 };

                if (i == FORGOTTEN_TRIES)
                        return false;
                (void) nanosleep(&pause, NULL);
                usec = MIN_OF(usec * 2, FORGOTTEN_LONGER);
        }
        return true;
}

/* Units beside its own, and units that stay loaded. */
static bool is_unusual(const Container *c)
{
        const SpecKeyValues *annotations = &c->state.annotations;

        for (size_t i = 0; i < annotations->n; i++)
                if (strcmp(annotations->items[i].key, PLAN_PUBLISH_ANNOTATION) == 0)
                        return true;
        return c->state.origin == PLAN_GENERATED;
}

/* Main process or all were killed already, if they are known. Only what PID 1 started since then
 * (Restart=) is left to KillUnit, and the end did not come soon. */
static bool stop(Bus *bus, const Container *c, SdStopKill killed, const char *cgroup)
{
        const BusCall kill_unit = { .method = "KillUnit",
                .signature = "ssi",
                .strings = { c->unit, killed == SD_STOP_KILL_MAIN ? "main" : "all" },
                .number = SIGKILL };
        _cleanup_close_ int watch_fd = watch_parent(cgroup);

        if (watch_fd < 0)
                return false;
        bus_add(bus, &(BusCall){ .method = "StopUnit",
                             .signature = "ss",
                             .strings = { c->unit, "replace" } });
        if (killed != SD_STOP_KILL_MAIN)
                bus_add(bus, &kill_unit);
        if (bus_await(bus, NULL) != BUS_DONE)
                return false;
        if (await_end_of_cgroup(watch_fd, cgroup, SOON_MSEC))
                return true;
        bus_add(bus, &kill_unit);
        return bus_await(bus, NULL) == BUS_DONE && await_end_of_cgroup(watch_fd, cgroup, DOWN_MSEC);
}

/* PID 1 has forgotten it by itself, as it does with a unit that ended well: there is nothing to
 * stop or to reset, and nobody to ask. */
static bool is_forgotten(const char *unit, const char *cgroup)
{
        return is_gone(cgroup) && !unit_files_is_transient(unit);
}

static bool take_down(const Container *c, SdStopKill killed)
{
        _cleanup_(bus_closep) Bus *bus = NULL;
        char cgroup[CGROUP_PATH_MAX];
        BusResult result;

        if (is_unusual(c) || cgroup_of_unit(c->state.slice, c->unit, cgroup) < 0)
                return false;
        if (killed == SD_STOP_KILL_NONE && is_forgotten(c->unit, cgroup))
                return true;
        bus = bus_open();
        if (!bus || (killed != SD_STOP_KILL_NONE && !stop(bus, c, killed, cgroup)))
                return false;
        result = bus_await(bus,
                &(BusCall){
                        .method = "ResetFailedUnit", .signature = "s", .strings = { c->unit } });
        return (result == BUS_DONE || result == BUS_UNKNOWN_UNIT) && await_forgotten(c->unit);
}

int unit_call_take_down(const Container *c, SdStopKill killed, CtrError *err _unused_)
{
        if (!take_down(c, killed))
                hand_over(program_argv);
        unit_files_forget(c->unit);
        return 0;
}

int orphan_delete(const Runtime *rt _unused_, const char *id _unused_, CtrError *err _unused_)
{
        hand_over(program_argv);
}
