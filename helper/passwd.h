/* The rootfs's user database. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/* Home directory of uid from a passwd(5) text: the sixth of exactly seven fields of the first line
 * whose third is uid in decimal; an absolute path without control characters. Copied to home. 0, or
 * -ENOENT. */
int passwd_find_home(const char *text, size_t text_size, uid_t uid, char *home, size_t size);
