#!/bin/bash
# 500 cycles, eight at a time, in both modes, and 60 containers at once: no error, nothing left, PID 1 does not grow.
# Long with CTRUNIT_LONG=1: see doc/robustness.md.
exec python3 "$(dirname "$0")/../robust/soak.py"
