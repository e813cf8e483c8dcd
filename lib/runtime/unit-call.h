/* The three calls of PID 1 that verbs on a running container make, each on a connection of its own
 * (org.freedesktop.systemd1(5): KillUnit, FreezeUnit, ThawUnit). */
#pragma once

#include "base/error.h"

/* A signal to all processes of a unit. */
int unit_call_kill(const char *unit, int signal_number, CtrError *err);

/* Freezes or thaws a unit; returns once it is. */
int unit_call_freeze(const char *unit, bool is_frozen, CtrError *err);
