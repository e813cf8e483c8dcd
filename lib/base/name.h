/* Names: container ids, unit names, slices and the places derived from them. The only file that
 * knows how they are spelled; CLI, generator, plan and daemon all come here. No allocation, no
 * system call. */
#pragma once

#include "base/error.h"

#define CTR_ID_MAX        200 /* bytes in a container id */
#define CTR_UNIT_NAME_MAX 256 /* buffer for a unit name: systemd allows 255 bytes */

/* A container id: [A-Za-z0-9_+][A-Za-z0-9_+.-]*, 1 to 200 bytes, and its unit name within systemd's
 * limit. */
bool ctr_id_is_valid(const char *id);

/* The same with the error text that runc's callers look for ("invalid container ID format"). */
int ctr_id_check(const char *id, CtrError *err);

/* "web" -> "ctr@web.service". The instance is the id verbatim, only '+' becomes "\x2b", as
 * systemctl itself does with a typed name. Returns buf; "" when id is not valid. */
const char *ctr_id_to_unit(const char *id, char buf[static CTR_UNIT_NAME_MAX]);

/* "ctr@web.service" -> "web". Returns 0, or -EINVAL when unit is not one of ours. */
int ctr_unit_to_id(const char *unit, char id[static CTR_ID_MAX + 1]);

/* A slice name: ends in ".slice", no '/', no "..", no empty part between dashes. "-.slice" is the
 * root. */
bool ctr_slice_is_valid(const char *slice);

/* "ctr-a-b.slice" -> "ctr.slice/ctr-a.slice/ctr-a-b.slice"; "-.slice" -> "". -ENOBUFS when too
 * small. */
int ctr_slice_to_cgroup(const char *slice, char *buf, size_t size);

/* A path below a cgroup: "a/b", with or without a slash before it; "/" is the cgroup itself. No
 * empty part, no "." nor "..", no control character, not over 1024 bytes. */
bool ctr_cgroup_path_is_valid(const char *path);
