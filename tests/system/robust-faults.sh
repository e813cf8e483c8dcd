#!/bin/bash
# What the host can do to a container manager: storms of reloads, a bus that dies, full disks, damaged state, races.
# Long with CTRUNIT_LONG=1: see doc/robustness.md.
exec python3 "$(dirname "$0")/../robust/faults.py"
