/* Containers as people and engines read them: state JSON, and the table of `list`. */
#pragma once

#include "runtime/runtime.h"

/* The state of the runtime specification with rootfs, created, owner, unit and invocation id.
 * is_compact: on one line. */
void info_print_json(const ContainerInfo *info, bool is_compact, FILE *f);

/* Columns ID PID STATUS BUNDLE CREATED OWNER, each at least 12 wide and 3 apart. */
void info_print_table(const ContainerInfo *infos, size_t n, FILE *f);

/* "2026-01-02T03:04:05.000006Z", without needless zeros. Returns buf. */
const char *info_format_time(uint64_t usec, char buf[static 40]);
