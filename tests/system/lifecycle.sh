#!/bin/bash
# create, start, state, kill, delete: the life of a container verb by verb, and what is refused when.
. "$(dirname "$0")/lib.sh"

dir=$(bundle a '.process.args=["/bin/sleep","1000"]|.annotations={"org.example.x":"y"}')

# ---- from nothing to created ----

exits "state of nothing" 1 ctrctl state a
like "says that it does not exist" "$output" '^ctrctl: container does not exist$'
ok "create" ctrctl create --bundle "$dir" --pid-file "$test_dir/pid" a
is "status" "$(status_of a)" created
is "the pid file has the pid and no newline" "$(cat "$test_dir/pid")|$(wc -l <"$test_dir/pid")" "$(ctrctl state a | jq .pid)|0"
is "the process is not the payload yet" "$(grep -c sleep "/proc/$(cat "$test_dir/pid")/cmdline")" 0
is "state: id, bundle, unit" "$(ctrctl state a | jq -r '.id,.bundle,.unit' | paste -sd' ')" "a $dir ctr@a.service"
is "state: rootfs is absolute" "$(ctrctl state a | jq -r .rootfs)" "$test_dir/rootfs"
is "state: annotations" "$(ctrctl state a | jq -c .annotations)" '{"org.example.x":"y"}'
is "state: version of the specification" "$(ctrctl state a | jq -r .ociVersion)" 1.0.2
is "state: invocation" "$(ctrctl state a | jq -r .invocationID)" "$(property a InvocationID)"
is "systemd's status text" "$(property a StatusText)" created
exits "a second create" 1 ctrctl create --bundle "$dir" a
like "says that the id is in use" "$output" 'container with given ID already exists'
is "and does no harm" "$(status_of a)" created
is "state directories are private" "$(stat -c %a "$state_root/a")" 700

# ---- running ----

ok "start" ctrctl start a
is "status" "$(status_of a)" running
is "the pid is the same, and the payload" "$(tr '\0' ' ' <"/proc/$(cat "$test_dir/pid")/cmdline")" "/bin/sleep 1000 "
is "systemd's main process" "$(property a MainPID)" "$(cat "$test_dir/pid")"
exits "a second start" 1 ctrctl start a
like "says why" "$output" 'cannot start an already running container'
exits "delete of a running container" 1 ctrctl delete a
like "says its status" "$output" 'cannot delete container a that is not stopped: running'

# A change of the bundle after create means nothing.
jq '.process.args=["/bin/false"]' "$dir/config.json" >"$test_dir/x" && cp "$test_dir/x" "$dir/config.json"
is "the kept configuration" "$(jq -r '.process.args[0]' "$state_root/a/config.json")" /bin/sleep

# ---- the end ----

ok "kill with signal 0: there is a process" ctrctl kill a 0
ok "kill" ctrctl kill a KILL
ok "stopped" eventually 5 test_stopped a
is "pid of a stopped container" "$(ctrctl state a | jq .pid)" 0
exits "kill of a stopped container" 1 ctrctl kill a
exits "kill with signal 0 of a stopped container" 1 ctrctl kill a 0
like "says what runc's callers look for" "$output" 'container not running'
exits "kill --all of a stopped container" 0 ctrctl kill --all a KILL
exits "start of a stopped container" 1 ctrctl start a
ok "the exit record" grep -q '^signal killed KILL ' "$state_root/a/exit"
ok "delete" ctrctl delete a
ok "nothing is left" nothing_left a
is "nor a file of systemd's own" "$(find /run/systemd -name '*ctr@a.service*')" ""
exits "delete of nothing" 1 ctrctl delete a
exits "delete --force of nothing" 0 ctrctl delete --force a

# ---- exit codes ----

for code in 0 42; do
        ctrctl create --bundle "$(bundle "c$code" ".process.args=[\"/bin/ctr-probe\",\"exit\",\"$code\"]")" "c$code"
        ok "exit $code: start" ctrctl start "c$code"
        ok "exit $code: stopped" eventually 5 test_stopped "c$code"
        ok "exit $code: record" eventually 5 grep -q "exited $code " "$state_root/c$code/exit"
        ok "exit $code: delete" ctrctl delete "c$code"
        ok "exit $code: nothing is left" nothing_left "c$code"
done

# ---- a program that is not there, or cannot be executed ----

ok "missing: create" ctrctl create --bundle "$(bundle missing '.process.args=["/nope"]')" missing
exits "missing: start" 127 ctrctl start missing
like "missing: what and why" "$output" '/nope.*no such file or directory'
is "missing: stopped" "$(status_of missing)" stopped
ok "missing: delete" ctrctl delete missing
ok "missing: nothing is left" nothing_left missing
ok "refused: create" ctrctl create --bundle "$(bundle refused '.process.args=["/etc/passwd"]')" refused
exits "refused: start" 126 ctrctl start refused
like "refused: why" "$output" 'permission denied'
ok "refused: delete" ctrctl delete --force refused

# ---- only created: gone without a timeout, either way ----

for force in "" --force; do
        ctrctl create --bundle "$(bundle only)" only
        # shellcheck disable=SC2086
        ok "only created: delete $force" within 1000 ctrctl delete $force only
        ok "only created: nothing is left" nothing_left only
