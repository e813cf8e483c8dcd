/* Units for the published ports of a configured container. */
#pragma once

#include "generator/unit.h"

/* Adds a socket and a service for each port. 0, or -errno with *err. */
int ports_add_units(const Spec *spec, const PlanContext *ctx, Unit *unit, CtrError *err);
