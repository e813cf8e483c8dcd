#!/bin/bash
# Pods by D-Bus: every function, once, and once more with the service killed before each call.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"
. "$(dirname "$0")/manager-lib.sh"

json_of() { unquoted <<<"$output" | jq "$@"; }
container_json() { # NAME
        jq -nc --arg id "$1" --arg rootfs "$test_dir/rootfs" \
                '{ ID: $id, RootFs: $rootfs, Cmd: { Args: [ "/bin/ctr-probe", "sleep", "1000" ] } }'
}

# The list in $output without the pod that is being stopped beside.
other_pods() {
        case $output in
        *'"deaf" "running" '*) awk '{ sub(/ "deaf" "running" "[^"]*"/, ""); sub(/\(sso\) [0-9]+/, "(sso) " ($2 - 1)); print }' <<<"$output" ;;
        *) echo "$output" ;;
        esac
}

all_functions() {
        works "CreatePodFromConfig" manager CreatePodFromConfig s "$(pod_config w-1)"
        is "answers with id and path" "$output" 'so "w-1" "/org/ctrunit1/pod/w_2d1"'
        fails "the id is taken" IdInUse manager CreatePodFromConfig s "$(pod_config w-1)"
        fails "no pod" NeedPod manager CreatePodFromConfig s ''
        fails "a bad limit" InvalidResource manager CreatePodFromConfig s "$(pod_config bad '.VMConfig.VCPUs = 99999')"
        fails "a hook without a file" NeedFile manager CreatePodFromConfig s "$(pod_config bad '.Hooks = { PreStartHooks: [ { Path: "" } ] }')"
        fails "a machine" Unsupported manager RunPodFromConfig s "$(pod_config bad '.HypervisorType = "qemu"')"
        fails "a word that is no member" ConfigInvalid manager CreatePodFromConfig s "$(pod_config bad '.Memory = 1')"
        like "is in the tree" "$(busctl tree org.ctrunit1)" '/org/ctrunit1/pod/w_2d1'
        works "GetPod" manager GetPod s w-1
        is "the same path" "$output" 'o "/org/ctrunit1/pod/w_2d1"'
        fails "GetPod of nothing" PodNotExists manager GetPod s nothing
        fails "GetPod without an id" NeedPodID manager GetPod s ''
        works "ListPods" manager ListPods
        is "one pod" "$(other_pods)" 'a(sso) 1 "w-1" "ready" "/org/ctrunit1/pod/w_2d1"'
        is "State" "$(pod_get w-1 State)" 's "ready"'
        is "Slice" "$(pod_get w-1 Slice | jq -Rr '.[2:] | fromjson')" 'ctr-w\x2d1.slice'
        is "Hypervisor" "$(pod_get w-1 Hypervisor)" 's "mock"'
        like "Containers" "$(pod_get w-1 Containers)" '^a\(ssuo\) 2 "a" "ready" [0-9]+ "/org/ctrunit1/container/w_2d1_2ea" "b"'
        pod_fails "StartContainer of a ready pod" BadState w-1 StartContainer s a
        like "says why" "$output" 'Pod not running'
        pod_fails "Pause of a ready pod" BadState w-1 Pause
        works "Start" pod w-1 Start
        is "State" "$(pod_get w-1 State)" 's "running"'
        pod_fails "a second Start" BadState w-1 Start
        pod_fails "Delete of a running pod" BadState w-1 Delete b false
        works "Status" pod w-1 Status
        is "as ctrctl says" "$(json_of -cS .)" "$(ctrctl pod status w-1 | jq -cS .)"
        works "Pause" pod w-1 Pause
        is "State" "$(pod_get w-1 State)" 's "paused"'
        pod_fails "a second Pause" BadState w-1 Pause
        works "Resume" pod w-1 Resume
        pod_fails "a second Resume" BadState w-1 Resume

        works "CreateContainerFromConfig" pod w-1 CreateContainerFromConfig s "$(container_json c)"
        is "answers with name and path" "$output" 'so "c" "/org/ctrunit1/container/w_2d1_2ec"'
        pod_fails "the name is taken" IdInUse w-1 CreateContainerFromConfig s "$(container_json c)"
        works "CreateContainer" pod w-1 CreateContainer 'a{sv}' 3 ID s d RootFs s "$test_dir/rootfs" \
                Cmd 'a{sv}' 1 Args as 3 /bin/ctr-probe sleep 1000
        works "GetContainer" pod w-1 GetContainer s d
        is "its path" "$output" 'o "/org/ctrunit1/container/w_2d1_2ed"'
        works "StartContainer" pod w-1 StartContainer s c
        pod_fails "a second StartContainer" BadState w-1 StartContainer s c
        pod_fails "DeleteContainer of a running one" BadState w-1 DeleteContainer s c
        works "StatusContainer" pod w-1 StatusContainer s c
        is "as ctrctl says" "$(json_of -cS .)" "$(ctrctl pod status w-1 c | jq -cS .)"
        is "network namespaces are equal" "$(namespace_of "$(member_pid w-1 c)" net)" "$(namespace_of "$(member_pid w-1 a)" net)"
        works "ListProcesses" pod w-1 ListProcesses s c
        is "the process" "$output" "au 1 $(member_pid w-1 c)"
        works "Exec of the container's object enters it" container w-1.c Exec 'sa{sv}' '' 1 args as 3 sh -c 'exit 9'
        pod_fails "KillContainer with no signal" Usage w-1 KillContainer sib c 65 false
        works "KillContainer" pod w-1 KillContainer sib c 9 true
        ok "ends it" eventually 5 test_member_state w-1 c stopped
        pod_fails "KillContainer of a stopped one" BadState w-1 KillContainer sib c 9 true
        pod_fails "ListProcesses of a stopped one" BadState w-1 ListProcesses s c
        works "StopContainer of a stopped one" pod w-1 StopContainer s c
        works "StopContainer" pod w-1 StopContainer s a
        is "is stopped" "$(member_state w-1 a)" stopped
        works "DeleteContainer" pod w-1 DeleteContainer s c
        works "DeleteContainer of a ready one" pod w-1 DeleteContainer s d
        pod_fails "StatusContainer of nothing" ContainerNotExists w-1 StatusContainer s c
        pod_fails "StatusContainer without a name" NeedContainerID w-1 StatusContainer s ''

        works "SetAnnotations" pod w-1 SetAnnotations 'a{ss}' 1 b 2
        is "Annotations" "$(pod_get w-1 Annotations)" 'a{ss} 2 "org.test.one" "1" "b" "2"'
        works "GetAnnotation" pod w-1 GetAnnotation s b
        is "its value" "$output" 's "2"'
        pod_fails "GetAnnotation of nothing" ConfigInvalid w-1 GetAnnotation s c

        works "Stop" pod w-1 Stop
        is "State" "$(pod_get w-1 State)" 's "stopped"'
        pod_fails "a second Stop" BadState w-1 Stop
        works "Start again" pod w-1 Start
        mv $pods_root/w-1/state.json "$test_dir/state.json" && echo '{"State":""}' >$pods_root/w-1/state.json
        pod_fails "a state that is empty" NeedState w-1 Status
        mv "$test_dir/state.json" $pods_root/w-1/state.json
        works "Delete with force" pod w-1 Delete b true
        ok "nothing is left" pod_nothing_left w-1
        fails "it is gone" PodNotExists manager GetPod s w-1
        works "RunPod" manager RunPod 'a{sv}' 3 ID s r NetworkModel s noop Containers 'aa{sv}' 1 3 \
                ID s one RootFs s "$test_dir/rootfs" Cmd 'a{sv}' 1 Args as 3 /bin/ctr-probe sleep 1000
        is "it runs" "$(pod_get r State) $(member_state r one)" 's "running" running'
        works "RunPodFromConfig" manager RunPodFromConfig s "$(pod_config r2)"
        works "CreatePod" manager CreatePod 'a{sv}' 1 ID s r3
        works "ListPods" manager ListPods
        like "all three" "$(other_pods)" '^a\(sso\) 3 "r" "running" .* "r2" "running" .* "r3" "ready" '
        fails "RunPod that fails" ConfigInvalid manager RunPodFromConfig s "$(pod_config r4 '.Containers[0].RootFs = "/nowhere"')"
        ok "leaves nothing" pod_nothing_left r4
        for id in r r2 r3; do works "Delete $id" pod $id Delete b true; done
        works "no pods" manager ListPods
        is "none" "$(other_pods)" 'a(sso) 0'
}

