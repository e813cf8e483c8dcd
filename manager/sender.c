/* Senders: see sender.h. */
#include "manager/sender.h"

#include "manager/call.h"
#include "manager/wait.h"

#include <string.h>

static void sender_free(Sender *s)
{
        Daemon *d = s->daemon;

        for (Sender **p = &d->senders; *p; p = &(*p)->next)
                if (*p == s) {
                        *p = s->next;
                        break;
                }
        for (Call *c = d->calls; c; c = c->next)
                if (c->sender == s)
                        c->sender = NULL;
        wait_sender_gone(d, s);
        d->n_watches -= s->n_watches;
        sd_bus_track_unref(s->track);
        free(s->name);
        free(s);
}

static int sender_gone(sd_bus_track *track _unused_, void *userdata)
{
        Sender *s = userdata;

        daemon_touch(s->daemon);
        sender_free(s);
        return 0;
}

static int read_uid(sd_bus_message *m, uid_t *ret)
{
        sd_bus_creds *creds = NULL;
        int r;

        r = sd_bus_query_sender_creds(m, SD_BUS_CREDS_EUID, &creds);
        if (r >= 0)
                r = sd_bus_creds_get_euid(creds, ret);
        sd_bus_creds_unref(creds);
        return r;
}

int sender_get(Daemon *d, sd_bus_message *m, Sender **ret)
{
        const char *name = sd_bus_message_get_sender(m);
        Sender *s;
        int r;

        /* Without a bus in between there is one peer, and whoever made the connection trusts it. */
        if (!name)
                name = ":peer";
        for (s = d->senders; s; s = s->next)
                if (strcmp(s->name, name) == 0) {
                        *ret = s;
                        return 0;
                }
        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->daemon = d;
        s->next = d->senders;
        d->senders = s;
        s->name = strdup(name);
        r = s->name ? 0 : -ENOMEM;
        if (r >= 0 && name[0] == ':' && sd_bus_message_get_sender(m)) {
                r = read_uid(m, &s->uid);
                if (r >= 0)
                        r = sd_bus_track_new(d->bus, &s->track, sender_gone, s);
                if (r >= 0)
                        r = sd_bus_track_add_name(s->track, name);
        }
        if (r < 0) {
                sender_free(s);
                return r;
        }
        *ret = s;
        return 0;
}

int sender_watch(Sender *s)
{
        if (s->n_watches >= WATCHES_PER_SENDER_MAX)
                return -EDQUOT;
        s->n_watches++;
        s->daemon->n_watches++;
        return 0;
}

void sender_unwatch(Sender *s)
{
        s->n_watches--;
        s->daemon->n_watches--;
        daemon_touch(s->daemon);
}

void senders_done(Daemon *d)
{
        while (d->senders)
                sender_free(d->senders);
}
