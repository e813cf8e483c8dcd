#!/bin/bash
# needs: qemu
# Out of memory, fork bombs and numbers of processes that come round: what only a host with all controllers can show.
exec env CTRUNIT_DRILLS=qemu python3 "$(dirname "$0")/../robust/faults.py"
