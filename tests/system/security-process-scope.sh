#!/bin/bash
# What a payload has and has not, of containers of engines: security-process.sh, shorter where there is no difference.
export CTRUNIT_MODE=scope
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/security-process.sh"
