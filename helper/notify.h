/* sd_notify(3) without a library: one datagram to the socket that PID 1 named. */
#pragma once

#include "helper/context.h"

/* One message to the socket at path; passed_fd, unless negative, goes along; pid, unless 0, is the
 * process that it is from (needs CAP_SYS_ADMIN). 0 or -errno. */
int notify_send(const char *path, const char *text, int passed_fd, pid_t pid);

/* PID 1 closes the descriptor of a barrier once it has dealt with everything before it
 * (sd_notify_barrier(3)): then there is an end of file on the descriptor that is returned. A
 * message of its own, because PID 1 drops whatever else stands in one, and complains in the journal
 * about descriptors in any other. Or -errno. */
int notify_send_barrier(const char *path);

/* MAINPID=<the clone>. PID 1 takes no process that has ended already, and when it reads a message
 * is its own affair: the message carries a pipe whose other end, ctx->main_told_fd, is at its end
 * of file once PID 1 has dealt with it. */
int notify_main_process(Context *ctx, CtrError *err);

/* READY=1 and STATUS=status, and the above if that was not said yet; then the reply to the caller
 * on the launch socket. */
int notify_ready(Context *ctx, const char *status, CtrError *err);
