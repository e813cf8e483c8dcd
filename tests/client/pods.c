/* An orchestrator of pods in C: N pods of M containers each are made, started, limited, one pod is
 * paused, one container killed (and one driven out of memory), all removed, over org.ctrunit1. What
 * has become of them is known from signals alone: nothing is asked twice or at an interval. TAP.
 *
 *   pods ROOTFS N M [oom]
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

#define SERVICE       "org.ctrunit1"
#define ROOT          "/org/ctrunit1"
#define MANAGER       "org.ctrunit1.Manager"
#define POD           "org.ctrunit1.Pod"
#define CONTAINER     "org.ctrunit1.Container"
#define IN_FLIGHT_MAX 12
#define WAIT_USEC     (UINT64_C(180) * 1000 * 1000)
#define CALL_USEC     (UINT64_C(120) * 1000 * 1000)

/* What is counted, and how many of each there are to be for one container or pod. */
enum {
        CONTAINER_CREATED,
        CONTAINER_STARTED,
        CONTAINER_PAUSED,
        CONTAINER_RESUMED,
        CONTAINER_EXITED,
        CONTAINER_REMOVED,
        OOM,
        POD_CREATED,
        POD_STARTED,
        POD_PAUSED,
        POD_RESUMED,
        POD_STOPPED,
        POD_REMOVED,
        ADDED,
        REMOVED,
        N_SIGNALS,
};
static const char *const members[N_SIGNALS] = { "ContainerCreated", "ContainerStarted", "Paused",
        "Resumed", "Exited", "Removed", "Oom", "PodCreated", "PodStarted", "PodPaused",
        "PodResumed", "PodStopped", "PodRemoved", "PodContainerAdded", "PodContainerRemoved" };

static size_t seen[N_SIGNALS], n_in_flight, n_failed, n_not_ok;
static char last_exit[256];
static sd_bus *bus;
static int number;

static uint64_t now_usec(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000U + (uint64_t) ts.tv_nsec / 1000U;
}

static void report(bool is_good, const char *name)
{
        n_not_ok += !is_good;
        (void) printf("%sok %d - pods.c: %s\n", is_good ? "" : "not ", ++number, name);
        (void) fflush(stdout);
}

static void step(void)
{
        if (sd_bus_process(bus, NULL) == 0)
                (void) sd_bus_wait(bus, 1000000);
}

/* ---- signals ---- */

static int signalled(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const char *name, *result, *code;
        int status;

        (void) userdata;
        (void) error;
        for (size_t i = 0; i < N_SIGNALS; i++)
                seen[i] += strcmp(sd_bus_message_get_member(m), members[i]) == 0;
        if (strcmp(sd_bus_message_get_member(m), "Exited") == 0 &&
                sd_bus_message_read(m, "sssi", &name, &result, &code, &status) >= 0)
                (void) snprintf(last_exit, sizeof(last_exit), "%s %s %d", name, code, status);
        return 0;
}

/* Until so many of a signal have come. */
static void until(int which, size_t n, const char *name)
{
        uint64_t end = now_usec() + WAIT_USEC;

        while (seen[which] < n && now_usec() < end)
                step();
        if (seen[which] != n)
                (void) printf("# %s: %zu instead of %zu\n", members[which], seen[which], n);
        report(seen[which] == n, name);
}

/* ---- calls ---- */

static int answered(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const sd_bus_error *e = sd_bus_message_get_error(reply);

        (void) userdata;
        (void) error;
        n_in_flight--;
        if (e) {
                n_failed++;
                (void) printf("# %s: %s\n", e->name, e->message);
        }
        return 0;
}

/* A service takes so many calls of one client at a time. */
static void send_call(sd_bus_message *m)
{
        while (n_in_flight >= IN_FLIGHT_MAX)
                step();
        n_in_flight++;
        if (sd_bus_call_async(bus, NULL, m, answered, NULL, CALL_USEC) < 0)
                exit(2);
        sd_bus_message_unref(m);
}

