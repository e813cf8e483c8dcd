#!/bin/bash
# Text that becomes names, of containers of engines: security-names.sh, shorter where there is no difference.
export CTRUNIT_MODE=scope
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/security-names.sh"
