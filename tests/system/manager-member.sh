#!/bin/bash
# A container of a pod by its own object: the pod's rules hold for it there as well.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"
. "$(dirname "$0")/manager-lib.sh"

path=/org/ctrunit1/pod/m
microseconds() { # RFC 3339
        date -d "$1" +%s%6N
}
# refused WHEN: each of these methods is BadState; lines METHOD|ARGUMENTS|TEXT.
refused() {
        local method arguments text
        while IFS='|' read -r method arguments text; do
                # shellcheck disable=SC2086  # words
                fails "$1: $method" BadState container m.a $method $arguments
                like "$1: $method says why" "$output" "$text"
        done
}

works "a pod" manager CreatePodFromConfig s "$(pod_config m)"
works "a container of none" manager CreateContainer 'ssa{sv}' m0 "$(bundle m0)" 0
is "Pod" "$(get m.a Pod)" "o \"$path\""
is "Pod of a container of none" "$(get m0 Pod)" 'o "/"'
is "Started, at the gate" "$(get m.a Started)" 't 0'

# ---- the pod is ready ----
refused ready <<'CASES'
Start||Pod not running, impossible to start the container
Pause||Pod not running, impossible to pause the container
Resume||Pod not running, impossible to resume the container
Exec|sa{sv} {"args":["/bin/true"],"cwd":"/"} 0|Pod not running, impossible to enter the container
CASES
is "it is as it was" "$(pod_get m State) $(member_state m a)" 's "ready" ready'
before=$(date +%s%6N)
works "Start of the pod" pod m Start
started=$(get m.a Started | cut -d' ' -f2)
ok "Started is when that was" test "$started" -ge $((before - 1000000)) -a "$started" -le "$(date +%s%6N)"
is "and what the status says" "$(microseconds "$(ctrctl pod status m a | jq -r .StartTime)")" "$started"
for key in Id:id Bundle:bundle RootFS:rootfs Unit:unit OCIVersion:ociVersion State:status InvocationID:invocationID; do
        is "${key%:*} is what ctrctl state says" "$(get m.a "${key%:*}" | unquoted)" "$(ctrctl state m.a | jq -r ".${key#*:}")"
done
is "Pid is what ctrctl state says" "$(get m.a Pid)" "u $(ctrctl state m.a | jq .pid)"
is "Created is what ctrctl state says" "$(get m.a Created)" "t $(microseconds "$(ctrctl state m.a | jq -r .created)")"

# ---- it runs ----
refused running <<'CASES'
Start||Container not ready or stopped, impossible to start
Delete|b false|Container not ready or stopped, impossible to delete
Resume||Container not paused, impossible to resume
CASES
works "ListProcessesTable" pod m ListProcessesTable sas a 0
like "has a column PID" "$output" '^s "UID +PID .*/bin/ctr-probe sleep 1000'
works "ListProcessesTable with arguments" pod m ListProcessesTable sas a 2 -o pid,comm
like "has those columns" "$output" 'PID COMMAND'
pod_fails "ListProcessesTable of nothing" ContainerNotExists m ListProcessesTable sas zz 0
pod_fails "GetContainer without a name" NeedContainerID m GetContainer s ''
works "Pause" container m.a Pause
is "it alone is paused" "$(pod_get m State) $(member_state m a) $(member_state m b)" 's "running" paused running'
fails "Exec in it" BadState container m.a Exec 'sa{sv}' '' 1 args as 1 /bin/true
pod_fails "a signal to it" BadState m KillContainer sib a 9 true
works "Resume" container m.a Resume
works "Kill" container m.a Kill ib 9 true
ok "ends it" eventually 5 test_member_state m a stopped
fails "Kill of a stopped one" BadState container m.a Kill ib 9 true
works "Start makes it again" container m.a Start
is "it runs" "$(member_state m a)" running
works "Stop" container m.a Stop
is "it is stopped" "$(member_state m a)" stopped
works "Delete" container m.a Delete b false
is "the pod has it no more" "$(pod_get m Containers | grep -c '"a"')" 0
is "nor its configuration" "$(jq -c '[.Containers[].ID]' $pods_config/m/config.json)" '["b"]'
ok "nothing of it is left" nothing_left m.a

# ---- the pod is paused ----
works "Pause of the pod" pod m Pause
fails "Resume of one of its containers" BadState container m.b Resume
is "all of it is paused" "$(pod_get m State) $(member_state m b)" 's "paused" paused'
fails "Stop of one" BadState container m.b Stop
fails "Kill of one" BadState container m.b Kill ib 9 true
works "Delete by force" container m.b Delete b true
is "takes it from the pod" "$(pod_get m Containers)" 'a(ssuo) 0'
works "Delete of the pod" pod m Delete b true
works "another" manager CreatePodFromConfig s "$(pod_config m)"
echo '{' >$pods_config/m/config.json
works "Delete by force where the pod is broken" container m.a Delete b true
ok "nothing of it is left" nothing_left m.a
works "Delete of the broken pod" pod m Delete b true
ok "nothing is left" pod_nothing_left m
works "the container of none is started" container m0 Start
works "and deleted" container m0 Delete b true
done_testing
