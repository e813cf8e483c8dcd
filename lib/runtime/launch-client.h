/* The callers' side of the sockets of plan/launch.h: the launch socket that a unit gets as its
 * standard input, and the gate of a created container. */
#pragma once

#include "plan/launch.h"

/* Both ends close on exec; the far one is for the unit or for ctr-exec. */
int launch_socket_pair(int *ret_ours, int *ret_theirs, CtrError *err);

/* Sends the request: what becomes the payload's 0, 1 and 2 (has_stdio), and its 3 to 2 +
 * n_preserved, are this process's own descriptors of the same numbers. */
int launch_send_request(int fd, bool has_stdio, unsigned n_preserved, CtrError *err);

/* Are the caller's descriptors 3 to 2 + n open? Called before any of ours can have taken such a
 * number. */
int launch_check_preserved(unsigned n, CtrError *err);

/* Waits for one reply. Returns 1, or 0 at the end of file. *ret_pidfd is -EBADF when none came
 * along. */
int launch_receive(int fd, LaunchReply *ret, int *ret_pidfd, CtrError *err);

/* The error that a FAILED reply tells, with the exit status that callers of a container runtime
 * expect: 127 for a program that was not found, 126 for one that cannot be executed, else 1. */
int launch_reply_error(const LaunchReply *reply, CtrError *err);