static void all_answered(const char *name)
{
        while (n_in_flight > 0)
                step();
        report(n_failed == 0, name);
        n_failed = 0;
}

static sd_bus_message *new_call(const char *path, const char *interface, const char *method)
{
        sd_bus_message *m;

        if (sd_bus_message_new_method_call(bus, &m, SERVICE, path, interface, method) < 0)
                exit(2);
        return m;
}

static const char *pod_path(size_t pod)
{
        static char path[128];

        (void) snprintf(path, sizeof(path), ROOT "/pod/fleet%zu", pod);
        return path;
}

static const char *container_path(size_t pod, size_t container)
{
        static char path[128];

        (void) snprintf(path, sizeof(path), ROOT "/container/fleet%zu_2ec%zu", pod, container);
        return path;
}

static void for_each_pod(size_t n_pods, const char *method, const char *types, int value)
{
        for (size_t i = 0; i < n_pods; i++) {
                sd_bus_message *m = new_call(pod_path(i), POD, method);

                if (*types && sd_bus_message_append(m, types, value) < 0)
                        exit(2);
                send_call(m);
        }
}

/* Sleeps; on SIGUSR1 it takes more memory than it is given. */
static int append_container(sd_bus_message *m, size_t i, const char *rootfs)
{
        static const char program[] =
                "trap 'exec dd if=/dev/zero of=/dev/null bs=200M count=2' USR1\n"
                "while :; do sleep 1000 & wait; done";
        char name[32];

        (void) snprintf(name, sizeof(name), "c%zu", i);
        return sd_bus_message_append(m, "a{sv}", 3, "ID", "s", name, "RootFs", "s", rootfs, "Cmd",
                "a{sv}", 1, "Args", "as", 3, "/bin/sh", "-c", program);
}

static void create_pod(size_t pod, size_t n_containers, const char *rootfs)
{
        sd_bus_message *m = new_call(ROOT, MANAGER, "CreatePod");
        char id[32];
        int r;

        (void) snprintf(id, sizeof(id), "fleet%zu", pod);
        r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(m, "{sv}", "ID", "s", id);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", "Containers");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', "aa{sv}");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "a{sv}");
        for (size_t i = 0; i < n_containers && r >= 0; i++)
                r = append_container(m, i, rootfs);
        for (int i = 0; i < 4 && r >= 0; i++)
                r = sd_bus_message_close_container(m);
        if (r < 0)
                exit(2);
        send_call(m);
}

static void update(size_t pod, size_t container, const char *resources)
{
        sd_bus_message *m = new_call(container_path(pod, container), CONTAINER, "Update");

        (void) sd_bus_message_append(m, "s", resources);
        send_call(m);
}

static void kill_container(size_t pod, size_t container, int signal_number)
{
        sd_bus_message *m = new_call(container_path(pod, container), CONTAINER, "Kill");

        (void) sd_bus_message_append(m, "ib", signal_number, false);
        send_call(m);
}

static size_t count(const char *method)
{
        sd_bus_message *reply = NULL;
        const char *contents;
        size_t n = 0;
        char type;

        if (sd_bus_call_method(bus, SERVICE, ROOT, MANAGER, method, NULL, &reply, "") < 0 ||
                sd_bus_message_peek_type(reply, &type, &contents) < 0 ||
                sd_bus_message_enter_container(reply, type, contents) < 0)
                return SIZE_MAX;
        while (sd_bus_message_skip(reply, NULL) > 0)
                n++;
        sd_bus_message_unref(reply);
        return n;
}

/* ---- the story ---- */

static void phase(const char *name)
{
        static uint64_t start;
        static const char *last;

        if (last)
                (void) printf(
                        "# %s: %llu ms\n", last, (unsigned long long) (now_usec() - start) / 1000);
        start = now_usec();
        last = name;
}

