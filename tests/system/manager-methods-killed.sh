#!/bin/bash
# The whole of manager-methods.sh with the service killed before every fourth call (CTRUNIT_LONG=1: before each), and
# replaced once.
export CTR_MANAGER_KILL=1
[ -n "${CTRUNIT_LONG:-}" ] || export CTR_MANAGER_EVERY=4
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/manager-methods.sh"
