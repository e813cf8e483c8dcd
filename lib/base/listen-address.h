/* Addresses as .socket units write them: "80", "192.0.2.1:80", "[2001:db8::1]:80". No allocation.
 */
#pragma once

#include "base/error.h"

/* What the kernel says to somebody who wants to have this port for himself: 0, or -errno. The
 * socket is closed again. A port alone is that of both families. -EINVAL when it is no such
 * address. */
int listen_address_try(const char *listen, bool is_udp);
