/* Units for the published ports of a configured container. */
#pragma once

#include "generator/unit.h"

/* Adds a socket and a service for each port. 0, or -errno with *err. */
int ports_add_units(const Spec *spec, const PlanContext *ctx, Unit *unit, CtrError *err);

/* The units of PublishPort= of a pod, whose unit is unit->name. source: of the .pod file.
 * *ret_requires: the sockets' names, for the pod's unit; "" = none. -errno with *problem. */
int ports_add_pod_units(const Settings *settings, bool has_own_network, const char *state_dir,
        const char *source, Unit *unit, char **ret_requires, Problem *problem);
