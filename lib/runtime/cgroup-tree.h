/* Making and removing cgroups without systemd: for engines that ask for the cgroupfs manager. Paths
 * are absolute directories below CGROUP_ROOT. */
#pragma once

#include "runtime/cgroup.h"
#include "spec/spec.h"

/* Makes the directory and those above it, and hands down the controllers where their parents allow
 * it. An existing one that has processes is an error. */
int cgroup_make(const char *path, CtrError *err);

/* Moves a process. */
int cgroup_attach(const char *path, pid_t pid, CtrError *err);

/* Removes the directory and those below it, which must have no processes. is_killed: kills them
 * first. Missing is success. */
int cgroup_remove(const char *path, bool is_killed, CtrError *err);

/* cgroup.freeze, and waiting until every process is frozen or runs again. */
int cgroup_freeze(const char *path, bool is_frozen, CtrError *err);

/* Writes values to files of a cgroup, in their order; hands a controller down first that systemd
 * does not know (hugetlb, rdma, misc). A file that is missing is an error, except where it would
 * say what is so without it. */
int cgroup_write_files(const char *path, const SpecKeyValues *files, CtrError *err);
