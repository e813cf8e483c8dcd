/* The one signal that needs PID 1: another than SIGKILL to all processes of a unit. */
#pragma once

#include "base/error.h"

/* KillUnit of org.freedesktop.systemd1(5). */
int kill_unit(const char *unit, int signal_number, CtrError *err);
