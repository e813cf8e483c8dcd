/* Messages of unix sockets that carry descriptors: unix(7), SCM_RIGHTS. No malloc. */
#pragma once

#include "base/macro.h"

#include <sys/socket.h>

#define CTR_MESSAGE_FDS_MAX 253 /* what one message can carry (SCM_MAX_FD of the kernel) */

/* Room for the descriptors of a message that is to be received. */
typedef union CtrMessageFds {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int) * CTR_MESSAGE_FDS_MAX)];
} CtrMessageFds;

/* Sends one message with n descriptors, which stay the caller's. Returns 0 or -errno; -E2BIG: too
 * many. */
int ctr_send_fds(int socket_fd, const void *data, size_t size, const int *fds, size_t n);

/* The descriptors that came with a message, at most max of them; any other is closed. Returns how
 * many. */
size_t ctr_take_fds(struct msghdr *message, int *fds, size_t max);
