#!/bin/bash
# A container as a service: what systemd says of it is the payload's, and nothing of ours stays beside it.
. "$(dirname "$0")/lib.sh"

configure() { # NAME JQ CONTAINER-FILE-TEXT
        mkdir -p /etc/ctrunit/containers
        ln -sfn "$(bundle "$1" "$2")" "/etc/ctrunit/containers/$1"
        [ -z "${3:-}" ] || printf '%s\n' "$3" >"/etc/ctrunit/containers/$1.container"
        systemctl daemon-reload
}
forget() { # NAME
        rm -rf "/etc/ctrunit/containers/$1" "/etc/ctrunit/containers/$1.container"
        systemctl daemon-reload
        systemctl reset-failed "$(unit_of "$1")" 2>/dev/null
}

# ---- the payload is the main process ----

configure svc '.process.args=["/bin/ctr-probe","sleep","1000"]' $'[Service]\nRestart=on-failure\nRestartSec=100ms'
ok "start" systemctl start ctr@svc
pid=$(property svc MainPID)
is "MainPID is the payload" "$(tr '\0' ' ' <"/proc/$pid/cmdline")" "/bin/ctr-probe sleep 1000 "
is "its parent is PID 1" "$(awk '/^PPid/ { print $2 }' "/proc/$pid/status")" 1
is "it is PID 1 inside" "$(awk '/^NSpid/ { print $NF }' "/proc/$pid/status")" 1
ok "only the payload is in the cgroup, no process of ours runs" alone svc
is "it is still the main process" "$(property svc MainPID)" "$pid"
is "no warning about a process that is not our child" \
        "$(journalctl -q --no-pager -o cat -b -u ctr@svc | grep -c "not our child")" 0
is "NeedDaemonReload" "$(property svc NeedDaemonReload)" no

# ---- exact end, restart ----

kill -KILL "$pid"
test_restarted() { [ "$(property "$1" MainPID)" != "$2" ] && [ "$(property "$1" ActiveState)" = active ]; }
ok "Restart=on-failure restarts it" eventually 10 test_restarted svc "$pid"
is "NRestarts" "$(property svc NRestarts)" 1
like "the journal says how it died" "$(journalctl -q --no-pager -o cat -u ctr@svc)" 'code=killed, status=9/KILL'
ok "again only the payload is in the cgroup" alone svc
ok "stop" systemctl stop ctr@svc
is "stop is clean" "$(property svc Result)" success
forget svc
ok "nothing is left after stop" nothing_left svc

test_ended() { case $(property "$1" ActiveState) in inactive | failed) return 0 ;; esac; return 1; }
for code in 0 42; do
        configure "exit$code" ".process.args=[\"/bin/ctr-probe\",\"exit\",\"$code\"]"
        systemctl start "ctr@exit$code"
        ok "exit $code: ended" eventually 5 test_ended "exit$code"
        is "exit $code: ExecMainStatus" "$(property "exit$code" ExecMainStatus)" "$code"
        [ "$code" = 0 ] || is "exit $code: ExecMainCode" "$(property "exit$code" ExecMainCode)" 1
        forget "exit$code"
done

configure killed '.process.args=["/bin/ctr-probe","sleep","1000"]'
systemctl start ctr@killed
kill -KILL "$(property killed MainPID)"
ok "SIGKILL: ended" eventually 5 test_ended killed
is "SIGKILL: ExecMainCode and ExecMainStatus" "$(property killed ExecMainCode) $(property killed ExecMainStatus)" "2 9"
is "SIGKILL: Result" "$(property killed Result)" signal
forget killed

configure term '.process.args=["/bin/sh","-c","trap \"exit 143\" TERM; while :; do sleep 0.1; done"]'
systemctl start ctr@term
ok "a payload that ends with 143 on SIGTERM: stop" within 1000 systemctl stop ctr@term
is "143 counts as success" "$(property term Result)" success
forget term

# ---- a program that is not there ----

configure nope '.process.args=["/nope"]'
exits "a missing program fails the start" 1 systemctl start ctr@nope
is "with EXEC" "$(property nope ExecMainStatus)" 203
journalctl --sync
is "one line in the journal says what and why" \
        "$(journalctl -q --no-pager -o cat _SYSTEMD_INVOCATION_ID="$(property nope InvocationID)" | grep -c '/nope.*no such file or directory')" 1
forget nope
ok "nothing is left of it" nothing_left nope

# ---- names as people type them ----

for name in my-web a.b.c x_1 plus+plus; do
        configure "$name" .
        ok "systemctl start ctr@$name" systemctl start "ctr@$name"
        is "ctrctl state $name" "$(status_of "$name")" running
        ok "systemctl stop ctr@$name" systemctl stop "ctr@$name"
        forget "$name"
        ok "transient: ctrctl run -d $name" ctrctl run -d --bundle "$test_dir/$name" "$name"
        ok "transient: systemctl is-active ctr@$name" systemctl is-active "ctr@$name"
        ok "transient: systemctl stop ctr@$name" systemctl stop "ctr@$name"
        ok "transient: delete -f $name" ctrctl delete -f "$name"
        ok "nothing is left of $name" nothing_left "$name"
done

# ---- changed after daemon-reload ----

configure changed .
ok "before the change" systemctl start ctr@changed
systemctl stop ctr@changed
jq '.hostname="other"' "$test_dir/changed/config.json" >"$test_dir/new.json" && cp "$test_dir/new.json" "$test_dir/changed/config.json"
exits "a config changed after daemon-reload is refused" 1 systemctl start ctr@changed
journalctl --sync
like "with the command to run" "$(journalctl -q --no-pager -o cat -u ctr@changed)" 'systemctl daemon-reload'
systemctl daemon-reload
ok "after daemon-reload it starts" systemctl start ctr@changed
systemctl stop ctr@changed
forget changed

# ---- only created ----

for verb in stop kill delete; do
        ok "created: create" ctrctl create --bundle "$(bundle "only-$verb")" "only-$verb"
        is "created: the unit is active" "$(property "only-$verb" ActiveState)" active
        case $verb in
        stop) ok "created: systemctl stop does not wait for a timeout" within 1000 systemctl stop "ctr@only-$verb" ;;
        kill) ok "created: kill does not wait for a timeout" within 1000 sh -c "ctrctl kill only-$verb && until [ \"\$(ctrctl state only-$verb | jq -r .status)\" = stopped ]; do sleep 0.02; done" ;;
        delete) ok "created: delete does not wait for a timeout" within 1000 ctrctl delete "only-$verb" ;;
        esac
        ctrctl delete -f "only-$verb"
        ok "created: nothing is left after $verb" nothing_left "only-$verb"
done
done_testing
