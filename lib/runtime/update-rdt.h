/* New lines for the class of service that a container is in (resctrl of the kernel; "IntelRdt" of
 * config-linux.md). */
#pragma once

#include "base/error.h"

/* Writes the lines to ROOT/CLASS/schemata. Either may be NULL; lines of l3_cache_schema that
 * memory_bandwidth_schema replaces are left out. The kernel has the last word on values. */
int rdt_write_schemata(const char *root, const char *class, const char *l3_cache_schema,
        const char *memory_bandwidth_schema, CtrError *err);
