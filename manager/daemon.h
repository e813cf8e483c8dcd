/* ctr-managerd: what its files share. The daemon keeps nothing that it could not read again: what
 * is here are calls under way and who made them. */
#pragma once

#include "manager/verb.h"
#include "runtime/pod.h"
#include "runtime/record.h"

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#define BUS_NAME            "org.ctrunit1"
#define INTERFACE_MANAGER   "org.ctrunit1.Manager"
#define INTERFACE_CONTAINER "org.ctrunit1.Container"
#define INTERFACE_POD       "org.ctrunit1.Pod"

/* What every object has beside its own. */
#define OBJECT_INTERFACES                                                                          \
        "org.freedesktop.DBus.Peer", "org.freedesktop.DBus.Introspectable",                        \
                "org.freedesktop.DBus.Properties"

#define CALLS_PER_SENDER_MAX   16
#define CALLS_PER_USER_MAX     32 /* of all senders of one user but root */
#define CALLS_OF_USERS_MAX     96 /* of all but root's: dbus-daemon lets us wait for 128 answers */
#define CALLS_MAX              256
#define WATCHES_PER_SENDER_MAX 64
#define CALL_BYTES_MAX         (1024 * 1024)

typedef struct Call Call;
typedef struct Sender Sender;
typedef struct Watch Watch;
typedef struct Wait Wait;

/* What a message to a container's object found: valid until the next message looks. */
typedef struct ContainerObject {
        struct Daemon *daemon;
        ContainerInfo info;
        ExitRecord exit; /* result "" while there is none */
} ContainerObject;

typedef struct PodObject {
        struct Daemon *daemon;
        PodStatus status;
} PodObject;

typedef struct Daemon {
        sd_bus *bus;
        sd_event *event;
        Runtime runtime;
        Call *calls; /* list */
        size_t n_calls;
        Sender *senders; /* list */
        size_t n_watches;
        Wait *waits; /* list */
        ContainerObject found;
        PodObject found_pod;
        Watch *watch; /* NULL until somebody wants signals */
        uint64_t idle_usec;
        sd_event_source *idle_timer;
        sd_bus_slot *release_slot;
        bool is_exiting;      /* the name is given back, or about to be */
        bool is_introspected; /* objects that do not exist are found: only the interfaces count */
} Daemon;

/* Something happened: the idle time starts again. */
void daemon_touch(Daemon *d);

/* ---- the objects ---- */

int manager_object_add(Daemon *d);
int container_object_add(Daemon *d);
int pod_object_add(Daemon *d);
