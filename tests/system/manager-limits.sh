#!/bin/bash
# What clients of the D-Bus service may not do: without permission, too much, or nonsense. It answers each, and lives.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/manager-lib.sh"

call=$test_build/tests/client/ctr-call
dir=$(bundle a)
works "a container" manager CreateContainer 'ssa{sv}' m1 "$dir" 0
works "is started" container m1 Start
object=$(object_of m1)
service_pid() { systemctl show -P MainPID ctr-managerd; }
service_memory() { awk '/VmHWM/ { print $2 }' "/proc/$(service_pid)/status"; } # KiB at most so far

# ---- without permission ----

ok "polkit is there" systemctl start polkit
output=$(as_nobody busctl call org.ctrunit1 /org/ctrunit1 org.ctrunit1.Manager ListContainers 2>&1)
like "anybody may list" "$output" '^a\(ssuo\) 1 "m1" "running"'
like "and see the state" "$(as_nobody busctl get-property org.ctrunit1 "$object" org.ctrunit1.Container State)" running
denied() { # NAME OBJECT INTERFACE METHOD ...
        local name=$1
        shift
        output=$(as_nobody "$call" "$@" 2>&1)
        like "may not: $name" "$output" '^org.freedesktop.DBus.Error.(AccessDenied|InteractiveAuthorizationRequired): '
}
m=(/org/ctrunit1 org.ctrunit1.Manager)
c=("$object" org.ctrunit1.Container)
denied create "${m[@]}" CreateContainer 'ssa{sv}' n1 "$dir" 0
denied run "${m[@]}" RunContainer 'a{sv}' 1 RootFS s /srv
denied "create from words" "${m[@]}" CreateContainerSimple 'a{sv}' 1 RootFS s /srv
denied start "${c[@]}" Start
denied stop "${c[@]}" Stop
denied kill "${c[@]}" Kill ib 9 true
denied pause "${c[@]}" Pause
denied resume "${c[@]}" Resume
denied delete "${c[@]}" Delete b true
denied update "${c[@]}" Update s '{}'
denied annotate "${c[@]}" SetAnnotations 'a{ss}' 0
denied exec "${c[@]}" Exec 'sa{sv}' '' 1 args as 1 /bin/true
denied "see the configuration" "${c[@]}" GetConfig
denied "see the state" "${c[@]}" GetState
denied "see processes" "${c[@]}" Ps
denied "see their table" "${c[@]}" PsTable as 0
denied "see the numbers" "${c[@]}" Stats
denied "see annotations" "${c[@]}" GetAnnotations
is "it still runs" "$(get m1 State)" 's "running"'
like "cannot take the name" "$(as_nobody busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus RequestName su org.ctrunit1 0 2>&1)" 'not allowed|denied'

# A rule for one verb and one container is for nothing else.
mkdir -p /etc/polkit-1/rules.d
cat >/etc/polkit-1/rules.d/10-test.rules <<'EOF'
polkit.addRule(function(action, subject) {
        if (action.id == "org.ctrunit1.pause" && action.lookup("container") == "m1" && action.lookup("verb") == "Pause" &&
            subject.user == "nobody")
                return polkit.Result.YES;
});
EOF
systemctl restart polkit
eventually 5 systemctl is-active -q polkit
sleep 0.5
ok "with a rule it may pause m1" as_nobody "$call" "${c[@]}" Pause
is "State" "$(get m1 State)" 's "paused"'
denied "resume it" "${c[@]}" Resume
works "root resumes it" container m1 Resume
works "another container" manager CreateContainer 'ssa{sv}' m2 "$dir" 0
denied "pause another" "$(object_of m2)" org.ctrunit1.Container Pause
rm /etc/polkit-1/rules.d/10-test.rules

