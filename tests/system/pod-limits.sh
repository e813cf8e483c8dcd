#!/bin/bash
# needs: qemu
# Limits of pods: on the slice, for all members together, in the kernel's files.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"

ok "run with limits" pod_run l '.VMConfig = { VCPUs: 2, Memory: 64 } |
        .Containers[0].Resources = { CPUQuota: 50000, CPUPeriod: 100000, CPUShares: 512 }'
cg=$(slice_cgroup l)
is "memory.max of the slice is MiB" "$(cat "$cg/memory.max")" $((64 << 20))
is "cpu.max of the slice is processors" "$(cat "$cg/cpu.max")" "200000 100000"
is "systemd knows them" "$(systemctl show -P MemoryMax ctr-l.slice) $(systemctl show -P CPUQuotaPerSecUSec ctr-l.slice)" "$((64 << 20)) 2s"
is "a container's own share" "$(cat "$(cgroup_of l.a)/cpu.max")" "50000 100000"
is "its weight" "$(cat "$(cgroup_of l.a)/cpu.weight")" "$(ctrctl state l.a >/dev/null; property l.a CPUWeight)"
ok "daemon-reload" systemctl daemon-reload
is "stay over it" "$(cat "$cg/memory.max")" $((64 << 20))
ok "pause with limits" ctrctl pod pause l
is "the slice is frozen" "$(awk '/^frozen/ { print $2 }' "$cg/cgroup.events")" 1
ok "resume" ctrctl pod resume l
# Together the members cannot have more than the pod.
before=$(awk '/^oom_kill / { print $2 }' "$cg/memory.events")
exits "a member that wants more than the pod has" 137 ctrctl pod enter l b ctr-probe alloc 100
test_oom() { [ "$(awk '/^oom_kill / { print $2 }' "$cg/memory.events")" -gt "$before" ]; }
ok "is killed" eventually 10 test_oom
ok "delete -f" ctrctl pod delete -f l
ok "nothing is left" pod_nothing_left l
exits "more processors than there can be" 1 pod_run l '.VMConfig.VCPUs = 100000'
like "says which member" "$output" 'VMConfig.VCPUs: Invalid pod resource'
ok "nothing is left" pod_nothing_left l
done_testing
