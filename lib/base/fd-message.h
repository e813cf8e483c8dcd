/* Messages over Unix sockets with descriptors beside them (unix(7), SCM_RIGHTS). No malloc. */
#pragma once

#include "base/macro.h"

#include <sys/types.h>

#define CTR_MESSAGE_FDS_MAX 253U /* the kernel's SCM_MAX_FD */

/* sendmsg(2) of these bytes with these descriptors (n may be 0), without SIGPIPE, over EINTR.
 * Returns the bytes sent or -errno. */
ssize_t ctr_message_send(
        int socket_fd, const void *data, size_t size, const int *fds, size_t n_fds);

/* recvmsg(2) with these flags, over EINTR. Descriptors that came along are close-on-exec: up to
 * max_fds are in fds, their number is in *ret_n_fds, others are closed. Returns the bytes received,
 * 0 at the end of the stream, or -errno: -EBADMSG when descriptors were lost (none is kept). */
ssize_t ctr_message_receive(int socket_fd, void *buf, size_t size, int flags, int *fds,
        size_t max_fds, size_t *ret_n_fds);
