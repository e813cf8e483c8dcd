/* What a caller hands down to its container besides arguments: open descriptors, and sockets that
 * somebody listens at. */
#pragma once

#include "runtime/launch-client.h"

/* Finds the descriptors 3, 4, ... that the payload shall have: listening sockets of
 * sd_listen_fds(3) when they are meant for this process, then n_preserve more. To be called before
 * anything else is opened. They become close-on-exec. A closed one among them is an error. */
int caller_fds_collect(unsigned n_preserve, bool wants_listen, LaunchFds *ret, CtrError *err);

/* Closes our own copies and the console socket, when the payload has them. */
void caller_fds_done(LaunchFds *fds);

/* A stream connection to the socket at this path (--console-socket, --pidfd-socket). A descriptor
 * or -errno. */
int caller_connect(const char *path, CtrError *err);

/* Sends one descriptor to the socket at this path. NULL: nothing. */
int caller_send_fd(const char *path, int fd, CtrError *err);
