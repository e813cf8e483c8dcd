#!/bin/bash
# Reboot and power cut with configured containers: a host with a disk of its own is booted three times. After each
# boot those that are enabled run again, the others are gone without a trace, and the answers are true.
# Run on the build machine; boots hosts.
#
#   tests/robust/power.sh BUILD-DIR [nspawn|qemu]      (default: nspawn)
set -u

source_dir=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
kind=${2:-nspawn}
disk=$(mktemp -u "${TMPDIR:-/var/tmp}/ctrunit-power.XXXXXX")
log=$(mktemp)
trap 'rm -rf "$disk" "$log"' EXIT

boot() { # STEP
        exec "$source_dir/tools/testhost" "--$kind" --timeout 600 --build "$build" --disk "$disk" -- \
                bash -c ". /src/tests/system/lib.sh; . /src/tests/robust/power-steps.sh; $1" power
}

# Down by itself, in good order.
(boot step_configure) 2>&1 | tee -a "$log"
grep -q '^# before: .* 0 failed' "$log" || echo "not ok 0 - power: the first boot" | tee -a "$log"

# Killed from outside, in the middle of everything: nobody in it is told.
boot step_after_reboot >>"$log.cut" 2>&1 &
host=$!
for _ in {1..3000}; do
        grep -q '^# cut' "$log.cut" && break
        kill -0 "$host" 2>/dev/null || break
        sleep 0.2
done
kill -KILL "$host"
wait "$host" 2>/dev/null
cat "$log.cut"
cat "$log.cut" >>"$log"
rm -f "$log.cut"
grep -q '^# after a reboot: .* 0 failed' "$log" || echo "not ok 0 - power: the second boot" | tee -a "$log"

(boot step_after_cut) 2>&1 | tee -a "$log"
[ "${PIPESTATUS[0]}" = 0 ] || echo "not ok 0 - power: the third boot" | tee -a "$log"
! grep -q '^not ok' "$log"
