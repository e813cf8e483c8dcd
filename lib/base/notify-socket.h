/* Sockets of sd_notify(3), both ends: a datagram of lines NAME=value, '@' for the abstract
 * namespace. No allocation. */
#pragma once

#include "base/notify-filter.h"

#define NOTIFY_FDS_MAX 253 /* what one message can carry (SCM_MAX_FD of the kernel) */

/* One message to the socket at path; passed_fd, unless negative, goes along; pid, unless 0, is the
 * process that it is from (needs CAP_SYS_ADMIN). 0 or -errno. */
int notify_socket_send(const char *path, const char *text, int passed_fd, pid_t pid);

/* systemd closes the descriptor of a barrier once it has dealt with everything before it
 * (sd_notify_barrier(3)): then there is an end of file on the descriptor that is returned. A
 * message of its own, because PID 1 drops whatever else stands in one, and complains in the journal
 * about descriptors in any other. Or -errno. */
int notify_socket_send_barrier(const char *path);

typedef struct NotifyDatagram {
        char text[NOTIFY_SIZE_MAX + 1];
        size_t size;
        pid_t sender; /* where SO_PASSCRED is set, else 0 */
        int fds[NOTIFY_FDS_MAX];
        unsigned n_fds;
} NotifyDatagram;

/* 1 when there was one, 0 when there is none yet, or -errno. */
int notify_socket_receive(int fd, NotifyDatagram *ret);

/* Closes the descriptors that came along. The sender of a barrier waits for that. */
void notify_datagram_done(NotifyDatagram *datagram);
