/* events: numbers at an interval and out-of-memory kills as they happen, one JSON object a line.
 * The kernel reports changes of cgroup.events and memory.events to inotify(7), so nothing is
 * polled. The end of the container is the end of the stream. */
#include "runtime/container.h"
#include "runtime/stats.h"

#include "base/json.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>

typedef struct Watch {
        const Container *container;
        const char *directory; /* of the unit's cgroup */
        FILE *f;
        int cgroup_fd;
        int inotify_fd;
        uint64_t n_kills;
} Watch;

#define WATCH_NULL                                                                                 \
        (Watch)                                                                                    \
        {                                                                                          \
                .cgroup_fd = -EBADF, .inotify_fd = -EBADF                                          \
        }

static uint64_t now_msec(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000U + (uint64_t) ts.tv_nsec / 1000000U;
}

/* A reader at the other end wants each line at once; an error is one of the stream. */
static int print_line_end(FILE *f, CtrError *err)
{
        (void) fputc('\n', f);
        if (fflush(f) != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot write the output");
        return 0;
}

static void print_head(const Watch *w, const char *type)
{
        (void) fprintf(w->f, "{\"type\":\"%s\",\"id\":", type);
        json_write_string(w->f, w->container->id);
}

static int print_stats(const Watch *w, CtrError *err)
{
        Stats stats;
        int r = stats_read(w->cgroup_fd, &stats, err);

        if (r < 0)
                return r;
        print_head(w, "stats");
        (void) fputs(",\"data\":", w->f);
        stats_print_json(&stats, w->f);
        (void) fputc('}', w->f);
        stats_done(&stats);
        return print_line_end(w->f, err);
}

/* One line for the kills since the last look, however many processes one of them took. */
static int print_kills(Watch *w, CtrError *err)
{
        uint64_t n;

        if (stats_read_key(w->cgroup_fd, "memory.events", "oom_kill", &n) < 0 || n <= w->n_kills)
                return 0;
        w->n_kills = n;
        print_head(w, "oom");
        (void) fputc('}', w->f);
        return print_line_end(w->f, err);
}

static int watch_file(const Watch *w, const char *name)
{
        char path[CGROUP_PATH_MAX + 32];

        (void) snprintf(path, sizeof(path), "%s/%s", w->directory, name);
        return inotify_add_watch(w->inotify_fd, path, IN_MODIFY) < 0 ? -errno : 0;
}

/* Watches first and reads afterwards: nothing that happens in between is missed. */
static int watch_begin(Watch *w, CtrError *err)
{
        int r;

        w->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        r = w->inotify_fd < 0 ? -errno : watch_file(w, "cgroup.events");
        if (r >= 0) {
                r = watch_file(w, "memory.events");
                if (r == -ENOENT) /* without the memory controller nothing is killed for it */
                        r = 0;
        }
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot watch %s", w->directory);
        (void) stats_read_key(w->cgroup_fd, "memory.events", "oom_kill", &w->n_kills);
        return 0;
}

static bool is_populated(const Watch *w)
{
        CgroupEvents events;

        return cgroup_read_events(w->directory, &events) >= 0 && events.is_populated;
}

static int watch_run(Watch *w, uint64_t interval_msec, CtrError *err)
{
        uint64_t next = now_msec() + interval_msec;
        int r = 0;

        while (r >= 0 && is_populated(w)) {
                struct pollfd fd = { .fd = w->inotify_fd, .events = POLLIN };
                uint64_t now = now_msec();
                char buf[4096];

                if (poll(&fd, 1, next > now ? (int) MIN_OF(next - now, 1000000U) : 0) < 0 &&
                        errno != EINTR)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "waiting for events");
                while (read(w->inotify_fd, buf, sizeof(buf)) > 0)
                        ;
                r = print_kills(w, err);
                if (r >= 0 && now_msec() >= next) {
                        next += interval_msec;
                        r = is_populated(w) ? print_stats(w, err) : 0;
                }
        }
        return r;
}

static int events_of(
        const Container *c, bool wants_once, uint64_t interval_msec, FILE *f, CtrError *err)
{
        ContainerProcess process;
        Watch w = WATCH_NULL;
        int r;

        r = container_get_live_process(c, &process, err);
        if (r < 0)
                return r;
        (void) cgroup_cut_to_unit(process.cgroup, c->unit);
        w.container = c;
        w.directory = process.cgroup;
        w.f = f;
        w.cgroup_fd = open(process.cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (w.cgroup_fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot open %s", process.cgroup);
        if (wants_once)
                r = print_stats(&w, err);
        else {
                r = watch_begin(&w, err);
                if (r >= 0)
                        r = watch_run(&w, interval_msec, err);
        }
        closep(&w.inotify_fd);
        closep(&w.cgroup_fd);
        return r;
}

int runtime_events(const Runtime *rt, const char *id, bool wants_once, uint64_t interval_msec,
        FILE *f, CtrError *err)
{
        Container c;
        int r;

        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = events_of(&c, wants_once, interval_msec, f, err);
        container_done(&c);
        return r;
}
