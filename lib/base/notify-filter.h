/* Which lines of a payload's notifications (sd_notify(3)) may be repeated to PID 1 in its name. PID
 * 1 believes what root says: MAINPID= of a foreign process, descriptors to keep. So only what a
 * payload says about itself gets through. No allocation, no system call. */
#pragma once

#include "base/macro.h"

#include <sys/types.h>

/* The largest datagram that PID 1 reads. */
#define NOTIFY_SIZE_MAX 4096U

typedef struct NotifyMessage {
        char text[NOTIFY_SIZE_MAX + 1]; /* the lines that may pass, each with its newline; may be
                                           empty */
        size_t size;
        bool is_ready;   /* READY=1 is among them */
        bool is_barrier; /* it asks for an answer by the end of the descriptor that came along */
} NotifyMessage;

/* Lines of READY, RELOADING, STOPPING, STATUS, ERRNO, WATCHDOG and EXTEND_TIMEOUT_USEC with values
 * that PID 1 takes; everything else is left out, and all of a datagram that is too large or has a
 * NUL. Control characters of a status become '?'. */
void notify_filter(const char *datagram, size_t size, NotifyMessage *ret);
