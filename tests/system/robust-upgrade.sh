#!/bin/bash
# The whole package is replaced by the next version while 50 containers run.
# Long with CTRUNIT_LONG=1: see doc/robustness.md.
exec python3 "$(dirname "$0")/../robust/upgrade.py"
