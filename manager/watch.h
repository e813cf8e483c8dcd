/* The life of containers as signals: what systemd tells about units, and the kernel about the state
 * directory and the memory of containers, becomes ContainerCreated, ..., Removed. Only while
 * somebody wants it, and nothing is asked at an interval. */
#pragma once

#include "manager/daemon.h"

#include "runtime/record.h"

/* Starts it unless it runs already: once it returns, what happens is signalled. */
int watch_begin(Daemon *d);
void watch_done(Daemon *d);

/* The end that was told of a container which has not run since. */
bool watch_told_end(const Daemon *d, const char *id, ExitRecord *ret);
