/* /org/ctrunit1: the manager object, its interface and the tree below it (ObjectManager). */
#include "manager/call.h"

#include "manager/path.h"
#include "manager/sender.h"
#include "manager/verbs-container.h"
#include "manager/verbs-pod.h"
#include "manager/watch.h"

#define ROW(member, signature, names, results, result_names, ...)                                  \
        SD_BUS_METHOD_WITH_NAMES(member, signature, names, results, result_names, call_method,     \
                SD_BUS_VTABLE_UNPRIVILEGED),

/* Signals come only while somebody wants them: then the daemon stays, and listens to systemd. */
static int subscribe(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Daemon *d = userdata;
        Sender *sender;
        int r;

        daemon_touch(d);
        /* Too late for this one: the bus says so when we are gone, and the client asks the next. */
        if (d->is_exiting)
                return 1;
        r = sender_get(d, m, &sender);
        if (r < 0)
                return r;
        if (sender_watch(sender) < 0)
                return sd_bus_error_setf(error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                        "too many watches of one client (%d)", WATCHES_PER_SENDER_MAX);
        r = watch_begin(d);
        if (r < 0) {
                sender_unwatch(sender);
                return r;
        }
        sender->n_subscriptions++;
        return sd_bus_reply_method_return(m, "");
}

static int unsubscribe(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Daemon *d = userdata;
        Sender *sender;
        int r;

        daemon_touch(d);
        r = sender_get(d, m, &sender);
        if (r < 0)
                return r;
        if (sender->n_subscriptions == 0)
                return sd_bus_error_setf(
                        error, "org.ctrunit1.Error.BadState", "this client is not subscribed");
        sender->n_subscriptions--;
        sender_unwatch(sender);
        return sd_bus_reply_method_return(m, "");
}

static int get_version(sd_bus *bus _unused_, const char *path _unused_,
        const char *interface _unused_, const char *property _unused_, sd_bus_message *reply,
        void *userdata _unused_, sd_bus_error *error _unused_)
{
        return sd_bus_message_append(reply, "s", CTR_VERSION);
}

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Version", "s", get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        MANAGER_VERBS(ROW) POD_MANAGER_VERBS(ROW)
                SD_BUS_METHOD("Subscribe", "", "", subscribe, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Unsubscribe", "", "", unsubscribe, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_NAMES("ContainerCreated", "so", N(name) N(container), 0),
        SD_BUS_SIGNAL_WITH_NAMES("ContainerStarted", "su", N(name) N(pid), 0),
        SD_BUS_SIGNAL_WITH_NAMES("Paused", "s", N(name), 0),
        SD_BUS_SIGNAL_WITH_NAMES("Resumed", "s", N(name), 0),
        SD_BUS_SIGNAL_WITH_NAMES("Oom", "st", N(name) N(kills), 0),
        SD_BUS_SIGNAL_WITH_NAMES("Exited", "sssi", N(name) N(result) N(code) N(status), 0),
        SD_BUS_SIGNAL_WITH_NAMES(
                "ProcessExited", "ssssi", N(name) N(token) N(result) N(code) N(status), 0),
        SD_BUS_SIGNAL_WITH_NAMES("Removed", "s", N(name), 0),
        SD_BUS_SIGNAL_WITH_NAMES("PodCreated", "so", N(name) N(pod), 0),
        SD_BUS_SIGNAL_WITH_NAMES("PodStarted", "s", N(name), 0),
        SD_BUS_SIGNAL_WITH_NAMES("PodPaused", "s", N(name), 0),
        SD_BUS_SIGNAL_WITH_NAMES("PodResumed", "s", N(name), 0),
        SD_BUS_SIGNAL_WITH_NAMES("PodStopped", "s", N(name), 0),
        SD_BUS_SIGNAL_WITH_NAMES("PodRemoved", "s", N(name), 0),
        SD_BUS_SIGNAL_WITH_NAMES("PodContainerAdded", "sso", N(pod) N(name) N(container), 0),
        SD_BUS_SIGNAL_WITH_NAMES("PodContainerRemoved", "ss", N(pod) N(name), 0),
        SD_BUS_SIGNAL_WITH_NAMES("Progress", "stt", N(token) N(done) N(total), 0),
        SD_BUS_VTABLE_END,
};

int manager_object_add(Daemon *d)
{
        int r;

        r = sd_bus_add_object_vtable(d->bus, NULL, PATH_ROOT, INTERFACE_MANAGER, manager_vtable, d);
        return r < 0 ? r : sd_bus_add_object_manager(d->bus, NULL, PATH_ROOT);
}
