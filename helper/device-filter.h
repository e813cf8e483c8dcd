/* Whether device rules of a cgroup are looked at by the kernel. */
#pragma once

#include "base/error.h"

/* cgroup_fd: the cgroup's directory, open for reading. 0 when programs of type
 * BPF_PROG_TYPE_CGROUP_DEVICE stand at it, or could (bpf(2)); else -errno with *err. */
int device_filter_check(int cgroup_fd, CtrError *err);