# Ten seconds pass between SIGTERM and SIGKILL: meanwhile everything else is done.
works "a pod whose container ignores SIGTERM" manager RunPodFromConfig s "$(pod_config deaf '.Containers |= .[:1] |
        .Containers[0].Cmd.Args = ["/bin/sh", "-c", "trap \"\" TERM; echo deaf >/tmp/deaf; while :; do sleep 0.1; done"]')"
ok "it is deaf" eventually 10 test -e "$test_dir/rootfs/tmp/deaf"
{
        start=$(date +%s%3N)
        "$test_build/tests/client/ctr-call" "$(pod_object deaf)" org.ctrunit1.Pod StopContainer s a
        echo "rc=$? took=$(($(date +%s%3N) - start))"
} >"$test_dir/deaf-stop" 2>&1 &
deaf=$!
all_functions
wait "$deaf"
like "StopContainer of it: the call ends well" "$(cat "$test_dir/deaf-stop")" '^rc=0 '
ok "StopContainer of it: after ten seconds ($(tail -1 "$test_dir/deaf-stop"))" test "$(sed -n 's/.*took=//p' "$test_dir/deaf-stop")" -ge 9500
in_deaf_journal() { journalctl --no-pager -o cat -u ctr@deaf.a | grep -qE "$1"; }
ok "StopContainer of it: by systemd, which waited no longer than that" eventually 10 in_deaf_journal "stop-sigterm' timed out. Killing"
is "StopContainer of it: it is gone" "$(member_state deaf a)" stopped
works "Delete" pod deaf Delete b true
CTR_MANAGER_KILL=1
all_functions
ok "the service was killed between all calls ($(n_disturbed))" test "$(n_disturbed)" -gt 50
unset CTR_MANAGER_KILL

# Readers beside a writer: never half a state.
works "RunPodFromConfig" manager RunPodFromConfig s "$(pod_config torn)"
for i in $(seq 20); do
        "$test_build/tests/client/ctr-call" "$(pod_object torn)" org.ctrunit1.Pod Status >"$test_dir/status.$i" 2>&1 &
        readers[i]=$!
done
works "Stop beside 20 readers" pod torn Stop
wait "${readers[@]}"
is "every reader saw it whole" "$(cat "$test_dir"/status.* | jq -c '[.State, .ContainersStatus[].State]' |
        grep -vxE '\["running","running","running"\]|\["stopped","stopped","stopped"\]')" ""
is "no reader failed" "$(cat "$test_dir"/status.* | jq -s length)" 20
works "Delete" pod torn Delete b false
ok "no jobs are left" eventually 5 no_jobs
done_testing
