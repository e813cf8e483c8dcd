/* An orchestrator in C: N containers created, started, paused, resumed, killed and deleted over
 * org.ctrunit1, and every step of each seen as a signal, without asking once. TAP.
 *
 *   orchestrator BUNDLE N AT-A-TIME LIMIT-MSEC [MEDIAN-MSEC]
 *
 * LIMIT-MSEC: the longest that a signal may come after the answer of the call that caused it.
 * MEDIAN-MSEC: at least half of them have to come in this time.
 *
 * CTR_ORCHESTRATOR_KILL=PROGRAM: run before each call. It kills the service, so we subscribe again,
 * as clients do that have lost it; only with one container at a time, because each call is waited
 * for.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <time.h>

#define SERVICE   "org.ctrunit1"
#define MANAGER   "org.ctrunit1.Manager"
#define CONTAINER "org.ctrunit1.Container"
#define N_MAX     1000

/* The life of one container: the call of each step, and the signal that it waits for. */
static const struct Step {
        const char *method, *signal;
} steps[] = {
        { "CreateContainer", "ContainerCreated" },
        { "Start", "ContainerStarted" },
        { "Pause", "Paused" },
        { "Resume", "Resumed" },
        { "Kill", "Exited" },
        { "Delete", "Removed" },
};
#define N_STEPS (sizeof(steps) / sizeof(steps[0]))

typedef struct Machine {
        char id[64];
        char path[256];
        size_t step;
        bool is_answered, is_signalled;
        uint64_t signalled_usec, called_usec;
} Machine;

static Machine machines[N_MAX];
static size_t n_machines, n_done, n_started, n_wrong;
static const char *worst_signal = "none";
static uint64_t worst_usec, median_limit_usec, n_signals, n_measured, n_soon;
static const char *bundle;
static sd_bus *bus;
static sd_event *event;

static uint64_t now_usec(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000U + (uint64_t) ts.tv_nsec / 1000U;
}

static int answered(sd_bus_message *reply, void *userdata, sd_bus_error *error);
static int subscribe(void);

static int lose_service(void)
{
        const char *killer = getenv("CTR_ORCHESTRATOR_KILL");

        if (!killer)
                return 0;
        return system(killer) != 0 ? -ECHILD : subscribe();
}

static void next_call(Machine *m)
{
        const char *method = steps[m->step].method;
        sd_bus_message *call = NULL;
        bool is_create = m->step == 0;
        int r;

        m->is_answered = m->is_signalled = false;
        r = lose_service();
        m->called_usec = now_usec();
        if (r >= 0)
                r = sd_bus_message_new_method_call(bus, &call, SERVICE,
                        is_create ? "/org/ctrunit1" : m->path, is_create ? MANAGER : CONTAINER,
                        method);
        if (r >= 0 && is_create)
                r = sd_bus_message_append(call, "ssa{sv}", m->id, bundle, 0);
        if (r >= 0 && strcmp(method, "Kill") == 0)
                r = sd_bus_message_append(call, "ib", 9, false);
        if (r >= 0 && strcmp(method, "Delete") == 0)
                r = sd_bus_message_append(call, "b", true);
        if (r >= 0)
                r = sd_bus_call_async(bus, NULL, call, answered, m, 60000000);
        sd_bus_message_unref(call);
        if (r < 0)
                (void) sd_event_exit(event, 1);
}

static void advance(Machine *m)
{
        uint64_t late;

        if (!m->is_answered || !m->is_signalled)
                return;
        late = m->signalled_usec > m->called_usec ? m->signalled_usec - m->called_usec : 0;
        n_measured++;
        n_soon += late <= median_limit_usec;
        if (late > worst_usec) {
                worst_usec = late;
                worst_signal = steps[m->step].signal;
        }
        if (++m->step < N_STEPS) {
                next_call(m);
                return;
        }
        if (++n_done == n_machines)
                (void) sd_event_exit(event, 0);
        else if (n_started < n_machines)
                next_call(&machines[n_started++]);
}

