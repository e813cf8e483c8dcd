#!/bin/bash
# Containers of pods: the container functions, users of the root file system, mounts, devices, hooks.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"

container() { # NAME [JQ-PROGRAM]
        jq -n --arg id "$1" --arg rootfs "$test_dir/rootfs" \
                '{ ID: $id, RootFs: $rootfs, Cmd: { Args: [ "/bin/ctr-probe", "sleep", "1000" ] } }' | jq "${2:-.}"
}
add() { # POD NAME [JQ-PROGRAM]
        local pod=$1
        shift
        container "$@" | ctrctl pod add "$pod"
}

# ---- a pod without containers, and one after the other ----
ok "a pod without containers" pod_make box 'del(.Containers)'
is "is ready" "$(pod_state box)" ready
exits "add" 0 add box one
is "prints the name" "$output" one
is "it is ready" "$(member_state box one)" ready
is "the configuration has it" "$(jq -c '[.Containers[].ID]' $pods_config/box/config.json)" '["one"]'
exits "add of the same name" 1 add box one
like "says that it is in use" "$output" 'container with given ID already exists'
exits "enter a ready container" 255 ctrctl pod enter box one true
like "needs a running pod" "$output" 'Pod not running, impossible to enter the container'
exits "kill a ready container" 0 ctrctl pod kill box one
ok "ends it at its gate" eventually 5 test_member_state box one stopped
ok "start of the pod makes it again" ctrctl pod start box
is "it runs" "$(pod_state box) $(member_state box one)" "running running"
ok "add to a running pod" add box two
is "is ready beside the other" "$(member_state box two)" ready
ok "start it" ctrctl pod start box two
is "it runs" "$(member_state box two)" running
one=$(member_pid box one) two=$(member_pid box two)
is "shares the network namespace" "$(namespace_of "$two" net)" "$(namespace_of "$one" net)"
exits "start a running container" 1 ctrctl pod start box two
like "says why" "$output" 'Container not ready or stopped, impossible to start'
exits "delete a running container" 1 ctrctl pod delete box two
like "says why" "$output" 'Container not ready or stopped, impossible to delete'
is "status equals state" "$(ctrctl pod status box two | jq -c '[.PID, .RootFs]')" \
        "$(ctrctl state box.two | jq -c '[.pid, .rootfs]')"
like "start time" "$(ctrctl pod status box two | jq -r .StartTime)" '^20[0-9-]+T[0-9:.]+Z$'

# ---- enter, ps, kill ----
exits "enter exits as its program" 9 ctrctl pod enter box two sh -c 'exit 9'
is "options of enter" "$(ctrctl pod enter -e A=b --cwd /tmp -u strange box two sh -c 'echo $A $(pwd) $(id -u):$(id -g) $(id -G)')" \
        "b /tmp 4242:4343 4343 29"
is "groups by name" "$(ctrctl pod enter -u 5 -g daemon -G extra box two sh -c 'echo $(id -u):$(id -g) $(id -G)')" "5:12 12 77"
exits "a user that is not there" 255 ctrctl pod enter -u root2 box two true
like "says where it looked" "$output" 'user "root2" is not in /etc/passwd of the root file system'
echo '{"Args":["sh","-c","echo $X; exit 3"],"Envs":[{"Var":"X","Value":"from json"}]}' >"$test_dir/command.json"
exits "a command as JSON" 3 ctrctl pod enter -c "$test_dir/command.json" box two
is "with its environment" "$output" "from json"
ok "ps as JSON" test "$(ctrctl pod ps -f json box two)" = "[$two]"
like "ps as a table" "$(ctrctl pod ps box two)" "^UID +PID"
ok "a second process" bash -c "ctrctl pod enter -d --pid-file $test_dir/pid box two sh -c 'sleep 1000 & sleep 1001' </dev/null >/dev/null 2>&1"
ok "and its pid" test -e "/proc/$(cat "$test_dir/pid")"
test_listed() { [ "$(ctrctl pod ps -f json box two | jq length)" -ge 3 ]; }
ok "is listed with its child" eventually 5 test_listed
ok "kill --all reaches forked children" ctrctl pod kill --all box two KILL
ok "all are gone" eventually 5 test_member_state box two stopped
exits "kill of a stopped container" 1 ctrctl pod kill box two
like "says why" "$output" 'Container not ready or running, impossible to signal the container'
exits "ps of a stopped container" 1 ctrctl pod ps box two
ok "stop of a stopped container" ctrctl pod stop box two
ok "a stopped container starts again" ctrctl pod start box two
is "it runs" "$(member_state box two)" running
ok "the list verbs know it" grep -q '^box.two$' <<<"$(ctrctl list -q)"

