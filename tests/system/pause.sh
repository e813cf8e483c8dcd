#!/bin/bash
# pause and resume: systemd's freezer, seen the same by ctrctl, systemd and the kernel.
. "$(dirname "$0")/lib.sh"

dir=$(bundle p '.process.args=["/bin/sh","-c","i=0; while :; do i=$((i+1)); echo $i >/tmp/count; sleep 0.01; done"]')
ctrctl run -d --bundle "$dir" p
frozen() { awk '/^frozen/ { print $2 }' "$(cgroup_of p)/cgroup.events"; }
count() { cat "$test_dir/rootfs/tmp/count"; }
eventually 5 test -s "$test_dir/rootfs/tmp/count"

exits "resume of a running container" 1 ctrctl resume p
like "says why" "$output" 'container not paused'
ok "pause" ctrctl pause p
is "status" "$(status_of p)" paused
is "the kernel's word" "$(frozen)" 1
is "systemd's word" "$(property p FreezerState)" frozen
before=$(count)
sleep 0.2
is "nothing runs" "$(count)" "$before"
exits "a second pause" 1 ctrctl pause p
like "says why" "$output" 'container already paused'
is "the pid is still known" "$(ctrctl state p | jq .pid)" "$(property p MainPID)"
is "ps works" "$(ctrctl ps -f json p | jq '.[0]')" "$(property p MainPID)"
ok "daemon-reload" systemctl daemon-reload
is "stays paused over it" "$(status_of p)" paused
ok "resume" ctrctl resume p
is "status" "$(status_of p)" running
is "the kernel's word" "$(frozen)" 0
test_counts() { [ "$(count)" != "$before" ]; }
ok "it goes on" eventually 2 test_counts

ok "by systemctl freeze" systemctl freeze ctr@p
is "is paused for us too" "$(status_of p)" paused
ok "systemctl stop of a paused container" within 15000 systemctl stop ctr@p
is "stopped comes before frozen" "$(status_of p)" stopped
exits "pause of a stopped container" 1 ctrctl pause p
like "says why" "$output" 'container not running'
ok "delete" ctrctl delete p

ctrctl run -d --bundle "$dir" p
ctrctl pause p
ok "SIGKILL ends a paused container" ctrctl kill p KILL
ok "stopped" eventually 5 test_stopped p
ok "delete" ctrctl delete p

# PID 1 starts the exit record in the cgroup that is frozen: whoever kills thaws it.
ctrctl run -d --bundle "$dir" p
ctrctl pause p
ctrctl kill p KILL
test_failed() { [ "$(property p ActiveState)/$(property p ExecMainStatus)" = failed/9 ]; }
ok "the unit has ended too, long before TimeoutStopSec=" within 1000 eventually 5 test_failed
ok "delete" ctrctl delete p

# systemd 252 answers no FreezeUnit nor ThawUnit of a unit that ends meanwhile.
pid_1() { echo "$1" >/sys/fs/cgroup/init.scope/cgroup.freeze; } # 1: it stands still
trap 'pid_1 0' EXIT
test_waits() { grep -qE '^(7|271) ' "/proc/$1/syscall"; } # poll, ppoll
ends_meanwhile() { # MODE VERB PROGRAM...
        local mode=$1 verb=$2 rc caller init
        shift 2
        init=$("$@" state p | jq .pid)
        pid_1 1
        "$@" "$verb" p >"$test_dir/said" 2>&1 &
        caller=$!
        eventually 5 test_waits $caller
        kill -KILL "$init"
        wait $caller
        rc=$?
        pid_1 0
        is "$mode: $verb of one that ends meanwhile, before PID 1 answers" "$rc $(cat "$test_dir/said")" "1 $(basename "$1"): container not running"
        ok "$mode: it is stopped" eventually 5 test_stopped p
        ok "$mode: delete" within 1000 "$@" delete -f p
}
for verb in pause resume; do
        ctrctl run -d --bundle "$dir" p
        [ $verb = pause ] || ctrctl pause p
        ends_meanwhile service $verb ctrctl
        ctr-runtime --systemd-cgroup run -d --bundle "$dir" p </dev/null >/dev/null 2>&1
        [ $verb = pause ] || ctr-runtime pause p
        ends_meanwhile scope $verb ctr-runtime
        ctrctl run -d --bundle "$dir" p
        [ $verb = pause ] || ctrctl pause p
        ends_meanwhile "whole program" $verb /usr/lib/ctrunit/ctrctl
done

ctrctl create --bundle "$dir" p
ok "pause of a created container" ctrctl pause p
is "status" "$(status_of p)" paused
exits "cannot be started" 1 ctrctl start p
ok "resume" ctrctl resume p
is "is created again" "$(status_of p)" created
ok "start" ctrctl start p
ok "delete -f" ctrctl delete -f p
ok "nothing is left" nothing_left p
exits "pause of nothing" 1 ctrctl pause p
like "says why" "$output" 'container does not exist'
done_testing
