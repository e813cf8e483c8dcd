#!/bin/bash
# SIGKILL at every sixteenth system call of create and delete in both modes: one `delete -f` cleans up whatever is left.
# Long with CTRUNIT_LONG=1: see doc/robustness.md.
exec python3 "$(dirname "$0")/../robust/killpoints.py"
