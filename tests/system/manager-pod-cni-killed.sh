#!/bin/bash
# The whole of pod-cni.sh by D-Bus, with the service killed before every call and replaced once.
# needs: cni
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/pod-bus.inc"
. "$(dirname "$0")/pod-cni.sh"
