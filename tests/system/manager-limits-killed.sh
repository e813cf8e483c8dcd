#!/bin/bash
# The whole of manager-limits.sh with the service killed before every third call (CTRUNIT_LONG=1: before each), and
# replaced once.
export CTR_MANAGER_KILL=1
[ -n "${CTRUNIT_LONG:-}" ] || export CTR_MANAGER_EVERY=3
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/manager-limits.sh"
