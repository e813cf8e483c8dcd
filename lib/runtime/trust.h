/* Whether a path is in nobody's hands but root's: what another user could exchange while it is read
 * must not decide what runs as root. */
#pragma once

#include "base/error.h"

/* Opens a directory by an absolute path in which no part is a symbolic link, and every part belongs
 * to root and can be written by nobody else. Returns a descriptor, or CTR_ERROR_CONFIG_INVALID with
 * the part that is wrong. */
int trust_open_directory(const char *path, CtrError *err);
