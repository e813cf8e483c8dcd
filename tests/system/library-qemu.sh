#!/bin/bash
# needs: qemu
# What of libctrunit wants the memory controller: one event for each process that the kernel kills, and pressure.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/library.inc"

ok "there is a memory controller" test -e /sys/fs/cgroup/system.slice/memory.max
library_tests notifier
done_testing
