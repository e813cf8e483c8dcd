#!/bin/bash
# kill and delete of several containers, of all processes, and without a pid namespace.
. "$(dirname "$0")/lib.sh"

for id in sel-a1 sel-a2 sel-b1; do
        ok "start $id" ctrctl run -d --bundle "$(bundle "$id")" "$id"
done
exits "kill --regex of no expression" 1 ctrctl kill --regex '(' KILL
ok "kill --regex" ctrctl kill --regex '^sel-a[0-9]$' KILL
ok "kills the first" eventually 5 test_stopped sel-a1
ok "and the second" eventually 5 test_stopped sel-a2
is "not the third" "$(status_of sel-b1)" running
exits "kill -r that cannot reach one" 1 ctrctl kill -r '^sel-' CONT
like "names it" "$output" 'warning: sel-a1: container not running'
like "and counts" "$output" 'failed for 2 of 3 containers'
ok "kill --regex without a match" ctrctl kill --regex '^sel-none$' KILL
exits "delete --regex with a running one" 1 ctrctl delete --regex '^sel-'
like "names it" "$output" 'sel-b1: .*not stopped: running'
is "deleted the others" "$(ctrctl list -q | grep '^sel-')" sel-b1
ok "delete -f -r" ctrctl delete -f -r '^sel-'
is "all are gone" "$(ctrctl list -q | grep '^sel-')" ""
ok "nothing is left" nothing_left sel-b1

# ---- all processes ----

ok "start" ctrctl run -d --bundle "$(bundle sel-all '.process.args=["/bin/sh","-c","sleep 900 & sleep 901 & wait"]')" sel-all
ok "three processes" eventually 5 sh -c '[ "$(ctrctl ps -f json sel-all | jq length)" = 3 ]'
ok "kill --all" ctrctl kill --all sel-all KILL
ok "stopped" eventually 5 test_stopped sel-all
ok "kill --all of a stopped container" ctrctl kill --all sel-all KILL
ok "kill -a of a stopped container, another signal" ctrctl kill -a sel-all TERM
exits "kill of a stopped container" 1 ctrctl kill sel-all KILL
ok "delete" ctrctl delete sel-all

# ---- without a pid namespace of its own ----

ok "start" ctrctl run -d --bundle "$(bundle sel-pid '.linux.namespaces|=map(select(.type!="pid"))|.mounts|=map(select(.destination!="/proc"))|.linux.maskedPaths=[]|.linux.readonlyPaths=[]|.process.args=["/bin/sh","-c","sleep 900 & sleep 901 & wait"]')" sel-pid
ok "three processes" eventually 5 sh -c '[ "$(ctrctl ps -f json sel-pid | jq length)" = 3 ]'
cgroup=$(cgroup_of sel-pid)
ok "kill KILL" ctrctl kill sel-pid KILL
gone() { ! [ -s "$cgroup/cgroup.procs" ] 2>/dev/null; }
ok "leaves no process" eventually 5 gone
ok "stopped" eventually 5 test_stopped sel-pid
ok "delete" ctrctl delete sel-pid
ok "nothing is left" nothing_left sel-pid

done_testing
