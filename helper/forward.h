/* Published ports, the part in the container's network: `ctr-exec await-port STATE PROTOCOL PORT`
 * and `ctr-exec udp PORT SECONDS`, both started by ctr-fwd@NAME-PORT.service; `ctr-exec check-udp
 * LISTEN` by its socket. */
#pragma once

#include "base/error.h"

/* Lets a container run that waits at its gate, and returns once somebody listens on the port in the
 * network namespace of the caller, or after ten seconds. protocol is "tcp" or "udp". 0, or -errno
 * with *err: the container did not start. */
int await_port(const char *state_dir, const char *protocol, const char *port, CtrError *err);

/* Whether nobody has the port of udp yet: "53", "ADDRESS:53". 0, or -errno with *err. */
int udp_check(const char *listen, CtrError *err);

/* Carries datagrams between the socket that PID 1 passed (descriptor 3) and the port of 127.0.0.1,
 * in both directions, and returns once there were none for idle_sec seconds. 0, or -errno with
 * *err. */
int udp_relay(const char *port, const char *idle_sec, CtrError *err);
