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
sets org.systemd.property.RuntimeMaxSec "3600" RuntimeMaxUSec 1h
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
refused run.oci.systemd.subgroup ../x "name of one cgroup"
refused run.oci.delegate-cgroup x "of use without"
refused run.oci.seccomp.plugins /x.so "not loaded"
refused run.oci.timens_offset "1 2 3" "linux.timeOffsets"
refused run.oci.keep_original_groups yes '"0" or "1"'
refused run.oci.hooks.stdout x "absolute path"
refused run.oci.seccomp_bpf_data AAAA "8 bytes"
refused run.oci.mount_context_type x "rootcontext"
refused run.oci.handler krun "no other handlers"

# ---- annotations of other runtimes that mean something here ----

annotate() { # ANNOTATION VALUE: a jq program
        printf '.annotations[%s]=%s' "$(jq -n --arg k "$1" '$k')" "$(jq -n --arg v "$2" '$v')"
}
cgroup_of_pid() { sed -n 's/^0:://p' "/proc/$1/cgroup"; }
here=$(cd "$(dirname "$0")" && pwd)

# A cgroup of the payload's own, and one in it that it manages.
sub=$(annotate run.oci.systemd.subgroup inner)
userns='.linux.namespaces+=[{"type":"user"}] | .linux.uidMappings=[{"containerID":0,"hostID":200000,"size":1000}] | .linux.gidMappings=.linux.uidMappings'
for mode in service scope; do
        command=(ctrctl) unit='ctr@sub.service'
        [ $mode = service ] || command=(ctr-runtime --systemd-cgroup) unit=ctr-sub.scope
        b=$(bundle sub "$sub | .linux.resources.pids.limit=50")
        ok "subgroup, $mode: create, start" sh -c "${command[*]} create --bundle $b sub </dev/null >/dev/null 2>$test_dir/err && ${command[*]} start sub"
        pid=$("${command[@]}" state sub | jq -r .pid)
        like "subgroup, $mode: the process is in it" "$(cgroup_of_pid "$pid")" "/$unit/inner\$"
        like "subgroup, $mode: it is the root of its namespace" "$("${command[@]}" exec sub /bin/cat /proc/self/cgroup)" '^0::/$'
        is "subgroup, $mode: limits are the unit's" "$(systemctl show -P TasksMax $unit)" 50
        is "subgroup, $mode: ps" "$("${command[@]}" ps -f json sub | jq -r '.[0]')" "$pid"
        ok "subgroup, $mode: pause" "${command[@]}" pause sub
        is "subgroup, $mode: is paused" "$("${command[@]}" state sub | jq -r .status)" paused
        ok "subgroup, $mode: delete" "${command[@]}" delete -f sub
        ok "subgroup, $mode: nothing is left" nothing_left sub
        b=$(bundle sub "$sub | $(annotate run.oci.delegate-cgroup own) | $userns | (.mounts[]|select(.type==\"cgroup\").options)|=map(if .==\"ro\" then \"rw\" else . end)")
        ok "delegate-cgroup, $mode: create, start" sh -c "${command[*]} create --bundle $b sub </dev/null >/dev/null 2>$test_dir/err && ${command[*]} start sub"
        pid=$("${command[@]}" state sub | jq -r .pid)
        like "delegate-cgroup, $mode: the process is in it" "$(cgroup_of_pid "$pid")" "/$unit/inner/own\$"
        exits "delegate-cgroup, $mode: seen from inside" 0 "${command[@]}" exec sub /bin/cat /proc/self/cgroup
        like "delegate-cgroup, $mode: below the root of its namespace" "$output" '^0::/own$'
        exits "delegate-cgroup, $mode: the payload makes cgroups in it" 0 "${command[@]}" exec sub /bin/mkdir /sys/fs/cgroup/own/mine
        exits "delegate-cgroup, $mode: and not beside it" 1 "${command[@]}" exec sub /bin/mkdir /sys/fs/cgroup/theirs
        ok "delegate-cgroup, $mode: delete" "${command[@]}" delete -f sub
        ok "delegate-cgroup, $mode: nothing is left" nothing_left sub
done
exits "subgroup without systemd's cgroup manager" 1 ctr-runtime create --bundle "$b" sub
like "subgroup without systemd's cgroup manager: says so" "$output" "without systemd's cgroup manager"

# Output of hooks, also after the end.
hooks=$(for kind in createRuntime createContainer poststart poststop; do
        printf '.hooks.%s=[{"path":"/bin/sh","args":["sh","-c","echo %s; echo error %s >&2"]}] | ' $kind $kind $kind
done)
rm -f /run/ctrunit-hooks-{out,err}
ok "hooks.stdout: run" ctrctl run --bundle "$(bundle hooked "$hooks $(annotate run.oci.hooks.stdout /run/ctrunit-hooks-out) |
        $(annotate run.oci.hooks.stderr /run/ctrunit-hooks-err) | .process.args=[\"/bin/true\"]")" hooked
