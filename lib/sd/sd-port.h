/* The units of published ports as auxiliary units of StartTransientUnit: PID 1 makes them in the
 * same step as the container, whose start they belong to, and forgets them with it. */
#pragma once

#include "plan/plan.h"
#include "sd/sd-connection.h"

typedef struct SdPorts {
        const PlanContext *ctx; /* id and state_dir */
        const PlanPorts *ports;
} SdPorts;

/* Appends one "(sa(sv))" for each unit. ports NULL: nothing. */
void sd_write_ports(SdWriter *w, const SdPorts *ports);
