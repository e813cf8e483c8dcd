#!/bin/bash
# Orchestrators: the whole life of many containers by signals alone, in time and in order.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/manager-lib.sh"

client=$test_build/tests/client/orchestrator
# The median of 21, shown.
in_time() { timeout 300 "$test_build/tests/client/latency" "$dir" 21 50 2>&1 | tee "$test_dir/latency"; grep -q '^ok 2' "$test_dir/latency" && ! grep '^not ok' "$test_dir/latency"; }
dir=$(bundle many '.process.args=["/bin/sleep","1000"]')
if [ -z "${CTR_MANAGER_KILL:-}" ]; then
        ok "100 containers by signals only" timeout 300 "$client" "$dir" 100 8 60000
        ok "state change to signal in less than 50 ms" in_time
        grep '^#' "$test_dir/latency"
else
        # One after the other, the service killed before each call of each.
        CTR_ORCHESTRATOR_KILL=$test_build/tests/client/kill-service timeout 300 "$client" "$dir" 5 1 60000 >"$test_dir/killed"
        rc=$?
        ok "5 containers by signals only, the service killed before each call" test $rc = 0 || sed 's/^/#   /' "$test_dir/killed"
        n=$(grep -cx '[0-9]*' "$test_dir/killed")
        ok "it was there to be killed each time ($n)" test "$n" = 30
fi
ok "no job is left" eventually 10 no_jobs
ok "no container is left" test -z "$(ctrctl list -q)"

# What an end looks like, whoever caused it.
listen
subscriber
quick=$(bundle quick '.process.args=["/bin/sh","-c","exit 7"]')
beside ctrctl run -d --bundle "$quick" q1
seen "one that ctrctl made is created" 'ContainerCreated q1 /org/ctrunit1/container/q1'
seen "is started" 'ContainerStarted q1 [0-9]+'
seen "an exit code" 'Exited q1 exit-code exited 7'
beside ctrctl delete q1
seen "is removed" 'Removed q1'
is "each of them once" "$(signals | grep -c ' q1\b')" 4

beside ctrctl run -d --bundle "$(bundle one)" q2
seen "another is started" 'ContainerStarted q2 [0-9]+'
beside systemctl freeze ctr@q2
seen "systemctl freezes it" 'Paused q2'
beside systemctl thaw ctr@q2
seen "and thaws it" 'Resumed q2'
manager ListContainers >/dev/null
works "Exec" container q2 Exec 'sa{sv}' '' 1 args as 3 /bin/sh -c 'exit 4'
seen "a process's end" 'ProcessExited q2 [0-9a-f]{32} exit-code exited 4'
beside systemctl stop ctr@q2
seen "systemctl stops it" 'Exited q2 [a-z-]+ (killed|exited) [0-9]+'
is "its object is a stopped container" "$(get q2 State)" 's "stopped"'
beside ctrctl delete q2
seen "is removed" 'Removed q2'

# Removed by force while it runs, its end is told before its files are gone, and with the same words everywhere.
beside ctrctl run -d --bundle "$(bundle forced)" q4
seen "one more is started" 'ContainerStarted q4 [0-9]+'
works "Delete by force" container q4 Delete b true
seen "has ended" 'Exited q4 signal killed 9'
seen "and is removed" 'Removed q4'
is "PropertiesChanged never shows a stopped one without its end" "$(jq -c 'select(.member == "PropertiesChanged" and .path == "/org/ctrunit1/container/q4")
        | .payload.data[1] | select(.State.data == "stopped" and .ExitResult.data == "")' "$test_dir/signals")" ""

test_ends() { [ "$(signals | grep -c "^Exited $1 exit-code exited 1$")" = "$2" ]; }
sd=$(bundle restart '.process.args=["/bin/sh","-c","sleep 0.2; exit 1"]')
mkdir -p /etc/systemd/system/ctr@q3.service.d
printf '[Service]\nRestart=on-failure\nRestartSec=10ms\n[Unit]\nStartLimitBurst=3\nStartLimitIntervalSec=60\n' >/etc/systemd/system/ctr@q3.service.d/r.conf
systemctl daemon-reload
beside ctrctl run -d --bundle "$sd" q3
test_over() { case $(property "$1" ActiveState) in inactive | failed) return 0 ;; esac; return 1; }
eventually 10 test_over q3
ok "each run of Restart= has its end" eventually 10 test_ends q3 3
is "and its start" "$(signals | grep -c '^ContainerStarted q3 ')" 3
beside ctrctl delete -f q3
rm -r /etc/systemd/system/ctr@q3.service.d
systemctl daemon-reload

# PropertiesChanged and the tree.
changes=$(jq -r 'select(.member == "PropertiesChanged" and .path == "/org/ctrunit1/container/q2") | .payload.data[1].State.data' "$test_dir/signals" | tr '\n' ' ')
like "PropertiesChanged follows" "$changes" '^(running )?paused running stopped $'
ok "InterfacesAdded" jq -se 'any(.[]; .member == "InterfacesAdded" and .payload.data[0] == "/org/ctrunit1/container/q2")' "$test_dir/signals"
ok "InterfacesRemoved" jq -se 'any(.[]; .member == "InterfacesRemoved" and .payload.data[0] == "/org/ctrunit1/container/q2")' "$test_dir/signals"
kill "$monitor"

# Nothing is asked at an interval: an idle daemon with a subscriber does nothing at all.
pid=$(systemctl show -P MainPID ctr-managerd)
timeout 3 strace -qq -e trace=all -p "$pid" -o "$test_dir/strace" 2>/dev/null
is "system calls of a daemon that waits" "$(grep -vE 'epoll_wait|detached|restart_syscall|gettid|^--- SIG' "$test_dir/strace")" ""
[ -z "${CTR_MANAGER_KILL:-}" ] || ok "the service was killed between all calls ($(n_disturbed))" test "$(n_disturbed)" -gt 10
release_subscriber
done_testing
