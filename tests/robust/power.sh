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
log=$(mktemp)
trap 'rm -f "$disk" "$log"' EXIT

# boot STEP: exit code 125 when the machine goes down before the command ends, as it is meant to here but at last.
boot() {
        "$source_dir/tools/testhost" --qemu --timeout 600 --build "$build" --disk "$disk" -- \
                bash -c ". /src/tests/system/lib.sh; . /src/tests/robust/power-steps.sh; $1" power 2>&1 | tee -a "$log"
        return "${PIPESTATUS[0]}"
}

boot step_configure
[ $? = 125 ] || echo "not ok 0 - power: the machine did not reboot"
boot step_after_reboot
[ $? = 125 ] || echo "not ok 0 - power: the machine was not cut off"
boot step_after_cut || echo "not ok 0 - power: exit code $? after the power cut"
! grep -q '^not ok' "$log" && [ "$(grep -c '^# .* 0 failed$' "$log")" = 2 ]
