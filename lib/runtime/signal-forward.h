/* Signals that an attached caller gets and its payload should have. */
#pragma once

#include "base/error.h"

#include <signal.h>

typedef struct SignalForward {
        int fd;      /* signalfd(2) */
        int stop_fd; /* the same, of those alone that give up a start */
        sigset_t saved_mask;
} SignalForward;

#define SIGNAL_FORWARD_NULL                                                                        \
        (SignalForward)                                                                            \
        {                                                                                          \
                .fd = -EBADF, .stop_fd = -EBADF                                                    \
        }

/* Blocks the signals and opens a descriptor that delivers them. */
int signal_forward_begin(SignalForward *s, CtrError *err);
void signal_forward_done(SignalForward *s);

/* One signal from the descriptor: its number, 0 when there is none (any more). */
int signal_forward_take(const SignalForward *s);
int signal_forward_take_stop(const SignalForward *s);

/* Waits for the end of a process (pidfd), sending it every signal that comes in. */
int signal_forward_until_exit(const SignalForward *s, int pidfd, CtrError *err);
