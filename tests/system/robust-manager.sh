#!/bin/bash
# SIGKILL at every sixtieth system call of the D-Bus service and its workers; nothing is left that `delete -f` does not
# remove. Every call of every verb with CTRUNIT_LONG=1: see doc/robustness.md.
exec python3 "$(dirname "$0")/../robust/killmanager.py"