static void begin(size_t n_pods, size_t n_each, const char *rootfs)
{
        phase("create");
        for (size_t i = 0; i < n_pods; i++)
                create_pod(i, n_each, rootfs);
        all_answered("CreatePod of all");
        until(POD_CREATED, n_pods, "each pod is signalled as created");
        until(ADDED, n_pods * n_each, "with all its containers");
        until(CONTAINER_CREATED, n_pods * n_each, "each container is signalled as created");
        phase("start");
        for_each_pod(n_pods, "Start", "", 0);
        all_answered("Start of all");
        until(POD_STARTED, n_pods, "each pod is signalled as started");
        until(CONTAINER_STARTED, n_pods * n_each, "each container is signalled as started");
        phase("limit");
        for (size_t i = 0; i < n_pods; i++)
                for (size_t k = 0; k < n_each; k++)
                        update(i, k, "{\"pids\":{\"limit\":77}}");
        all_answered("Update of all");
}

static void pause_one(size_t n_each)
{
        phase("pause and resume one pod");
        send_call(new_call(pod_path(0), POD, "Pause"));
        all_answered("Pause of a pod");
        until(POD_PAUSED, 1, "it is signalled as paused");
        until(CONTAINER_PAUSED, n_each, "and each of its containers");
        send_call(new_call(pod_path(0), POD, "Resume"));
        all_answered("Resume");
        until(POD_RESUMED, 1, "it is signalled as resumed");
        until(CONTAINER_RESUMED, n_each, "and each of its containers");
}

static size_t end_some(bool has_oom)
{
        phase("kill one");
        kill_container(0, 0, 9);
        all_answered("Kill of a container");
        until(CONTAINER_EXITED, 1, "its end is signalled");
        report(strcmp(last_exit, "fleet0.c0 killed 9") == 0, "and how it ended");
        if (!has_oom)
                return 1;
        phase("out of memory");
        update(0, 1, "{\"memory\":{\"limit\":33554432,\"swap\":33554432}}");
        all_answered("a limit");
        kill_container(0, 1, 10);
        all_answered("a container takes more memory than it may");
        until(OOM, 1, "Oom");
        until(CONTAINER_EXITED, 2, "its end is signalled");
        report(strcmp(last_exit, "fleet0.c1 killed 9") == 0, "the kernel has killed it");
        return 2;
}

static void end(size_t n_pods, size_t n_each)
{
        phase("remove");
        for_each_pod(n_pods, "Delete", "b", true);
        all_answered("Delete of all");
        until(CONTAINER_EXITED, n_pods * n_each, "each container has ended");
        until(CONTAINER_REMOVED, n_pods * n_each, "each container is removed");
        until(POD_STOPPED, n_pods, "each pod was stopped");
        until(REMOVED, n_pods * n_each, "each container has left its pod");
        until(POD_REMOVED, n_pods, "each pod is removed");
        phase(NULL);
        report(count("ListPods") == 0 && count("ListContainers") == 0, "nothing is left");
}

int main(int argc, char **argv)
{
        size_t n_pods, n_each, n_ended, n_signals = 0;

        if (argc < 4)
                return 2;
        n_pods = strtoul(argv[2], NULL, 10);
        n_each = strtoul(argv[3], NULL, 10);
        if (n_pods < 1 || n_each < 2 || sd_bus_open_system(&bus) < 0 ||
                sd_bus_match_signal(bus, NULL, SERVICE, ROOT, MANAGER, NULL, signalled, NULL) < 0 ||
                sd_bus_call_method(bus, SERVICE, ROOT, MANAGER, "Subscribe", NULL, NULL, "") < 0)
                return 2;
        begin(n_pods, n_each, argv[1]);
        pause_one(n_each);
        n_ended = end_some(argc > 4);
        end(n_pods, n_each);
        for (size_t i = 0; i < N_SIGNALS; i++)
                n_signals += seen[i];
        /* Four for each pod, six for each container, those of the pod that was paused, and Oom. */
        report(n_signals == 4 * n_pods + 6 * n_pods * n_each + 2 + 2 * n_each + (n_ended - 1),
                "each signal came once");
        (void) printf("1..%d\n", number);
        sd_bus_flush_close_unref(bus);
        return n_not_ok > 0;
}
