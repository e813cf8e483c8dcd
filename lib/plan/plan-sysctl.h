/* Kernel settings that belong to a namespace, sysctl(8): which keys a container may set. */
#pragma once

#include "base/error.h"

#define SYSCTL_PATH_MAX 256

/* "net.ipv4.ip_forward" or "net/ipv4/ip_forward" to the path below /proc/sys; a dot inside of a
 * component is a slash in the dotted form. Returns 0, or -EINVAL for what is no key. */
int sysctl_to_path(const char *key, char path[static SYSCTL_PATH_MAX]);

/* The namespace (CLONE_NEW*) that the setting of this path belongs to; 0 = the whole host's. */
uint64_t sysctl_namespace(const char *path);
