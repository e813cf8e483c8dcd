#!/bin/bash
# The life of containers, verb by verb, with a ctrctl that was built without networking.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/no-network.inc"
. "$(dirname "$0")/lifecycle.sh"
