#!/bin/bash
# examples/pod.c: a pod of one container from C.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"

exits "the example runs a pod" 0 "$test_build/examples/pod" "$test_dir/rootfs"
state=$output
is "and prints its state" "$(jq -r '.State + " " + .ContainersStatus[0].State' <<<"$state")" "running running"
id=$(jq -r .ID <<<"$state")
is "which ctrctl knows" "$(pod_state "$id")" running
is "with four processors" "$(systemctl show -P CPUQuotaPerSecUSec "ctr-$id.slice")" 4s
is "and 1024 MiB" "$(systemctl show -P MemoryMax "ctr-$id.slice")" $((1 << 30))
ok "delete -f" ctrctl pod delete -f "$id"
ok "nothing is left" pod_nothing_left "$id"
exits "a root file system that is not there" 1 "$test_build/examples/pod" /nowhere
like "is said" "$output" 'could not run the pod: container 1: '
is "no pod is left" "$(ctrctl pod list -q)" ""
done_testing
