/* The unit of a container: started with a launch socket, and taken down again. */
#pragma once

#include "plan/properties.h"
#include "runtime/launch-client.h"
#include "sd/sd-job.h"
#include "sd/sd-unit.h"

typedef struct ServiceStart {
        const char *unit;
        PropertyList *properties; /* the launch socket is added to it */
        const LaunchFds *fds;     /* the payload's */
        const SdPorts *ports;     /* its published ports, NULL = none */
        int abort_fd; /* polled besides: once it is readable, starting is given up (-ECANCELED); < 0
                         = none */
} ServiceStart;

/* StartTransientUnit, and the answer of the container: CREATED or STARTED, with a pidfd. Does not
 * wait for PID 1's job. Every failure comes back as an error, with whatever is left of the unit
 * still there. */
int service_start(SdConnection *bus, const ServiceStart *start, LaunchReply *ret, int *ret_pidfd,
        CtrError *err);

/* Makes a unit inactive and forgets it if it failed; returns when that is done, so that its name is
 * free. killed: who is ended by SIGKILL instead of in the unit's own way. A unit that does not
 * exist is success. */
int service_teardown(SdConnection *bus, const char *unit, SdStopKill killed, CtrError *err);
