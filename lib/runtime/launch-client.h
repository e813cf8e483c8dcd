/* The callers' side of the sockets of plan/launch.h: the launch socket that a unit gets as its
 * standard input, and the gate of a created container. */
#pragma once

#include "plan/launch.h"

/* Both ends close on exec; the far one is for the unit or for ctr-exec. */
int launch_socket_pair(int *ret_ours, int *ret_theirs, CtrError *err);

/* Descriptors for the payload. None of them is owned. */
typedef struct LaunchFds {
        bool has_stdio;   /* give ours: 0, 1 and 2, or those: */
        const int *stdio; /* three; NULL = ours */
        int kept[LAUNCH_FDS_MAX];
        size_t n_kept;
        size_t n_listen;
        const char *listen_names; /* LISTEN_FDNAMES for those; NULL = none. Not owned */
        unsigned console_rows, console_columns;
        int console; /* connected socket that gets the terminal; negative = none */
} LaunchFds;

#define LAUNCH_FDS_NONE                                                                            \
        (LaunchFds)                                                                                \
        {                                                                                          \
                .console = -EBADF                                                                  \
        }

/* Sends the request with them. */
int launch_send_request(int fd, const LaunchFds *fds, CtrError *err);

/* Says that the clone is in its cgroup. */
int launch_send_placed(int fd, CtrError *err);

/* Waits for one reply. Returns 1, or 0 at the end of file. *ret_pidfd is -EBADF when none came
 * along. */
int launch_receive(int fd, LaunchReply *ret, int *ret_pidfd, CtrError *err);

/* The error that a FAILED reply tells, with the exit status that callers of a container runtime
 * expect: 127 for a program that was not found, 126 for one that cannot be executed, else 1. */
int launch_reply_error(const LaunchReply *reply, CtrError *err);
