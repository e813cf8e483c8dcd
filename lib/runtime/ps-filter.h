/* The output of ps(1), reduced to the processes of a container. */
#pragma once

#include "base/error.h"

#include <stdio.h>
#include <sys/types.h>

/* Copies the header and the lines whose PID column is among pids (ascending). -EBADMSG: the header
 * has no PID. */
int ps_filter(FILE *in, const pid_t *pids, size_t n, FILE *out);