# ---- stop: SIGTERM, ten seconds, SIGKILL ----
ok "one that ignores SIGTERM" add box deaf '.Cmd.Args = [ "/bin/sh", "-c", "trap \"\" TERM; echo deaf >/tmp/deaf; while :; do sleep 0.1; done" ]'
ok "start" ctrctl pod start box deaf
ok "it is deaf" eventually 5 ctrctl pod enter box deaf test -e /tmp/deaf
# Ten seconds, once in a run of all tests.
if [ -z "${CTR_POD_BUS:-}" ] || [ -n "${CTRUNIT_LONG:-}" ]; then
        start=$SECONDS
        ok "stop" ctrctl pod stop box deaf
        took=$((SECONDS - start))
        ok "takes ten seconds at least (took $took)" test $took -ge 9
        is "it is stopped" "$(member_state box deaf)" stopped
else
        ok "killed instead" ctrctl pod kill box deaf KILL
        ok "it is stopped" eventually 5 test_member_state box deaf stopped
fi
ok "delete" ctrctl pod delete box deaf
is "the configuration has it no more" "$(jq -c '[.Containers[].ID]' $pods_config/box/config.json)" '["one","two"]'
exits "status of a deleted container" 1 ctrctl pod status box deaf
like "says why" "$output" 'container deaf does not exist in pod box'
ok "no bundle of it" test ! -e $pods_root/box/bundles/deaf
exits "an empty name" 1 ctrctl pod start box ""
like "says so" "$output" 'Container ID cannot be empty'
exits "an empty pod" 1 ctrctl pod start ""
like "says so" "$output" 'Pod ID cannot be empty'
exits "an empty file name" 1 ctrctl pod create ""
like "says so" "$output" 'File cannot be empty'
exits "no configuration" 1 ctrctl pod create /dev/null
exits "an empty configuration" 1 ctrctl pod create - </dev/null
like "says so" "$output" 'Pod must be specified'

# ---- one that cannot be started ----
pod_make bad '.Containers[1].Cmd.Args = ["/nope"]'
exits "start of a pod whose second container cannot" 127 ctrctl pod start bad
like "says which and why" "$output" 'container b: exec: "/nope"'
is "the first runs, as in virtcontainers" "$(ctrctl pod status bad | jq -r '[.ContainersStatus[].State] | join(" ")')" "running stopped"
ok "stop" ctrctl pod stop bad
is "ends what runs" "$(ctrctl pod status bad | jq -r '[.State, .ContainersStatus[].State] | join(" ")')" "stopped stopped stopped"
ok "delete" ctrctl pod delete bad
ok "nothing is left" pod_nothing_left bad

# ---- annotations ----
ok "annotate" ctrctl pod annotate box a=1 org.test.one=2
is "merges" "$(ctrctl pod status box | jq -cS .Annotations)" '{"a":"1","org.test.one":"2"}'
is "one" "$(ctrctl pod annotate box a)" 1
exits "one that is not there" 1 ctrctl pod annotate box c
like "says so" "$output" 'Annotations key c does not exist'

# ---- either form in use makes the other IdInUse ----
exits "a container with a member's id" 1 ctrctl run -d --bundle "$(bundle c)" box.three
like "is refused" "$output" 'ids that begin with "box." are those of pod box'
ok "and leaves nothing" test ! -e $state_root/box.three
ok "delete -f" ctrctl pod delete -f box
ok "nothing is left" pod_nothing_left box
ok "the same container without the pod" ctrctl run -d --bundle "$(bundle c)" box.three
exits "now the pod" 1 pod_make box
like "is refused" "$output" 'box.three, which is none of the pod'
ok "the container runs on" test "$(status_of box.three)" = running
ok "delete -f of the pod leaves it alone" ctrctl pod delete -f box
is "it runs on" "$(status_of box.three)" running
ok "delete it" ctrctl delete -f box.three
ok "nothing is left" pod_nothing_left box

