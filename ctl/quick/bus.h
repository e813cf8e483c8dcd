/* Calls of PID 1's manager object on the system bus, without a library: what the D-Bus
 * specification asks of a client that sends strings and a number, and wants to know whether that
 * went well. All other use of the bus is lib/sd's. */
#pragma once

#include "base/macro.h"

typedef struct BusCall {
        const char *method;    /* of org.freedesktop.systemd1.Manager */
        const char *signature; /* "s", "ss" or "ssi" */
        const char *strings[2];
        uint32_t number;
        int process_fd; /* a pidfd, whose end ends the wait for the answer; 0: none */
} BusCall;

typedef enum BusResult {
        BUS_DONE,
        BUS_REFUSED,      /* an error was answered, or something that is not understood */
        BUS_UNKNOWN_UNIT, /* that error: there is no such unit */
        BUS_UNREACHABLE,  /* nothing was sent */
        BUS_ENDED,        /* the process of process_fd has */
        BUS_LOST,         /* the connection or PID 1 went away: whether it was done is not known */
} BusResult;

typedef struct Bus Bus;

/* Connects; everything is sent by bus_await(), the greeting and all calls until then in one write.
 * NULL when the bus cannot be reached this way. */
Bus *bus_open(void);
void bus_closep(Bus **bus);

/* A call that follows; nobody wants its answer. */
void bus_add(Bus *bus, const BusCall *call);

/* Sends a call after those that were added, or (NULL) only them, and waits for its answer, at most
 * 25 s: BUS_DONE when there is none to wait for. */
BusResult bus_await(Bus *bus, const BusCall *call);

/* One call by itself. */
BusResult bus_call(const BusCall *call);