done

# ---- signals ----

trap_bundle=$(bundle sig '.process.args=["/bin/sh","-c","trap \"exit 5\" USR1; trap \"exit 6\" TERM; echo ready; while :; do sleep 0.05; done"]')
test_said() { ctrctl logs -o cat "$1" | grep -qx "$2"; }
for try in "USR1 5" "sigusr1 5" "SIGUSR1 5" "10 5" " 6" "TERM 6" "15 6"; do
        name=${try% *} code=${try##* }
        ctrctl run -d --bundle "$trap_bundle" sig
        eventually 5 test_said sig ready
        # shellcheck disable=SC2086
        ctrctl kill sig $name
        eventually 5 test_stopped sig
        ok "kill ${name:-without a name}: exit $code" eventually 5 grep -q "exited $code " "$state_root/sig/exit"
        ctrctl delete sig
done
ctrctl run -d --bundle "$trap_bundle" sig
exits "an unknown signal" 1 ctrctl kill sig BOGUS
ok "kill --all" ctrctl kill --all sig KILL
ok "ends it" eventually 5 test_stopped sig
ctrctl delete sig

# ---- a payload's limit that the wait for `start` does not fit into ----

few='.process.rlimits=[{type:"RLIMIT_NOFILE",soft:4,hard:4}]'
exits "create with four descriptors" 1 ctrctl create --bundle "$(bundle few "$few")" few
like "says why" "$output" 'RLIMIT_NOFILE leaves no descriptor'
ok "nothing is left" nothing_left few
exits "run needs none" 0 ctrctl run --bundle "$(bundle few-run "$few | .process.args=[\"/bin/true\"]")" few-run

# ---- forced delete needs nothing but the id ----

ctrctl run -d --bundle "$(bundle f)" f
rm "$state_root/f/state.json"
exits "state without state.json" 1 ctrctl state f
ok "delete -f without state.json" ctrctl delete -f f
ok "nothing is left" nothing_left f
ctrctl run -d --bundle "$(bundle f)" f
rm -r "$state_root/f"
ok "delete -f without the state directory" ctrctl delete -f f
ok "nothing is left" nothing_left f
ctrctl run -d --bundle "$(bundle f)" f
ok "delete -f of another root's container: nothing" ctrctl --root "$test_dir/root" delete -f f
is "it still runs" "$(status_of f)" running
ctrctl pause f
ok "delete -f of a paused container" within 1000 ctrctl delete -f f
ok "nothing is left" nothing_left f

# ---- one of several creates wins ----

dir=$(bundle race)
for i in 1 2 3 4 5 6; do
        (ctrctl create --bundle "$dir" race >"$test_dir/race.$i" 2>&1; echo $? >"$test_dir/race.$i.rc") &
done
wait
is "of six creates one succeeds" "$(cat "$test_dir"/race.?.rc | sort | paste -sd' ')" "0 1 1 1 1 1"
is "the others say that the id is in use" "$(cat "$test_dir"/race.? | grep -c 'already exists')" 5
is "it is created" "$(status_of race)" created
is "nothing else is in the root" "$(ls -A "$state_root")" race
ok "start" ctrctl start race
ok "delete -f" ctrctl delete -f race

# ---- names, roots, logs ----

for bad in ../x . .. a/b "" "a b" -rf a%b 'a@b' ~; do
        exits "id \"$bad\" is refused" 1 ctrctl create --bundle "$dir" -- "$bad"
done
exits "root / is refused" 1 ctrctl --root / list
ok "another root" ctrctl --root "$test_dir/root" create --bundle "$dir" other
is "is another place" "$(ctrctl --root "$test_dir/root" list -q) $(ctrctl list -q)" "other "
ok "delete there" ctrctl --root "$test_dir/root" delete other
ctrctl --log "$test_dir/log" --log-format json state nope 2>/dev/null
is "one line of JSON in the log" "$(jq -r '.level+" "+.msg' "$test_dir/log")|$(wc -l <"$test_dir/log")" "error container does not exist|1"
exits "an unknown verb" 1 ctrctl bogus
exits "an unknown option" 1 ctrctl create --bogus a
exits "an argument too many" 1 ctrctl start a b
done_testing

# ---- at shutdown: containers before their slice, the slice before file systems ----

ok "shutdown: create" ctrctl create --bundle "$(bundle down '.process.args=["/bin/sleep","1000"]')" down
ok "shutdown: start" ctrctl start down
is "shutdown: a container needs its slice" "$(property down Requires)" ctr.slice
like "shutdown: and is ordered after it" "$(property down After)" '(^| )ctr\.slice( |$)'
like "shutdown: and after remote file systems" "$(property down After)" '(^| )remote-fs\.target( |$)'
like "shutdown: the slice is ordered after local file systems" "$(systemctl show -P After ctr.slice)" '(^| )local-fs\.target( |$)'
like "shutdown: and is stopped then" "$(systemctl show -P Conflicts ctr.slice)" '(^| )shutdown\.target( |$)'
ok "shutdown: stop of the slice" systemctl stop ctr.slice
ok "shutdown: stops the container" eventually 5 test_stopped down
ok "shutdown: delete" ctrctl delete down
ok "shutdown: nothing is left" nothing_left down
