/* sd_notify(3) without a library: one datagram to the socket that PID 1 named. */
#pragma once

#include "helper/context.h"

/* MAINPID=<the clone>. PID 1 takes no process that has ended already, and when it reads a message
 * is its own affair: the message carries a pipe whose other end, ctx->main_told_fd, is at its end
 * of file once PID 1 has dealt with it. */
int notify_main_process(Context *ctx, CtrError *err);

/* READY=1 and STATUS=status, and the above if that was not said yet; then the reply to the caller
 * on the launch socket. */
int notify_ready(Context *ctx, const char *status, CtrError *err);
