/* The calls of PID 1 that verbs on an existing container make, each on a connection of its own
 * (org.freedesktop.systemd1(5)). The quick programs have others of the same names: they hand over
 * what goes wrong. */
#pragma once

#include "runtime/container.h"
#include "sd/sd-stop.h"

/* KillUnit: a signal to all processes of a unit. */
int unit_call_kill(const char *unit, int signal_number, CtrError *err);

/* FreezeUnit, ThawUnit: return once it is, or when the process of process_fd (a pidfd) has ended:
 * CTR_ERROR_CONTAINER_NOT_RUNNING, as systemd 252 answers no such call of a unit that ends
 * meanwhile. */
int unit_call_freeze(const char *unit, int process_fd, bool is_frozen, CtrError *err);

/* StopUnit of one without processes. Best effort: nobody waits for it. */
void unit_call_stop(const char *unit);

/* Takes down the unit of a container of PLAN_SERVICE, and those of its ports, and returns when the
 * name is free. */
int unit_call_take_down(const Container *c, SdStopKill killed, CtrError *err);