static int answered(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const sd_bus_error *e = sd_bus_message_get_error(reply);
        Machine *m = userdata;

        (void) error;
        if (e) {
                (void) printf(
                        "# %s %s: %s: %s\n", m->id, steps[m->step].method, e->name, e->message);
                n_wrong++;
                return sd_event_exit(event, 1);
        }
        m->is_answered = true;
        /* What comes later than this is late. */
        m->called_usec = now_usec();
        if (m->is_signalled)
                m->signalled_usec = 0;
        advance(m);
        return 1;
}

static int signalled(sd_bus_message *signal, void *userdata, sd_bus_error *error)
{
        const char *id, *member = sd_bus_message_get_member(signal);

        (void) userdata;
        (void) error;
        if (sd_bus_message_read(signal, "s", &id) < 0)
                return 0;
        n_signals++;
        for (size_t i = 0; i < n_machines; i++) {
                Machine *m = &machines[i];

                if (strcmp(m->id, id) != 0)
                        continue;
                if (m->step >= N_STEPS || strcmp(steps[m->step].signal, member) != 0) {
                        (void) printf("# %s: %s out of turn\n", id, member);
                        n_wrong++;
                        return 0;
                }
                m->is_signalled = true;
                m->signalled_usec = now_usec();
                advance(m);
                return 0;
        }
        return 0;
}

static int subscribe(void)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = sd_bus_call_method(
                bus, SERVICE, "/org/ctrunit1", MANAGER, "Subscribe", &error, NULL, "");

        if (r < 0)
                (void) printf("# Subscribe: %s: %s\n", error.name ? error.name : "local",
                        error.message ? error.message : strerror(-r));
        sd_bus_error_free(&error);
        return r;
}

static void report(const char *name, bool is_good, int *number)
{
        (void) printf("%sok %d - orchestrator: %s\n", is_good ? "" : "not ", ++*number, name);
}

int main(int argc, char **argv)
{
        uint64_t limit_msec = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
        int r, number = 0;
        bool is_timely;

        if (argc < 5)
                return 2;
        bundle = argv[1];
        median_limit_usec = (argc > 5 ? strtoul(argv[5], NULL, 10) : limit_msec) * 1000;
        n_machines = strtoul(argv[2], NULL, 10);
        if (n_machines == 0 || n_machines > N_MAX)
                return 2;
        r = sd_bus_open_system(&bus);
        if (r >= 0)
                r = sd_event_default(&event);
        if (r >= 0)
                r = sd_bus_attach_event(bus, event, 0);
        if (r >= 0)
                r = sd_bus_match_signal(
                        bus, NULL, SERVICE, "/org/ctrunit1", MANAGER, NULL, signalled, NULL);
        if (r >= 0)
                r = subscribe();
        if (r < 0)
                return 1;
        for (size_t i = 0; i < n_machines; i++) {
                (void) snprintf(machines[i].id, sizeof(machines[i].id), "orch%zu", i);
                (void) snprintf(machines[i].path, sizeof(machines[i].path),
                        "/org/ctrunit1/container/orch%zu", i);
        }
        while (n_started < n_machines && n_started < strtoul(argv[3], NULL, 10))
                next_call(&machines[n_started++]);
        r = sd_event_loop(event);
        (void) printf("# %zu containers, %llu signals, the latest %llu us after the answer\n",
                n_done, (unsigned long long) n_signals, (unsigned long long) worst_usec);
        report("every container lived its whole life", r == 0 && n_done == n_machines, &number);
        report("every signal came in its turn, and once",
                n_wrong == 0 && n_signals == n_machines * N_STEPS, &number);
        is_timely = worst_usec <= limit_msec * 1000 && n_soon * 2 >= n_measured;
        (void) printf("# %llu of %llu within %llu us\n", (unsigned long long) n_soon,
                (unsigned long long) n_measured, (unsigned long long) median_limit_usec);
        report("signals come in time", is_timely, &number);
        (void) printf("1..%d\n", number);
        return r != 0 || n_wrong > 0 || n_signals != n_machines * N_STEPS || !is_timely;
}