# ---- what a container configuration says ----
mkdir "$test_dir/volume" "$test_dir/source"
echo shared >"$test_dir/volume/file"
echo mounted >"$test_dir/source/file"
ok "a rich container" pod_run rich '.Volumes = [ { MountTag: "data", HostPath: "'"$test_dir"'/volume" } ] |
        .Containers = [ .Containers[0] | .ReadonlyRootfs = true |
                .Cmd.User = "strange" | .Cmd.PrimaryGroup = "extra" | .Cmd.SupplementaryGroups = [ "daemon", "99" ] |
                .Cmd.WorkDir = "/tmp" | .Cmd.Envs = [ { Var: "PATH", Value: "/bin" }, { Var: "K", Value: "v w" } ] |
                .Cmd.NoNewPrivileges = false |
                .Cmd.Capabilities = { Bounding: [ "CAP_KILL" ], Permitted: [ "CAP_KILL" ], Effective: [ "CAP_KILL" ] } |
                .Mounts = [ { Source: "'"$test_dir"'/source", Destination: "/root", ReadOnly: true },
                            { Source: "tmpfs", Destination: "/run", Type: "tmpfs", Options: [ "size=64k" ] } ] |
                .DeviceInfos = [ { ContainerPath: "/dev/fifo", DevType: "p", FileMode: 438, UID: 4242 } ] ]'
pid=$(member_pid rich a)
status=$(cat "/proc/$pid/status")
like "user by name" "$status" '^Uid:\s4242'
like "primary group" "$status" '^Gid:\s77'
like "supplementary groups: with a primary group, those that are given" "$status" '^Groups:\s12 99 ?$'
like "capabilities" "$status" '^CapBnd:\s0000000000000020'
like "no_new_privs off" "$status" '^NoNewPrivs:\s0'
is "working directory" "$(readlink "/proc/$pid/cwd")" /tmp
is "environment" "$(tr '\0' '\n' <"/proc/$pid/environ" | grep ^K=)" 'K=v w'
is "volume" "$(cat "/proc/$pid/root/mnt/data/file")" shared
is "bind mount" "$(cat "/proc/$pid/root/root/file")" mounted
ok "read-only bind mount" bash -c "! touch /proc/$pid/root/root/new 2>/dev/null"
ok "read-only root" bash -c "! touch /proc/$pid/root/new 2>/dev/null"
ok "volume is writable" touch "/proc/$pid/root/mnt/data/new"
is "device" "$(stat -c '%F %u' "/proc/$pid/root/dev/fifo")" 'fifo 4242'
is "mount of a type" "$(stat -f -c %T "/proc/$pid/root/run")" tmpfs
ok "delete -f" ctrctl pod delete -f rich
ok "nothing is left" pod_nothing_left rich

# ---- failures leave nothing ----
while IFS=@ read -r name code program message; do
        exits "a bad $name fails" "$code" pod_run bad "$program"
        like "$name: says why" "$output" "$message"
        ok "$name: leaves nothing" pod_nothing_left bad
done <<'CASES'
rootfs@1@.Containers[1].RootFs="/nowhere"@container b
program@127@.Containers[1].Cmd.Args=["/nope"]@container b: .*"/nope"
user@1@.Containers[1].Cmd.User="nobody2"@user "nobody2" is not in /etc/passwd
capability@1@.Containers[1].Cmd.Capabilities={Bounding:["CAP_KILL"],Efective:["CAP_CHOWN"]}@Containers.1..Cmd.Capabilities.Efective
namespace path@1@.NetworkModel="noop"|.NetworkConfig.NetNSPath="/etc/passwd"@container a
qemu@1@.HypervisorType="qemu"@hypervisor "qemu" is not supported
agent@1@.AgentType="hyperstart"@agent "hyperstart" is not supported
unknown name@1@.Hostnam="x"@did you mean "Hostname"
wrong type@1@.Containers[0].Cmd.Args="sh"@Containers\[0\].Cmd.Args: expected an array
id with a dot@1@.ID="a.b"@invalid pod ID format
name that is there twice@1@.Containers[1].ID="a"@container "a" is there twice
limit@1@.VMConfig.Memory=99999999999@Invalid pod resource
CASES
done_testing
