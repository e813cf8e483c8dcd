/* Controllers that systemd does not know (hugetlb, rdma, misc): their files appear in a cgroup once
 * every cgroup above it hands the controller down. No allocation. */
#pragma once

#include "base/error.h"

/* Hands down the controller that a file ("hugetlb.2MB.max") belongs to, from root_fd (the root of
 * the cgroup2 file system, or where this host's part of it begins) along path ("a/b/c", whose last
 * part is the cgroup that shall have the files). systemd leaves it as it is, over reload and
 * re-execution too. 0 or -errno: -EOPNOTSUPP when it is a controller that systemd looks after or
 * none at all, -ENOENT when this host has no such controller. */
int ctr_cgroup_enable_controller(int root_fd, const char *path, const char *file);

/* What to look at after writing a file of a cgroup failed, in parentheses with a blank before; "" =
 * nothing special. */
const char *ctr_cgroup_hint(const char *file, int r);