is "hooks.stdout" "$(tr '\n' ' ' </run/ctrunit-hooks-out)" "createRuntime createContainer poststart poststop "
is "hooks.stderr" "$(tr '\n' ' ' </run/ctrunit-hooks-err)" "error createRuntime error createContainer error poststart error poststop "
is "hooks.stdout: only root reads it" "$(stat -c %a /run/ctrunit-hooks-out)" 600
ln -sf /etc/passwd /run/ctrunit-hooks-link
exits "hooks.stdout: a link is not followed" 1 ctrctl run --bundle "$(bundle hooked "$hooks $(annotate run.oci.hooks.stdout /run/ctrunit-hooks-link)")" hooked
like "hooks.stdout: names the file" "$output" "hook-output: .*/run/ctrunit-hooks-link"
ok "hooks.stdout: nothing is left" nothing_left hooked
rm -f /run/ctrunit-hooks-{out,err,link}

# Groups: those that the runtime's caller had.
b=$(bundle groups "$(annotate run.oci.keep_original_groups 1) | .process.args=[\"/bin/ctr-probe\",\"facts\"]")
like "keep_original_groups" "$(setpriv --groups 0,77,78 ctr-runtime run --bundle "$b" groups 2>&1)" '^groups=.*77,78'
b=$(bundle groups ".process.args=[\"/bin/ctr-probe\",\"facts\"]")
like "without it none" "$(setpriv --groups 0,77,78 ctr-runtime run --bundle "$b" groups 2>&1)" '^groups=$'

# A pidfd of the container's process to whoever listens.
b=$(bundle pidfd "$(annotate run.oci.pidfd_receiver "$test_dir/pidfd-socket") | .process.args=[\"/bin/true\"]")
like "pidfd_receiver" "$(timeout 240 python3 "$here/pty.py" socket-fd "$test_dir/pidfd-socket" ctrctl run --bundle "$b" pidfd 2>&1)" '^Pid:'

# Seccomp: a filter as bytes (ERRNO 122 for mkdir, 83 on x86_64, else ALLOW), an agent, unknown names.
filter=$(python3 -c 'import base64, struct
i = lambda c, t, f, k: struct.pack("HBBI", c, t, f, k)
print(base64.b64encode(i(0x20, 0, 0, 0) + i(0x15, 0, 1, 83) + i(6, 0, 0, 0x0005007a) + i(6, 0, 0, 0x7fff0000)).decode())')
mkdir_probe='.process.args=["/bin/ctr-probe","mkdir","/tmp/x"]'
output=$(ctrctl run --bundle "$(bundle filter "$mkdir_probe | $(annotate run.oci.seccomp_bpf_data "$filter")")" filter 2>&1)
like "seccomp_bpf_data" "$output" '^mkdir=Disk quota exceeded'
python3 "$here/agent.py" "$test_dir/agent-socket" "$test_dir/agent.log" 1 &
agent_pid=$!
ok "seccomp.receiver: agent" eventually 5 test -S "$test_dir/agent-socket"
output=$(timeout 240 ctrctl run --bundle "$(bundle agent "$mkdir_probe | $(annotate run.oci.seccomp.receiver "$test_dir/agent-socket") |
        .linux.seccomp={defaultAction:\"SCMP_ACT_ALLOW\",syscalls:[{names:[\"mkdir\",\"mkdirat\"],action:\"SCMP_ACT_NOTIFY\"}]}")" agent 2>&1)
like "seccomp.receiver: the agent answers" "$output" '^mkdir=Inappropriate ioctl'
kill $agent_pid 2>/dev/null
wait $agent_pid 2>/dev/null
unknown='.linux.seccomp={defaultAction:"SCMP_ACT_ALLOW",syscalls:[{names:["no_such_call"],action:"SCMP_ACT_ERRNO"}]} | .process.args=["/bin/true"]'
exits "seccomp, unknown names are left out" 0 ctrctl run --bundle "$(bundle unknown "$unknown")" unknown
exits "seccomp_fail_unknown_syscall" 1 ctrctl run --bundle "$(bundle unknown "$unknown | $(annotate run.oci.seccomp_fail_unknown_syscall 1)")" unknown
like "seccomp_fail_unknown_syscall: names it" "$output" 'linux.seccomp.syscalls\[0\].names\[0\].*no_such_call'

done_testing
