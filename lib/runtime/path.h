/* Paths as the caller gave them. */
#pragma once

#include <dirent.h>
#include <stdbool.h>

/* Absolute form of a path (the working directory is put before a relative one). NULL: out of memory
 * or no working directory. */
char *path_make_absolute(const char *path);

/* Whether readdir(3) leaves it open that this is a directory: a file system need not say. */
bool path_may_be_directory(const struct dirent *entry);
