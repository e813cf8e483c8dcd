/* sd_notify(3) without a library: one datagram to the socket that PID 1 named. */
#pragma once

#include "helper/context.h"

/* MAINPID=<the clone> READY=1 and STATUS=status, then the reply to the caller on the launch socket.
 */
int notify_ready(Context *ctx, const char *status, CtrError *err);
