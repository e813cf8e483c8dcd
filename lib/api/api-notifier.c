/* Notifiers: out-of-memory kills and memory pressure of a container, and its end. The kernel tells:
 * memory.events and cgroup.events by inotify(7), memory.pressure by a trigger (psi.rst of the
 * kernel); one epoll descriptor stands for both. */
#include "api/api-internal.h"

#include "runtime/container.h"
#include "runtime/stats.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <time.h>

struct CtrNotifier {
        char directory[CGROUP_PATH_MAX];
        int cgroup_fd, inotify_fd, pressure_fd, epoll_fd;
        uint64_t n_kills; /* told so far */
        bool is_over;
};

/* Microseconds of waiting in a window of two seconds: another one is for CAP_SYS_RESOURCE only. */
static const char *const triggers[] = {
        [CTR_PRESSURE_LOW] = "some 100000 2000000",
        [CTR_PRESSURE_MEDIUM] = "some 300000 2000000",
        [CTR_PRESSURE_CRITICAL] = "some 600000 2000000",
};

CtrNotifier *ctr_notifier_free(CtrNotifier *notifier)
{
        if (notifier) {
                closep(&notifier->epoll_fd);
                closep(&notifier->pressure_fd);
                closep(&notifier->inotify_fd);
                closep(&notifier->cgroup_fd);
        }
        free(notifier);
        return NULL;
}

static int watch_file(CtrNotifier *n, const char *name)
{
        char path[CGROUP_PATH_MAX + 32];

        (void) snprintf(path, sizeof(path), "%s/%s", n->directory, name);
        return inotify_add_watch(n->inotify_fd, path, IN_MODIFY) < 0 ? -errno : 0;
}

static int poll_for(CtrNotifier *n, int fd, uint32_t events)
{
        struct epoll_event event = { .events = events, .data.fd = fd };

        return epoll_ctl(n->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int watch_kills(CtrNotifier *n, CtrError *err)
{
        int r = watch_file(n, "memory.events");

        if (r == -ENOENT)
                return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                        "the container has no memory controller: nothing is killed for its limit");
        (void) stats_read_key(n->cgroup_fd, "memory.events", "oom_kill", &n->n_kills);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot watch %s", n->directory) : 0;
}

static int watch_pressure(CtrNotifier *n, CtrPressure level, CtrError *err)
{
        const char *trigger;
        int r;

        if ((size_t) level >= ELEMENTSOF(triggers))
                return ctr_error_set(err, CTR_ERROR_USAGE, 0, "unknown level of pressure");
        trigger = triggers[level];
        n->pressure_fd = openat(n->cgroup_fd, "memory.pressure", O_RDWR | O_NONBLOCK | O_CLOEXEC);
        r = n->pressure_fd < 0 ? -errno : 0;
        if (r >= 0 && write(n->pressure_fd, trigger, strlen(trigger) + 1) < 0)
                r = -errno;
        if (r == -ENOENT || r == -EOPNOTSUPP)
                return ctr_error_set(
                        err, CTR_ERROR_UNSUPPORTED, r, "no pressure information (boot with psi=1)");
        if (r >= 0)
                r = poll_for(n, n->pressure_fd, EPOLLPRI);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "memory.pressure") : 0;
}

/* Watches first and reads afterwards: nothing that happens in between is missed. */
static int open_cgroup(CtrContainer *container, CtrNotifier *n, CtrError *err)
{
        ContainerProcess process;
        Container c;
        int r;

        r = container_open(&container->runtime, container->id, &c, err);
        if (r < 0)
                return r;
        r = container_get_process(&c, &process, err);
        if (r >= 0 && process.pid == 0)
                r = ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
        if (r >= 0) {
                r = container_get_cgroup(&c, &process, n->directory);
                if (r >= 0) {
                        n->cgroup_fd = open(n->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                        r = n->cgroup_fd < 0 ? -errno : 0;
                }
                if (r < 0)
                        (void) ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cgroup of %s", c.id);
        }
        container_done(&c);
        if (r < 0)
                return r;
        n->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        n->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        r = n->inotify_fd < 0 || n->epoll_fd < 0 ? -errno : watch_file(n, "cgroup.events");
        if (r >= 0)
                r = poll_for(n, n->inotify_fd, EPOLLIN);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot watch %s", n->directory) : 0;
}

static int notifier_new(CtrContainer *container, CtrNotifier **ret, CtrError *err)
{
        CtrNotifier *n = malloc(sizeof(*n));
        int r;

        if (!n)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "notifier");
        *n = (CtrNotifier){
                .cgroup_fd = -EBADF, .inotify_fd = -EBADF, .pressure_fd = -EBADF, .epoll_fd = -EBADF
        };
        r = open_cgroup(container, n, err);
        if (r < 0)
                (void) ctr_notifier_free(n);
        else
                *ret = n;
        return r;
}

