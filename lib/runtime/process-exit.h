/* How a process that is not a child of ours ended, from its pidfd. Linux 6.15 keeps that after the
 * parent, here PID 1, has reaped the process; older kernels have no such call. */
#pragma once

#include "base/error.h"

/* Whether this kernel can tell. */
bool process_exit_is_known_here(void);

/* Waits until the process has ended and its parent has reaped it, then tells the exit status as a
 * shell would: its exit code, or 128 + the signal that killed it. Returns 0 or -errno with *err. */
int process_exit_wait(int pidfd, int *ret_status, CtrError *err);
