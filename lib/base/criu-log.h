/* What criu(8) says went wrong, from its log. No malloc. */
#pragma once

#include "base/macro.h"

#define CRIU_LOG_TAIL_MAX (256U * 1024) /* as much of its end is looked at */

/* The reason in the text of a log, which is cut into lines: the last error that is no consequence
 * of another one. NULL when there is none. */
const char *criu_log_find_error(char *log);

/* The same of the file; buf takes the end of the log, size bytes. Never NULL. */
const char *criu_log_read_error(const char *path, char *buf, size_t size);
