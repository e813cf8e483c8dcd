#!/bin/bash
# An orchestrator in C: pods of containers made, started, limited, paused, ended and removed, known by signals alone.
# 100 containers in 10 pods; in QEMU, where one is killed for want of memory, two in one (CTRUNIT_LONG=1: 100, too).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"
. "$(dirname "$0")/manager-lib.sh"

size=(10 10)
[ "${CTRUNIT_TESTHOST:-}" != qemu ] || [ -n "${CTRUNIT_LONG:-}" ] || size=(1 2)
# Only where there is a memory controller.
oom=()
[ ! -e /sys/fs/cgroup/system.slice/memory.max ] || oom=(oom)
timeout 1000 "$test_build/tests/client/pods-client" "$test_dir/rootfs" "${size[@]}" "${oom[@]}" >"$test_dir/tap" 2>&1
rc=$?
grep '^#' "$test_dir/tap"
ok "$((size[0] * size[1])) containers in ${size[0]} pods, by signals only" test $rc = 0 || grep -B2 '^not ok' "$test_dir/tap" | sed 's/^/#   /'
ok "each step of it" test "$(grep -c '^ok' "$test_dir/tap")" -ge 25
ok "nothing is left of a pod" pod_nothing_left fleet0
ok "nothing is left of its containers" test -z "$(ctrctl list -q)"
ok "no job is left" eventually 10 no_jobs
done_testing
