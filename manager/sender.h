/* Who calls: counted, so that nobody can fill the daemon. A sender is known until it leaves the
 * bus; its user is asked for once, because a connection never changes it. */
#pragma once

#include "manager/daemon.h"

struct Sender {
        Sender *next;
        Daemon *daemon;
        char *name; /* unique name */
        uid_t uid;
        size_t n_calls, n_watches;
        size_t n_subscriptions; /* of n_watches: those of Subscribe() */
        sd_bus_track *track;
};

/* The sender of a message. -ENOMEM, or the bus's error. */
int sender_get(Daemon *d, sd_bus_message *m, Sender **ret);

/* One more watch (a subscription or somebody who waits), and one less. -EDQUOT: too many. */
int sender_watch(Sender *s);
void sender_unwatch(Sender *s);

void senders_done(Daemon *d);
