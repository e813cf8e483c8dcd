/* Notifications of an engine's container, for the engine's own unit: podman's --sdnotify=container,
 * runc with $NOTIFY_SOCKET. The container sees a directory STATE/notify as /run/notify; in it
 * listens whoever starts the container, until the payload is ready. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/* $NOTIFY_SOCKET of this process; NULL when there is none. */
const char *notify_forward_target(void);

/* Makes the directory in the state directory. 0, or -errno with *err. */
int notify_forward_prepare(int state_fd, CtrError *err);

/* Listens, when the container was made with such a directory and there is somebody to tell.
 * *ret_fd is -EBADF when not. 0, or -errno with *err. */
int notify_forward_begin(int state_fd, int *ret_fd, CtrError *err);

/* Waits for READY=1, or for the end of the payload (pidfd; it ends well without being ready), and
 * repeats what the payload says of itself to the target. After READY=1 follow MAINPID=pid, which is
 * ours to say, and a barrier. fd negative: nothing to do. 0, or -errno with *err. */
int notify_forward_until_ready(int fd, int pidfd, pid_t pid, CtrError *err);

/* For a caller that stays until the payload ends: repeats what has come, without waiting. After the
 * first READY=1 follows MAINPID= with the caller's own pid, as of runc. A target that does not
 * listen any more is nothing that ends a container. */
void notify_forward_pass(int fd, bool *is_ready);
