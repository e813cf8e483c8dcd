/* A method call from its arrival to its answer: counted, read, authorised, done somewhere,
 * answered. The table of verbs says what and where. */
#pragma once

#include "manager/daemon.h"

struct Call {
        Call *next;
        Daemon *daemon;
        Sender *sender; /* NULL once it has left the bus: nobody waits for an answer */
        uid_t uid;      /* the sender's, also when it has left */
        const ManagerVerb *verb;
        const ManagerVerb *job; /* what its unit does: verb, or what comes first */
        sd_bus_message *message;
        char *id;   /* of the object; NULL for the manager */
        char *text; /* arguments as JSON */
        size_t text_size;
        int fds[VERB_FDS_MAX];
        size_t n_fds;
        char token[VERB_TOKEN_SIZE]; /* of its unit */
        sd_bus_slot *slot;           /* of the call under way: polkit's, then PID 1's */
        int socket_fd;               /* to the unit */
        sd_event_source *socket_source;
};

/* Handler of every method in the table of verbs: sd_bus_message_handler_t, userdata is the Daemon.
 */
int call_method(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* The sender may: goes on with the call. */
void call_authorised(Call *call);

/* The end of a call, good or bad. Both free it. */
void call_answer(Call *call, const char *text, size_t size, int *fds, size_t n_fds);
void call_job_answered(Call *call, const char *text, size_t size, int *fds, size_t n_fds);
void call_fail(Call *call, const CtrError *error);
void call_fail_name(Call *call, const char *name, const char *text);

/* Asks polkit. -errno with *err when it could not even be asked. */
int authorise_begin(Call *call, CtrError *err);

/* Starts the unit of call->job and sends it the request; its answer ends the call, or is the
 * beginning of the next job. */
int job_begin(Call *call, CtrError *err);
