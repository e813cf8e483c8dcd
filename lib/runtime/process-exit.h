/* How a process that is not a child of ours ended, from its pidfd. Linux 6.15 keeps that after the
 * parent, here PID 1, has reaped the process; older kernels have no such call. */
#pragma once

#include "base/error.h"

/* Whether this kernel can tell. */
bool process_exit_is_known_here(void);

/* An end, exactly. */
typedef struct ProcessEnd {
        bool is_signal; /* killed by one */
        int number;     /* exit code, or the signal's number */
} ProcessEnd;

/* Waits until the process has ended and its parent has reaped it, then tells how. Returns 0 or
 * -errno with *err. */
int process_exit_wait_end(int pidfd, ProcessEnd *ret, CtrError *err);

/* The same as a shell tells it: the exit code, or 128 + the signal that killed it. */
int process_exit_wait(int pidfd, int *ret_status, CtrError *err);
