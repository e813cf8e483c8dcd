/* Published ports of a container that ctrctl makes: asked for, explained, and taken down. */
#pragma once

#include "runtime/bundle.h"
#include "sd/sd-port.h"

/* Adds what the caller wants to publish to the annotation of the bundle's configuration. "exposed"
 * is all that its image exposes, at the same numbers. */
int ports_request(Bundle *bundle, char *const *publish, size_t n, CtrError *err);

/* After a start that came to nothing: says which port is to blame, if one is. Else *err stays. */
void ports_explain(SdConnection *bus, const char *id, const PlanPorts *ports, CtrError *err);

/* Stops the sockets and forwarders and returns when their names and ports are free. */
void ports_remove(SdConnection *bus, const char *id, const PlanPorts *ports);
