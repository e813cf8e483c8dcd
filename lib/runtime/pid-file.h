/* The file in which a caller wants a pid. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/* "PID", without a newline, whole or not at all. path NULL: nothing. */
int pid_file_write(const char *path, pid_t pid, CtrError *err);
