#!/bin/bash
# Annotations that change the unit, by an allow-list, and those that are refused.
. "$(dirname "$0")/lib.sh"

# sets ANNOTATION VALUE PROPERTY EXPECTED: what systemd shows.
sets() {
        ok "$1=$2: starts" ctrctl run -d --bundle "$(bundle ann "$(jq -nr --arg k "$1" --arg v "$2" '".annotations={\($k|tojson):\($v|tojson)}"')")" ann
        is "$1=$2: $3" "$(property ann "$3")" "$4"
        is "$1=$2: is in the state" "$(ctrctl state ann | jq -r --arg k "$1" '.annotations[$k]')" "$2"
        ok "$1=$2: delete" ctrctl delete -f ann
}
sets org.systemd.property.TimeoutStopUSec "uint64 7000000" TimeoutStopUSec 7s
sets org.systemd.property.TimeoutStopSec "uint64 7" TimeoutStopUSec 7s
sets org.systemd.property.TasksMax "uint64 55" TasksMax 55
sets org.systemd.property.Description "'a text'" Description "a text"
sets org.systemd.property.CollectMode "'inactive-or-failed'" CollectMode inactive-or-failed
sets org.systemd.property.Slice "'ctr-ann.slice'" Slice ctr-ann.slice
sets org.systemd.property.CPUWeight "uint64 200" CPUWeight 200
sets org.opencontainers.image.stopSignal SIGQUIT KillSignal 3
sets org.opencontainers.image.stopSignal RTMIN+3 KillSignal 37
sets org.example.mine anything KillSignal 15

# refused ANNOTATION VALUE PATTERN
refused() {
        exits "$1=$2 is refused" 1 ctrctl create --bundle "$(bundle annr "$(jq -nr --arg k "$1" --arg v "$2" '".annotations={\($k|tojson):\($v|tojson)}"')")" annr
        like "$1=$2: names it" "$output" "$(printf '%s' "$1" | sed 's/\./\\./g')"
        like "$1=$2: says why" "$output" "$3"
        ok "$1=$2: nothing is left" nothing_left annr
}
for name in ExecStart ExecStopPost User Conflicts PIDs Delegate Type MainPID AmbientCapabilities; do
        refused "org.systemd.property.$name" "'x'" "cannot be set by an annotation"
done
refused org.systemd.property.Slice "'system.slice'" "not allowed"
refused org.systemd.property.TasksMax "many" "not a number"
refused org.opencontainers.image.stopSignal SIGNOPE "not a signal"
refused run.oci.systemd.force_cgroup_v1 /x "only cgroup v2"
refused run.oci.systemd.subgroup x "is not supported"
refused run.oci.delegate-cgroup x "is not supported"
refused run.oci.seccomp.plugins /x.so "not loaded"
refused run.oci.keep_original_groups 1 "additionalGids"
refused run.oci.hooks.stdout /x "journal"
refused run.oci.handler krun "no other handlers"

done_testing
