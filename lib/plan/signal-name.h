/* Signal names and numbers, signal(7): one table for KillSignal=, stop signals of images and
 * `kill`. */
#pragma once

#include "base/error.h"

#define SIGNAL_NAME_MAX 24 /* buffer for a name */

/* "SIGTERM", "term", "15", "SIGRTMIN+3", "RTMAX-1" -> number 1..64, or -EINVAL. No blanks, no
 * sign. */
int signal_from_name(const char *name);

/* 15 -> "SIGTERM", 37 -> "SIGRTMIN+3"; other numbers as digits. Returns buf. */
const char *signal_to_name(int signo, char buf[static SIGNAL_NAME_MAX]);
