#!/bin/bash
# The whole of pod-hooks.sh by D-Bus, with the service killed before every call and replaced once.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/pod-bus.inc"
. "$(dirname "$0")/pod-hooks.sh"
