/* Paths as the caller gave them. */
#pragma once

/* Absolute form of a path (the working directory is put before a relative one). NULL: out of memory
 * or no working directory. */
char *path_make_absolute(const char *path);
