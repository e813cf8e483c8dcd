#!/bin/bash
# Reboot and power cut with configured containers: a machine with a disk of its own is booted three times. After each
# boot those that are enabled run again, the others are gone without a trace, and the answers are true.
# Run on the build machine; boots QEMU.
#
#   tests/robust/power.sh BUILD-DIR
set -u

source_dir=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
disk=$(mktemp -u "${TMPDIR:-/var/tmp}/ctrunit-power.XXXXXX")
trap 'rm -f "$disk"' EXIT

boot() { # COMMAND
        "$source_dir/tools/testhost" --qemu --timeout 400 --build "$build" --disk "$disk" -- \
                bash -c ". /src/tests/system/lib.sh; . /src/tests/robust/power-steps.sh; $1" power
}

# The first boot ends in a clean reboot, the second in a power cut; only the third ends by itself.
boot step_configure
boot step_after_reboot
boot step_after_cut
