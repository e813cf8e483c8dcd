/* The kernel's wait for a move between cgroups, begun before PID 1 makes one. */
#pragma once

/* Before a container is made. A process that is put into a cgroup waits, whoever puts it there, for
 * a grace period of RCU (5 to 15 ms), unless one for an earlier move is under way or has just
 * passed: so a thread moves us into the cgroup that we are in, which changes nothing, while the
 * configuration is read. Where that is not allowed, or moves do not wait (mount option
 * favordynmods), nothing is lost. */
void early_move_begin(void);
