#!/bin/bash
# A joined mount namespace: the container's root is that of another container, nothing is mounted for it, and who was in
# it before sees no change. The host's own is refused, and so is everything that would be a mount.
. "$(dirname "$0")/lib.sh"

ok "a container to join" ctrctl run -d --bundle "$(bundle held '.process.args=["/bin/sh","-c","echo mark >/dev/shm/mark; exec sleep 1000"]')" held
pid=$(property held MainPID)
ok "its file" eventually 5 test -s "/proc/$pid/root/dev/shm/mark"
mounts=$(cat "/proc/$pid/mountinfo")
host_mounts() { grep -vF /containers/ /proc/self/mountinfo; }
of_host=$(host_mounts)

# joined NAME COMMAND [JQ]: a bundle of a container in held's mount and pid namespaces.
joined() {
        bundle "$1" ".process.args=[\"/bin/sh\",\"-c\",$(jq -n --arg c "$2" '$c')] | .root={path:\"/\"} | .mounts=[]
                | del(.linux.maskedPaths,.linux.readonlyPaths)
                | .linux.namespaces|=map(if .type==\"mount\" then .path=\"/proc/$pid/ns/mnt\" elif .type==\"pid\" then .path=\"/proc/$pid/ns/pid\" else . end)
                | ${3:-.}"
}

exits "run" 0 ctrctl run --bundle "$(joined one 'readlink /proc/self/ns/mnt; cat /dev/shm/mark; pwd; hostname')" one
is "run: its namespace, its files" "$output" "$(readlink "/proc/$pid/ns/mnt")"$'\nmark\n/\ntest'
exits "a scope" 0 ctr-runtime --systemd-cgroup run --bundle "$(joined two 'readlink /proc/self/ns/mnt; cat /dev/shm/mark')" two </dev/null
is "a scope: its namespace, its files" "$output" "$(readlink "/proc/$pid/ns/mnt")"$'\nmark'
exits "a pid namespace of its own" 0 ctrctl run --bundle "$(joined own 'echo $$; cat /dev/shm/mark' \
        '.linux.namespaces|=map(if .type=="pid" then del(.path) else . end)')" own
is "a pid namespace of its own: is 1" "$output" $'1\nmark'
exits "the program's own policy" 0 ctrctl run --bundle "$(joined policy 'exec ctr-probe facts' '.process.user={uid:7,gid:8} | .process.cwd="/tmp"
        | .linux.seccomp={defaultAction:"SCMP_ACT_ALLOW",syscalls:[{names:["mkdir"],action:"SCMP_ACT_ERRNO"}]}')" policy
for fact in uid=7 gid=8 cwd=/tmp NoNewPrivs=1 Seccomp=2 CapBnd=0000000000000420 CapEff=0000000000000000; do
        like "the program's own policy: $fact" "$output" "^$fact\$"
done
is "no descriptor of the host" "$(grep LEAKED_FD <<<"$output")" ""
exits "a missing working directory is not made" 1 ctrctl run --bundle "$(joined nodir 'true' '.process.cwd="/made/here"')" nodir
ok "a missing working directory is not made: there" test ! -e "$test_dir/rootfs/made"
exits "a working directory of the host by a descriptor" 1 ctrctl run --bundle "$(joined leak 'pwd' '.process.cwd="/proc/self/fd/7"')" leak

# ---- its life ----

ok "create" ctrctl create --bundle "$(joined life 'echo alive >/dev/shm/life; exec sleep 1000' \
        ".hooks={createRuntime:[{path:\"/bin/sh\",args:[\"sh\",\"-c\",\"readlink /proc/self/ns/mnt >$test_dir/hook\"]}]}")" life
is "created: rootfs" "$(ctrctl state life | jq -r .rootfs)" /
is "createRuntime hooks are in the host's" "$(cat "$test_dir/hook")" "$(readlink /proc/self/ns/mnt)"
ok "created: nothing of it runs" test ! -e "/proc/$pid/root/dev/shm/life"
ok "start" ctrctl start life
ok "runs" eventually 5 test -s "/proc/$pid/root/dev/shm/life"
is "exec" "$(ctrctl exec life cat /dev/shm/life)" alive
ok "delete -f" ctrctl delete -f life
is "the other one runs on" "$(status_of held)" running
is "its mounts are as they were" "$(cat "/proc/$pid/mountinfo")" "$mounts"
is "the host's mounts are as they were" "$(host_mounts)" "$of_host"

# ---- user namespaces ----

userns='.linux.namespaces+=[{type:"user"}] | .linux.uidMappings=[{containerID:0,hostID:200000,size:65536}] | .linux.gidMappings=.linux.uidMappings'
ok "one with a user namespace" ctrctl run -d --bundle "$(bundle mapped "$userns | .process.args=[\"/bin/sleep\",\"1000\"]")" mapped
first=$pid
pid=$(property mapped MainPID)
exits "its user and mount namespaces" 0 ctrctl run --bundle "$(joined both 'readlink /proc/self/ns/mnt; readlink /proc/self/ns/user; id -u; cat /proc/self/uid_map | tr -s " "' \
        ".linux.namespaces+=[{type:\"user\",path:\"/proc/$pid/ns/user\"}]")" both
is "its user and mount namespaces: joined" "$output" \
        "$(readlink "/proc/$pid/ns/mnt" "/proc/$pid/ns/user")"$'\n0\n 0 200000 65536'
pid=$first
exits "a user namespace that does not own it" 1 ctrctl run --bundle "$(joined foreign true \
        ".linux.namespaces+=[{type:\"user\",path:\"/proc/$(property mapped MainPID)/ns/user\"}]")" foreign
like "a user namespace that does not own it: says what" "$output" 'join-namespace: .*Operation not permitted'
ctrctl delete -f mapped

# ---- what is refused ----

refused() { # NAME JQ PATTERN
        local command
        for command in ctrctl "ctr-runtime --systemd-cgroup"; do
                # shellcheck disable=SC2086
                exits "refused: $1: $command" 1 $command create --bundle "$(joined refused 'echo ran >/dev/shm/ran' "$2")" refused
                like "refused: $1: $command: why" "$output" "$3"
                ok "refused: $1: $command: nothing is left" nothing_left refused
        done
}
host() { printf '.linux.namespaces|=map(if .type=="mount" then .path="%s" else . end)' "$1"; }
refused "PID 1's" "$(host /proc/1/ns/mnt)" "/proc/1/ns/mnt is the host's own mount namespace"
refused "one's own" "$(host /proc/self/ns/mnt)" "/proc/self/ns/mnt is the host's own mount namespace"
refused "a pid namespace" "$(host "/proc/$pid/ns/pid")" 'is a namespace of another type'
refused "a rootfs" ".root.path=\"$test_dir/rootfs\"" 'root.path: must be "/"'
refused "a read-only root" '.root.readonly=true' 'root.readonly: cannot be with a joined mount namespace'
refused "mounts" '.mounts=[{destination:"/x",type:"tmpfs",source:"tmpfs"}]' 'mounts: cannot be with'
refused "masked paths" '.linux.maskedPaths=["/proc/kcore"]' 'linux.maskedPaths: cannot be with'
refused "read-only paths" '.linux.readonlyPaths=["/proc/sys"]' 'linux.readonlyPaths: cannot be with'
refused "devices" '.linux.devices=[{path:"/dev/x",type:"c",major:1,minor:3}]' 'linux.devices: cannot be with'
refused "propagation" '.linux.rootfsPropagation="shared"' 'linux.rootfsPropagation: cannot be with'
refused "createContainer hooks" '.hooks={createContainer:[{path:"/bin/true"}]}' 'hooks.createContainer: cannot be with'
refused "a new user namespace" "$userns" 'linux.namespaces: a new user namespace has no rights'
exits "refused: a payload that notifies" 1 ctrctl create --bundle "$(joined refused true '.annotations={"org.ctrunit.notify":"true"}')" refused
like "refused: a payload that notifies: why" "$output" 'cannot notify'
ok "nothing of them ran" test ! -e "/proc/$pid/root/dev/shm/ran"
is "the joined one's mounts are as they were" "$(cat "/proc/$pid/mountinfo")" "$mounts"

for id in one two own policy nodir leak life both foreign mapped refused; do
        ok "nothing is left of $id" nothing_left $id
done
ok "delete" ctrctl delete -f held
exits "a path that is gone" 1 ctrctl create --bundle "$(joined late true)" late
ok "nothing is left" nothing_left late
done_testing