int ctr_container_notify_oom(CtrContainer *container, CtrNotifier **ret, CtrError **error)
{
        CtrNotifier *n = NULL;
        CtrError e = { 0 };
        int r;

        r = notifier_new(container, &n, &e);
        if (r >= 0)
                r = watch_kills(n, &e);
        if (r < 0)
                (void) ctr_notifier_free(n);
        else
                *ret = n;
        return api_judge(container, r, &e, error);
}

int ctr_container_notify_memory_pressure(
        CtrContainer *container, CtrPressure level, CtrNotifier **ret, CtrError **error)
{
        CtrNotifier *n = NULL;
        CtrError e = { 0 };
        int r;

        r = notifier_new(container, &n, &e);
        if (r >= 0)
                r = watch_pressure(n, level, &e);
        if (r < 0)
                (void) ctr_notifier_free(n);
        else
                *ret = n;
        return api_judge(container, r, &e, error);
}

int ctr_notifier_get_fd(const CtrNotifier *notifier)
{
        return notifier->epoll_fd;
}

/* What has happened since the last look: CTR_NOTIFIER_TIMEOUT stands for nothing. */
static int take(CtrNotifier *n)
{
        struct epoll_event events[2];
        char buf[4096];
        CgroupEvents state;
        bool has_pressure = false;
        uint64_t kills;
        int r;

        r = epoll_wait(n->epoll_fd, events, ELEMENTSOF(events), 0);
        for (int i = 0; i < r; i++) {
                if (events[i].data.fd != n->pressure_fd)
                        continue;
                /* A trigger whose cgroup was removed is both. */
                if (events[i].events & EPOLLERR)
                        n->is_over = true;
                else if (events[i].events & EPOLLPRI)
                        has_pressure = true;
        }
        while (read(n->inotify_fd, buf, sizeof(buf)) > 0)
                ;
        if (n->pressure_fd < 0 &&
                stats_read_key(n->cgroup_fd, "memory.events", "oom_kill", &kills) >= 0 &&
                kills > n->n_kills) {
                n->n_kills = kills;
                return CTR_NOTIFIER_EVENT;
        }
        if (has_pressure)
                return CTR_NOTIFIER_EVENT;
        if (cgroup_read_events(n->directory, &state) < 0 || !state.is_populated)
                n->is_over = true;
        return n->is_over ? CTR_NOTIFIER_END : CTR_NOTIFIER_TIMEOUT;
}

static int64_t now_msec(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int ctr_notifier_next(CtrNotifier *notifier, int timeout_msec, CtrError **error)
{
        int64_t end = timeout_msec < 0 ? INT64_MAX : now_msec() + timeout_msec;
        CtrError e = { 0 };

        for (;;) {
                struct pollfd pollfd = { .fd = notifier->epoll_fd, .events = POLLIN };
                int r = notifier->is_over ? CTR_NOTIFIER_END : take(notifier);
                int64_t left = end == INT64_MAX ? -1 : end - now_msec();

                if (r != CTR_NOTIFIER_TIMEOUT || (left <= 0 && end != INT64_MAX))
                        return r;
                if (poll(&pollfd, 1, (int) left) < 0 && errno != EINTR)
                        return api_result(
                                ctr_error_set(&e, CTR_ERROR_SYSTEM, errno, "waiting for an event"),
                                &e, error);
        }
}