# Gone while it is asked whether it may: nothing is done.
systemctl kill -s STOP polkit
CTR_CALL_TIMES=5 CTR_CALL_LEAVE=1 as_nobody "$call" "${c[@]}" Pause
systemctl kill -s CONT polkit
sleep 0.5
is "a caller that left gets nothing done" "$(get m1 State)" 's "running"'
systemctl stop polkit
systemctl mask --runtime -q polkit
ok "root needs no polkit" ctr_call "${c[@]}" Pause
ok "root needs no polkit" ctr_call "${c[@]}" Resume
denied "without polkit" "${c[@]}" Pause
systemctl unmask --runtime -q polkit

# ---- too much ----

pid=$(service_pid)
init_memory() { awk '/VmRSS/ { print $2 }' /proc/1/status; }
init_before=$(init_memory)
CTR_CALL_TIMES=10000 "$call" "${c[@]}" PsTable as 0 >"$test_dir/many"
is "10,000 calls: an answer each" "$(wc -l <"$test_dir/many")" 10000
is "which is done, or too many" "$(sort -u "$test_dir/many")" "$(printf 'ok\norg.freedesktop.DBus.Error.LimitsExceeded')"
ok "16 at a time at least" test "$(grep -c '^ok' "$test_dir/many")" -ge 16
same_service "the same service" "$pid"
rss=$(service_memory)
ok "memory bounded ($rss KiB)" test "$rss" -le 65536
works "it answers" manager ListContainers
CTR_CALL_TIMES=100 "$call" "${m[@]}" Subscribe >"$test_dir/watches"
is "64 watches of one client" "$(grep -c '^ok' "$test_dir/watches")" 64
CTR_CALL_TIMES=500 CTR_CALL_LEAVE=1 "$call" "${c[@]}" Wait
works "those that left are forgotten" manager ListContainers
ok "no job is left" eventually 10 no_jobs

# ---- nonsense ----

long=$(head -c 1100000 /dev/zero | tr '\0' x)
printf '%s' "$long" >"$test_dir/long"
output=$(CTR_CALL_LAST=$test_dir/long ctr_call "${c[@]}" Update s 2>&1)
like "an argument of more than 1 MiB" "$output" 'LimitsExceeded: '
output=$(CTR_CALL_REPEAT=200000 ctr_call "${c[@]}" PsTable as 2>&1)
like "an array of 200,000 strings" "$output" 'LimitsExceeded: '
fails "another signature" InvalidArgs container m1 Kill s KILL
fails "too few arguments" InvalidArgs container m1 Kill i 9
fails "no such method" UnknownMethod container m1 Explode
fails "a variant of a wrong type" ConfigInvalid container m1 Exec 'sa{sv}' '' 1 args i 5
fails "an array of arrays" ConfigInvalid container m1 Exec 'sa{sv}' '' 1 env s x
fails "an option twice" ConfigInvalid container m1 Exec 'sa{sv}' '' 2 cwd s / cwd s /tmp
fails "a double" InvalidArgs container m1 Exec 'sa{sv}' '' 1 cwd d 1
for path in /org/ctrunit1/container/_2e_2e /org/ctrunit1/container/_2f /org/ctrunit1/container/m_31 /org/ctrunit1/container/_ \
        /org/ctrunit1/container/m1/x /org/ctrunit1/container/_zz; do
        output=$(ctr_call "$path" org.ctrunit1.Container Start 2>&1)
        like "object $path" "$output" 'UnknownObject: |UnknownMethod: '
done
same_service "the same service" "$pid"
rss=$(service_memory)
ok "memory bounded ($rss KiB)" test "$rss" -le 65536
ok "PID 1 answers" systemctl is-active -q dbus
grown=$(($(init_memory) - init_before))
ok "and has not grown by it (by $grown KiB)" test "$grown" -le 16384
[ -z "${CTR_MANAGER_KILL:-}" ] || ok "the service was killed meanwhile ($(n_disturbed) times)" test "$(n_disturbed)" -gt 10
works "it answers" container m1 Delete b true
works "it answers" container m2 Delete b true
done_testing
