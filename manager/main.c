/* ctr-managerd: the D-Bus service org.ctrunit1. Started by the bus when somebody calls, gone when
 * nobody does: it gives its name back first, so that no call is lost in between. */
#include "manager/introspect.h"
#include "manager/sender.h"
#include "manager/watch.h"

#include "base/io.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#define IDLE_SECONDS_DEFAULT 30
#define BARRIER_USEC         (UINT64_C(5) * 1000 * 1000)

static bool is_idle(const Daemon *d)
{
        return d->n_calls == 0 && d->n_watches == 0;
}

void daemon_touch(Daemon *d)
{
        uint64_t now;

        /* The name is gone: with the last call the daemon goes too. Who waits for an end asks the
         * next one. */
        if (d->is_exiting && !d->release_slot && d->n_calls == 0) {
                (void) sd_event_exit(d->event, 0);
                return;
        }
        if (!d->idle_timer || sd_event_now(d->event, CLOCK_MONOTONIC, &now) < 0)
                return;
        (void) sd_event_source_set_time(d->idle_timer, now + d->idle_usec);
        (void) sd_event_source_set_enabled(d->idle_timer, SD_EVENT_ONESHOT);
}

/* Every call that was sent to the name has been seen by now; those that still run end first. */
static int name_released(
        sd_bus_message *reply _unused_, void *userdata, sd_bus_error *error _unused_)
{
        Daemon *d = userdata;

        d->release_slot = sd_bus_slot_unref(d->release_slot);
        daemon_touch(d);
        return 1;
}

/* PID 1 has to know first that this unit is on its way out: a call that comes after the release
 * makes the bus ask for a start, and that must wait for our end instead of finding us running. */
static void begin_exit(Daemon *d)
{
        if (d->is_exiting)
                return;
        d->is_exiting = true;
        (void) sd_notify(false, "STOPPING=1");
        (void) sd_notify_barrier(false, BARRIER_USEC);
        if (sd_bus_release_name_async(d->bus, &d->release_slot, BUS_NAME, name_released, d) < 0)
                (void) sd_event_exit(d->event, 0);
}

static int idle_timeout(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        Daemon *d = userdata;

        if (is_idle(d))
                begin_exit(d);
        else
                daemon_touch(d);
        return 0;
}

static int terminated(sd_event_source *source _unused_, const struct signalfd_siginfo *si _unused_,
        void *userdata)
{
        begin_exit(userdata);
        return 0;
}

static int add_sources(Daemon *d)
{
        sigset_t mask;
        int r;

        (void) sigemptyset(&mask);
        (void) sigaddset(&mask, SIGTERM);
        (void) sigaddset(&mask, SIGINT);
        (void) sigprocmask(SIG_BLOCK, &mask, NULL);
        r = sd_event_add_signal(d->event, NULL, SIGTERM, terminated, d);
        if (r >= 0)
                r = sd_event_add_signal(d->event, NULL, SIGINT, terminated, d);
        if (r >= 0)
                r = sd_event_add_time_relative(d->event, &d->idle_timer, CLOCK_MONOTONIC,
                        d->idle_usec, 0, idle_timeout, d);
        return r;
}

static int bus_lost(sd_bus_message *m _unused_, void *userdata, sd_bus_error *error _unused_)
{
        Daemon *d = userdata;

        return sd_event_exit(d->event, EXIT_FAILURE);
}

static int connect_bus(Daemon *d, CtrError *err)
{
        int r;

        r = sd_bus_open_system_with_description(&d->bus, "ctr-managerd");
        if (r >= 0)
                r = manager_object_add(d);
        if (r >= 0)
                r = container_object_add(d);
        if (r >= 0)
                r = pod_object_add(d);
        if (r >= 0)
                r = sd_bus_attach_event(d->bus, d->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = sd_bus_match_signal(d->bus, NULL, NULL, "/org/freedesktop/DBus/Local",
                        "org.freedesktop.DBus.Local", "Disconnected", bus_lost, d);
        if (r >= 0)
                r = sd_bus_request_name(d->bus, BUS_NAME, 0);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot serve %s on the system bus",
                               BUS_NAME)
                     : 0;
}

static int serve(uint64_t idle_usec, CtrError *err)
{
        Daemon d = { .idle_usec = idle_usec };
        int r;

        r = runtime_init(&d.runtime, NULL, err);
        if (r < 0)
                return r;
        r = sd_event_default(&d.event);
        if (r >= 0)
                r = add_sources(&d);
        if (r < 0)
                (void) ctr_error_set(err, CTR_ERROR_SYSTEM, r, "event loop");
        else
                r = connect_bus(&d, err);
        if (r >= 0) {
                (void) sd_notify(false, "READY=1");
                r = sd_event_loop(d.event);
                if (r != 0)
                        (void) ctr_error_set(err, CTR_ERROR_SYSTEM, r < 0 ? r : EPIPE,
                                "the connection to the bus");
        }
        watch_done(&d);
        senders_done(&d);
        sd_event_source_unref(d.idle_timer);
        sd_bus_flush_close_unref(d.bus);
        sd_event_unref(d.event);
        container_info_done(&d.found.info);
        runtime_done(&d.runtime);
        return r == 0 ? 0 : -1;
}

static void print_help(void)
{
        (void) puts(
                "ctr-managerd [OPTION...]\n\n"
                "The D-Bus service org.ctrunit1: containers and pods for programs.\n\n"
                "      --idle-seconds N             end after N seconds without work (default 30)\n"
                "      --print-introspection NAME   print an interface as XML and end\n"
                "  -h, --help                       print this help\n"
                "  -v, --version                    print the version");
}

static int fail(const CtrError *error)
{
        (void) fprintf(stderr, "ctr-managerd: %s\n", error->message);
        return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
        static const struct option options[] = {
                { "idle-seconds", required_argument, NULL, 'i' },
                { "print-introspection", required_argument, NULL, 'p' },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'v' },
                { NULL, 0, NULL, 0 },
        };
        uint64_t idle_seconds = IDLE_SECONDS_DEFAULT;
        CtrError error = { 0 };
        int c;

        while ((c = getopt_long(argc, argv, "hv", options, NULL)) >= 0)
                switch (c) {
                case 'i':
                        if (ctr_parse_u64(optarg, UINT32_MAX, &idle_seconds) < 0) {
                                (void) ctr_error_set(&error, CTR_ERROR_USAGE, 0,
                                        "--idle-seconds wants a number");
                                return fail(&error);
                        }
                        break;
                case 'p':
                        return introspect_print(optarg, stdout, &error) < 0 ? fail(&error)
                                                                            : EXIT_SUCCESS;
                case 'h':
                        print_help();
                        return EXIT_SUCCESS;
                case 'v':
                        (void) puts("ctr-managerd version " CTR_VERSION);
                        return EXIT_SUCCESS;
                default:
                        return EXIT_FAILURE;
                }
        return serve(idle_seconds * 1000000, &error) < 0 ? fail(&error) : EXIT_SUCCESS;
}
