#!/bin/bash
# The whole of pod-limits.sh by D-Bus, with the service killed before every call and replaced once.
# needs: qemu
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/pod-bus.inc"
. "$(dirname "$0")/pod-limits.sh"
