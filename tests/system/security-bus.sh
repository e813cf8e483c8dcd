#!/bin/bash
# What any user of the host may do on the system bus: send signals to whom it likes, in the name of any interface, and
# ask much at a time. Nobody believes such a signal, and nobody else is kept waiting.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/manager-lib.sh"

systemd=/org/freedesktop/systemd1
dir=$(bundle a)
works "a container" manager CreateContainer 'ssa{sv}' b1 "$dir" 0
works "is started" container b1 Start
exec_unit_path() { echo "$systemd/unit/ctr_2dexec_2d${1}_2eservice"; }
names() { command busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus ListNames | grep -o '":[0-9.]*"' | tr -d '"'; }
# forge NAME ARGUMENT...: the signal, to this connection alone.
forge() {
        local name=$1
        shift
        as_nobody busctl --destination="$name" emit "$@" 2>&1
}

# ---- the end of a process, told to the service ----

works "a process" container b1 Exec 'sa{sv}' '' 1 args as 2 /bin/sleep 1000
token=$(awk -F'"' '{ print $2 }' <<<"$output")
# Beside the one that lists them.
n_clients() { command busctl list --unique --no-legend | awk '$3 == "busctl"' | wc -l; }
has_waiter() { [ "$(n_clients)" -gt 1 ]; }
command busctl call org.ctrunit1 "$(object_of b1)" org.ctrunit1.Container WaitProcess s "$token" >"$test_dir/end" 2>&1 &
waiter=$!
ok "somebody waits for its end" eventually 10 has_waiter
works "the service has heard it" manager ListContainers
owner=$(command busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus GetNameOwner s org.ctrunit1 | awk -F'"' '{ print $2 }')
like "the service's own name" "$owner" '^:1\.[0-9]+$'
forged=(org.freedesktop.DBus.Properties PropertiesChanged 'sa{sv}as' org.freedesktop.systemd1.Service 3
        ExecMainCode i 1 ExecMainStatus i 0 Result s forged 0)
for kind in "$(exec_unit_path "$token")" "$systemd/unit/ctr_40b1_2eservice"; do
        forge "$owner" "$kind" "${forged[@]}" >/dev/null
done
works "the service has read it" manager ListContainers
ok "the process ends otherwise" systemctl kill --kill-who=main -s KILL "ctr-exec-$token"
wait $waiter
is "a forged end is not believed" "$(cat "$test_dir/end")" 'ssi "signal" "killed" 9'
is "nor that of a container" "$(get b1 State)" 's "running"'
works "Delete" container b1 Delete b true

# ---- the end of a job, told to who waits for it ----

# A payload that ends when it is told to, and no sooner. What the service's worker asks after the forged signal the
# monitor tells.
mkfifo "$test_dir/rootfs/end"
stubborn=$(bundle b2 '.process.args=["/bin/sh","-c","trap \"cat /end; exit\" TERM; while :; do sleep 1000 & wait; done"]')
ok "a container that takes its time to end" ctrctl run -d --bundle "$stubborn" b2
before=$(names)
(command busctl call org.ctrunit1 "$(object_of b2)" org.ctrunit1.Container Stop
        echo "$? $(systemctl show -P ActiveState ctr@b2.service)" >"$test_dir/stopped") >"$test_dir/stop" 2>&1 &
stopper=$!
job_of() { systemctl show -P Job ctr@b2.service; }
is_stopping() { [ "$(systemctl show -P ActiveState ctr@b2.service)" = deactivating ] && [ "$(job_of)" != 0 ]; }
ok "it is being stopped" eventually 10 is_stopping
command busctl monitor --json=short --match "type='method_call',member='GetJob'" --match "member='JobRemoved'" \
        >"$test_dir/calls" 2>"$test_dir/monitor" &
monitor=$!
ok "somebody listens" eventually 10 grep -q 'Monitoring bus message stream' "$test_dir/monitor"
for name in $(names); do
        case $before in *"$name"*) continue ;; esac
        forge "$name" $systemd org.freedesktop.systemd1.Manager JobRemoved uoss "$(job_of)" "$systemd/job/$(job_of)" ctr@b2.service done
done >/dev/null
asked_again() {
        [ -e "$test_dir/stopped" ] || jq -e -s 'map(.member) | index("JobRemoved") as $i | $i != null and (.[$i:] | index("GetJob"))' \
                "$test_dir/calls" >/dev/null 2>&1
}
ok "Stop goes on waiting, or ends" eventually 20 asked_again
ok "a forged end of its job is not believed" test ! -e "$test_dir/stopped"
echo >"$test_dir/rootfs/end" &
wait $stopper
is "Stop ends when the container has" "$(cat "$test_dir/stopped")" "0 inactive"
kill $monitor

# ---- more questions than polkit answers ----

# A user's own agent for passwords may never answer. Each connection asks as much as one may.
ok "delete" ctrctl delete -f b2
ok "a container" ctrctl run -d --bundle "$dir" b2
ok "polkit is there" systemctl start polkit
systemctl kill -s STOP polkit
ask=("$test_build/tests/client/ctr-call" "$(object_of b2)" org.ctrunit1.Container Pause)
askers=()
for i in $(seq 20); do
        CTR_CALL_TIMES=16 setpriv --reuid 65534 --regid 65534 --clear-groups "${ask[@]}" >"$test_dir/asked-$i" 2>&1 &
        askers+=($!)
done
# Those beyond are refused at once, the others wait for polkit.
as_other() { setpriv --reuid "$1" --regid "$1" --clear-groups "${ask[@]}"; }
n_open() { command busctl list --unique --no-legend | awk '$3 == "ctr-call"' | wc -l; }
is_refused() { as_other 65534 2>&1 | grep -q 'LimitsExceeded: '; }
ok "a user's questions have an end" eventually 10 is_refused
works "root is answered all the same" container b2 Pause
works "and again" container b2 Resume
as_other 1 >"$test_dir/other" 2>&1 &
other=$!
ok "the others wait" test "$(n_open)" -ge 2
systemctl kill -s CONT polkit
wait $other "${askers[@]}"
like "another user is heard" "$(cat "$test_dir/other")" '(AccessDenied|InteractiveAuthorizationRequired): '
is "32 questions of one user" "$(cat "$test_dir"/asked-* | grep -c LimitsExceeded)" 288
ok "delete" ctrctl delete -f b2
done_testing
