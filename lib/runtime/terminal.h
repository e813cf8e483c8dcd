/* The terminal of a payload, seen from the caller: sent to a console socket, or, for an attached
 * caller, held here and joined with the caller's own terminal. With it goes what else passes
 * between the two while the payload runs. */
#pragma once

#include "runtime/launch-client.h"
#include "runtime/runtime.h"
#include "runtime/signal-forward.h"

#include <termios.h>

typedef struct Terminal {
        int socket_fd; /* where ctr-exec sends it */
        int ptmx_fd;
        int notify_fd; /* of notify_forward_begin(); -EBADF = none */
        bool is_raw;   /* standard input is a terminal in raw mode */
        struct termios saved;
} Terminal;

#define TERMINAL_NULL                                                                              \
        (Terminal)                                                                                 \
        {                                                                                          \
                .socket_fd = -EBADF, .ptmx_fd = -EBADF, .notify_fd = -EBADF                        \
        }

/* Somebody must hold the other side: the console socket's owner, or a caller that stays. */
int terminal_check(bool has_terminal, bool is_detached, const char *console_socket, CtrError *err);

/* Puts the receiver's socket into *fds: a connection to console_socket, or (NULL) one end of a pair
 * whose other end is kept. has_terminal false: nothing. */
int terminal_begin(
        Terminal *t, bool has_terminal, const char *console_socket, LaunchFds *fds, CtrError *err);

/* The terminal that was sent to the other end of this socket: a descriptor, or -errno. */
int terminal_receive(int socket_fd, CtrError *err);

/* Once the payload runs: takes the terminal from the pair. Nothing when there is none. */
int terminal_take(Terminal *t, CtrError *err);

/* Until the process (pidfd) ends: passes bytes both ways, window sizes, signals and notifications;
 * without a terminal only the latter two. Then passes what is still in the terminal. */
int terminal_until_exit(Terminal *t, const SignalForward *signals, int pidfd, CtrError *err);

/* Restores our own terminal, closes all descriptors. */
void terminal_done(Terminal *t);
