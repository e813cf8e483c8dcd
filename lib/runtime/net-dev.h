/* Counters of network interfaces, as a process sees them: /proc/PID/net/dev, proc(5). */
#pragma once

#include "base/error.h"

#include <sys/types.h>

typedef enum NetDevCounter {
        NET_DEV_RX_BYTES,
        NET_DEV_RX_PACKETS,
        NET_DEV_RX_ERRORS,
        NET_DEV_RX_DROPPED,
        NET_DEV_TX_BYTES,
        NET_DEV_TX_PACKETS,
        NET_DEV_TX_ERRORS,
        NET_DEV_TX_DROPPED,
        _NET_DEV_MAX,
} NetDevCounter;

typedef struct NetDev {
        char name[32];
        uint64_t values[_NET_DEV_MAX];
} NetDev;

/* All interfaces of the process's network namespace, allocated. A process that is gone has none. */
int net_dev_read(pid_t pid, NetDev **ret, size_t *ret_n);

/* One line of the file; for tests. */
bool net_dev_parse(const char *line, NetDev *ret);
