/* How long after the end of a container its signal comes: from the moment in which the kernel has
 * closed the payload's end of a pipe to the moment in which a client has read Exited. TAP.
 *
 *   latency BUNDLE TIMES LIMIT-MSEC
 *
 * What is judged is the median, because one of many may come late on a busy machine.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#define SERVICE   "org.ctrunit1"
#define ROOT      "/org/ctrunit1"
#define MANAGER   "org.ctrunit1.Manager"
#define CONTAINER "org.ctrunit1.Container"
#define PATH      ROOT "/container/late"
#define TIMES_MAX 1000
#define LATE_USEC 5000000 /* whatever the machine does besides */

static uint64_t ended_usec, signalled_usec;
static sd_bus *bus;
static sd_event *event;

static uint64_t now_usec(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000U + (uint64_t) ts.tv_nsec / 1000U;
}

static int pipe_closed(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        (void) fd;
        (void) events;
        (void) userdata;
        ended_usec = now_usec();
        return sd_event_source_set_enabled(source, SD_EVENT_OFF);
}

static int exited(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const char *name;

        (void) userdata;
        (void) error;
        if (sd_bus_message_read(m, "s", &name) >= 0 && strcmp(name, "late") == 0)
                signalled_usec = now_usec();
        return 0;
}

static void call(const char *path, const char *interface, const char *method, const char *types,
        const char *id, const char *bundle, int fd)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, SERVICE, path, interface, method);
        if (r >= 0 && id)
                r = sd_bus_message_append(m, types, id, bundle, 1, "stdout", "h", fd);
        else if (r >= 0 && *types)
                r = sd_bus_message_append(m, types, true);
        if (r >= 0)
                r = sd_bus_call(bus, m, UINT64_C(120) * 1000 * 1000, &error, NULL);
        if (r < 0) {
                (void) printf(
                        "Bail out! %s: %s\n", method, error.message ? error.message : strerror(-r));
                exit(2);
        }
        sd_bus_message_unref(m);
}

static void kill_it(void)
{
        uint32_t pid = 0;

        if (sd_bus_get_property_trivial(bus, SERVICE, PATH, CONTAINER, "Pid", NULL, 'u', &pid) <
                        0 ||
                pid == 0 || kill((pid_t) pid, SIGKILL) < 0)
                exit(2);
}

/* One life. Returns microseconds. */
static uint64_t once(const char *bundle)
{
        sd_event_source *source = NULL;
        int fds[2], r = 0;

        ended_usec = signalled_usec = 0;
        if (pipe(fds) < 0)
                exit(2);
        call(ROOT, MANAGER, "CreateContainer", "ssa{sv}", "late", bundle, fds[1]);
        (void) close(fds[1]);
        if (sd_event_add_io(event, &source, fds[0], 0, pipe_closed, NULL) < 0)
                exit(2);
        call(PATH, CONTAINER, "Start", "", NULL, NULL, -1);
        kill_it();
        while (r >= 0 && (ended_usec == 0 || signalled_usec == 0))
                r = sd_event_run(event, UINT64_MAX);
        sd_event_source_unref(source);
        (void) close(fds[0]);
        call(PATH, CONTAINER, "Delete", "b", NULL, NULL, -1);
        return signalled_usec > ended_usec ? signalled_usec - ended_usec : 0;
}

static int compare(const void *a, const void *b)
{
        uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

        return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
        uint64_t usec[TIMES_MAX], limit_usec;
        size_t n = argc > 3 ? strtoul(argv[2], NULL, 10) : 0;
        bool is_good, is_bounded;

        if (n == 0 || n > TIMES_MAX || sd_bus_open_system(&bus) < 0 ||
                sd_event_default(&event) < 0 || sd_bus_attach_event(bus, event, 0) < 0 ||
                sd_bus_match_signal(bus, NULL, SERVICE, ROOT, MANAGER, "Exited", exited, NULL) <
                        0 ||
                sd_bus_call_method(bus, SERVICE, ROOT, MANAGER, "Subscribe", NULL, NULL, "") < 0)
                return 2;
        limit_usec = strtoul(argv[3], NULL, 10) * 1000;
        for (size_t i = 0; i < n; i++)
                usec[i] = once(argv[1]);
        qsort(usec, n, sizeof(*usec), compare);
        is_good = usec[n / 2] <= limit_usec;
        is_bounded = usec[n - 1] <= LATE_USEC;
        (void) printf("# exit to signal, %zu times: least %llu us, median %llu us, most %llu us\n",
                n, (unsigned long long) usec[0], (unsigned long long) usec[n / 2],
                (unsigned long long) usec[n - 1]);
        (void) printf("%sok 1 - latency: the median is in time\n", is_good ? "" : "not ");
        (void) printf("%sok 2 - latency: none is lost\n1..2\n", is_bounded ? "" : "not ");
        return !is_good || !is_bounded;
}
