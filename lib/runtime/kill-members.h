/* SIGKILL to every process of a service, but not to what PID 1 runs for it in the same cgroup.
 *
 * Where a container has no pid namespace of its own, its processes outlive init, and cgroup.kill
 * would end them all. But init may end by itself at that moment, and then PID 1 has the exit record
 * written and the poststop hooks run, in the same cgroup: that must not be hit. */
#pragma once

#include "runtime/container.h"

/* Init first, then one by one until no new one is found. 0, or -errno with *err. */
int kill_members(const Container *c, const ContainerProcess *process, CtrError *err);
