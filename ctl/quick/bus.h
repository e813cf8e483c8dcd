/* One call of PID 1's manager object on the system bus, without a library: what the D-Bus
 * specification asks of a client that sends strings and a number, and wants to know whether that
 * went well. All other use of the bus is lib/sd's. */
#pragma once

#include "base/macro.h"

typedef struct BusCall {
        const char *method;    /* of org.freedesktop.systemd1.Manager */
        const char *signature; /* "s", "ss" or "ssi" */
        const char *strings[2];
        uint32_t number;
} BusCall;

typedef enum BusResult {
        BUS_DONE,
        BUS_REFUSED,     /* an error was answered, or something that is not understood */
        BUS_UNREACHABLE, /* nothing was sent */
        BUS_LOST,        /* the connection or PID 1 went away: whether it was done is not known */
} BusResult;

/* Connects, authenticates, calls and waits for the answer, at most 25 s. The call goes out together
 * with the greeting, in one write. */
BusResult bus_call(const BusCall *call);
