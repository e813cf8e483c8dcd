#!/bin/bash
# The life of pods as signals of the D-Bus service, whoever acts: in order, each once; and their objects' properties.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"
. "$(dirname "$0")/manager-lib.sh"

# One that was there before is no news.
works "a pod from before" manager CreatePod 'a{sv}' 1 ID s old
# Whoever was subscribed before us: a service that is new knows nothing.
systemctl stop ctr-managerd
listen
subscriber
container_json() { # NAME
        jq -nc --arg id "$1" --arg rootfs "$test_dir/rootfs" \
                '{ ID: $id, RootFs: $rootfs, Cmd: { Args: [ "/bin/ctr-probe", "sleep", "1000" ] } }'
}
pod_signals() { signals | awk -v pod="$1" '/^Pod/ && $2 == pod { $2 = ""; print }' | sed 's/  */ /g; s/ $//' | tr '\n' ','; }

works "create" manager CreatePodFromConfig s "$(pod_config p-1)"
seen "PodCreated" 'PodCreated p-1 /org/ctrunit1/pod/p_2d1'
seen "PodContainerAdded" 'PodContainerAdded p-1 b /org/ctrunit1/container/p_2d1_2eb'
works "start" pod p-1 Start
seen "PodStarted" 'PodStarted p-1'
works "pause" pod p-1 Pause
seen "PodPaused" 'PodPaused p-1'
works "resume" pod p-1 Resume
seen "PodResumed" 'PodResumed p-1'
works "add a container" pod p-1 CreateContainerFromConfig s "$(container_json c)"
seen "its PodContainerAdded" 'PodContainerAdded p-1 c /org/ctrunit1/container/p_2d1_2ec'
seen "its ContainerCreated" 'ContainerCreated p-1\.c .*'
works "remove it" pod p-1 DeleteContainer s c
seen "PodContainerRemoved" 'PodContainerRemoved p-1 c'
works "annotate" pod p-1 SetAnnotations 'a{ss}' 1 secret word
works "stop" pod p-1 Stop
seen "PodStopped" 'PodStopped p-1'
works "delete" pod p-1 Delete b false
seen "PodRemoved" 'PodRemoved p-1'
is "each once, in order" "$(pod_signals p-1)" "$(tr '\n' ',' <<'EOF'
PodCreated /org/ctrunit1/pod/p_2d1
PodContainerAdded a /org/ctrunit1/container/p_2d1_2ea
PodContainerAdded b /org/ctrunit1/container/p_2d1_2eb
PodStarted
PodPaused
PodResumed
PodContainerAdded c /org/ctrunit1/container/p_2d1_2ec
PodContainerRemoved c
PodStopped
PodContainerRemoved a
PodContainerRemoved b
PodRemoved
EOF
)"

# Others act.
pod_run q >/dev/null
seen "what ctrctl makes" 'PodCreated q /org/ctrunit1/pod/q'
seen "and starts" 'PodStarted q'
systemctl freeze "$(slice_of q)"
seen "systemctl freezes the slice" 'PodPaused q'
systemctl thaw "$(slice_of q)"
seen "and thaws it" 'PodResumed q'
kill -KILL "$(member_pid q a)"
seen "the end of a member" 'Exited q\.a signal killed 9'
member_is_stopped() { jq -e 'select(.member == "PropertiesChanged" and .path == "/org/ctrunit1/pod/q") | .payload.data[1].Containers.data // [] | any(.[0] == "a" and .[1] == "stopped")' "$test_dir/signals" | grep -q true; }
ok "is in the pod's Containers, told without a call" eventually 20 member_is_stopped
systemctl stop "$(slice_of q)"
seen "systemctl stops the slice" 'PodStopped q'
ctrctl pod delete q
seen "and it is deleted" 'PodRemoved q'
pod_run f >/dev/null
ok "delete by force of a running one" ctrctl pod delete -f f
seen "its end" 'PodRemoved f'
like "came after its stop" "$(pod_signals f)" 'PodStopped,PodContainerRemoved a,PodContainerRemoved b,PodRemoved,$'
fails "one that cannot be made" ConfigInvalid manager RunPodFromConfig s "$(pod_config bad '.Containers[0].RootFs = "/nowhere"')"
works "the pod from before goes" pod old Delete b true
seen "which is told" 'PodRemoved old'
is "whose creation was not" "$(signals | grep -c '^PodCreated old')" 0
ok "the directories of pods go" rmdir $pods_root $pods_config
pod_make again >/dev/null
seen "and come again" 'PodCreated again /org/ctrunit1/pod/again'
# As of a writer that was killed.
touch $pods_root/again/.state.json.tmp $pods_config/again/.config.json.tmp
ctrctl pod delete again
seen "with a pod that goes" 'PodRemoved again'
ok "also what a killed writer left of it" pod_nothing_left again
is "nothing was told of what could not be made" "$(signals | grep -c '^Pod.* bad\b')" 0

# Objects and properties.
told() { jq -se "any(.[]; $1)" "$test_dir/signals"; }
ok "InterfacesAdded" told '.member == "InterfacesAdded" and .payload.data[0] == "/org/ctrunit1/pod/p_2d1" and (.payload.data[1] | has("org.ctrunit1.Pod"))'
ok "InterfacesRemoved" told '.member == "InterfacesRemoved" and .payload.data[0] == "/org/ctrunit1/pod/p_2d1"'
interfaces() { # PATH MEMBER
        jq -c "select(.member == \"$2\" and .payload.data[0] == \"$1\") | .payload.data[1] | if type == \"object\" then keys else sort end" "$test_dir/signals"
}
for path in /org/ctrunit1/pod/p_2d1 /org/ctrunit1/container/p_2d1_2ec; do
        is "what was added is removed again: $path" "$(interfaces $path InterfacesRemoved)" "$(interfaces $path InterfacesAdded)"
done
states=$(jq -r 'select(.member == "PropertiesChanged" and .path == "/org/ctrunit1/pod/p_2d1") | .payload.data[1].State.data // empty' "$test_dir/signals" | tr '\n' ' ')
is "PropertiesChanged follows the states" "$states" 'running paused running stopped '
ok "Annotations have changed" told '.member == "PropertiesChanged" and .path == "/org/ctrunit1/pod/p_2d1" and (.payload.data[2] | index("Annotations") != null)'
is "what they are is told to nobody" "$(grep -cF '"word"' "$test_dir/signals")" 0
kill "$monitor"
release_subscriber
done_testing
