#!/bin/bash
# The whole of manager-member.sh with the service killed before every call, and replaced once.
export CTR_MANAGER_KILL=1
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/manager-member.sh"
