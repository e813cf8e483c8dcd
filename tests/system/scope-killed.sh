#!/bin/bash
# An engine's create that is killed while PID 1 has not yet come to its scope: `delete -f` meanwhile, and the scope that
# is made afterwards for a dead process does not stay.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
root=$test_dir/root
dir=$(bundle killed '.linux.cgroupsPath="ctr.slice:killed:one"')
scope=killed-one.scope
freezer=/sys/fs/cgroup/init.scope/cgroup.freeze
thaw() { echo 0 >"$freezer"; }
trap thaw EXIT
# What was heard on the bus, which PID 1 has not read yet.
heard() { grep -q "Member=$1" "$test_dir/monitor"; }
scope_gone() { [ "$(systemctl show -P LoadState "$scope")" = not-found ] && [ ! -e "/sys/fs/cgroup/ctr.slice/$scope" ]; }

busctl monitor --system >"$test_dir/monitor" 2>&1 &
monitor=$!
eventually 5 grep -q 'Monitoring bus message stream' "$test_dir/monitor"
echo 1 >"$freezer"
ctr-runtime --root "$root" --systemd-cgroup create --bundle "$dir" one >"$test_dir/out" 2>&1 </dev/null &
creator=$!
ok "create asks for a scope, and PID 1 does not answer" eventually 10 heard StartTransientUnit
kill -KILL $creator
wait $creator 2>/dev/null
ctr-runtime --root "$root" delete -f one >"$test_dir/deleted" 2>&1 &
deleter=$!
delete_asked() { heard StopUnit || ! kill -0 $deleter 2>/dev/null; }
ok "delete -f asks, or has ended" eventually 10 delete_asked
thaw
wait $deleter
is "delete -f: $(cat "$test_dir/deleted")" "$?" 0
ok "no scope stays" eventually 20 scope_gone
ok "no state stays" test ! -e "$root/containers/one"
ok "no process stays" none_runs "$root/containers/one"
kill $monitor
wait $monitor 2>/dev/null
# What waits at the gate must not hold our pipes.
quietly() { "$@" </dev/null >/dev/null 2>&1; }
ok "the id can be used again" quietly ctr-runtime --root "$root" --systemd-cgroup create --bundle "$dir" one
ok "and deleted" ctr-runtime --root "$root" delete -f one
done_testing
