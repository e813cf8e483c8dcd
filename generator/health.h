/* The units of a container's health checks. */
#pragma once

#include "generator/unit.h"

/* Adds the service, and the timer unless checks are made by hand only. 0, or -errno with *err. */
int health_add_units(const Spec *spec, const PlanContext *ctx, Unit *unit, CtrError *err);
