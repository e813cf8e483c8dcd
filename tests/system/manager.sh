#!/bin/bash
# The D-Bus service: containers by busctl, from creation to removal.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/manager-lib.sh"

dir=$(bundle web)

# ---- the manager ----

works "the bus starts the service" manager ListContainers
is "nothing is listed" "$output" 'a(ssuo) 0'
like "the tree" "$(busctl tree org.ctrunit1)" '/org/ctrunit1'
like "Version" "$(busctl get-property org.ctrunit1 /org/ctrunit1 org.ctrunit1.Manager Version)" 's "[0-9.]+"'
works "Features" manager Features
like "are those of ctrctl" "$output" 'ociVersionMin'

# ---- one life ----

works "CreateContainer" manager CreateContainer 'ssa{sv}' web-1 "$dir" 0
is "answers with id and path" "$output" 'so "web-1" "/org/ctrunit1/container/web_2d1"'
like "is in the tree" "$(busctl tree org.ctrunit1)" '/org/ctrunit1/container/web_2d1'
works "GetContainer" manager GetContainer s web-1
is "the same path" "$output" 'o "/org/ctrunit1/container/web_2d1"'
is "State" "$(get web-1 State)" 's "created"'
is "Unit" "$(get web-1 Unit)" 's "ctr@web-1.service"'
is "Pid" "$(get web-1 Pid)" "u $(property web-1 MainPID)"
is "ctrctl sees it" "$(status_of web-1)" created
fails "the id is taken" IdInUse manager CreateContainer 'ssa{sv}' web-1 "$dir" 0
works "Start" container web-1 Start
is "State" "$(get web-1 State)" 's "running"'
run_of() { systemctl show "$(unit_of "$1")" -P MainPID -P InvocationID -P NRestarts -P ActiveEnterTimestampMonotonic | xargs; }
run=$(run_of web-1)
fails "a second Start" BadState container web-1 Start
fails "Delete of a running one" ContainerNotStopped container web-1 Delete b false
works "GetState" container web-1 GetState
is "is what ctrctl says" "$(unquoted <<<"$output")" "$(ctrctl state web-1)"
works "GetConfig" container web-1 GetConfig
like "the configuration" "$output" 'ociVersion'
works "Ps" container web-1 Ps
is "the process" "$output" "a(us) 1 $(property web-1 MainPID) \"/bin/ctr-probe sleep 1000\""
works "PsTable" container web-1 PsTable as 0
like "has a column PID" "$output" 'PID.*ctr-probe'
works "PsTable with an argument" container web-1 PsTable as 2 -o pid,comm
works "Stats" container web-1 Stats
like "has numbers" "$output" 'usage'
works "Pause" container web-1 Pause
is "State" "$(get web-1 State)" 's "paused"'
fails "a second Pause" ContainerPaused container web-1 Pause
works "Resume" container web-1 Resume
fails "a second Resume" ContainerNotPaused container web-1 Resume
works "SetAnnotations" container web-1 SetAnnotations 'a{ss}' 2 a 1 b two
works "SetAnnotations once more" container web-1 SetAnnotations 'a{ss}' 1 a 3
works "GetAnnotations" container web-1 GetAnnotations
is "both, merged" "$output" 'a{ss} 2 "a" "3" "b" "two"'
is "ctrctl shows them" "$(ctrctl state web-1 | jq -r .annotations.a)" 3
works "Update" container web-1 Update s '{"memory":{"limit":67108864}}'
is "reaches the unit" "$(property web-1 MemoryMax)" 67108864
fails "Update with nonsense" ConfigInvalid container web-1 Update s '{"memory":{"limit":"much"}}'
fails "Update of a limit that there is not" ConfigInvalid container web-1 Update s '{"pids":{"limt":5}}'
like "what it may have been" "$output" 'pids.limt: .*did you mean "limit"'
fails "Update with a whole configuration" ConfigInvalid container web-1 Update s '{"linux":{"resources":{"pids":{"limit":5}}}}'
fails "Update with a word too many" InvalidArgs container web-1 Update ss a b
is "it is the same run all the time: nothing was restarted" "$(run_of web-1)" "$run"
fails "Kill with no signal" Usage container web-1 Kill ib 65 false
works "Kill" container web-1 Kill ib 9 false
works "Wait" container web-1 Wait
is "the end" "$output" 'ssi "signal" "killed" 9'
is "ExitCode" "$(get web-1 ExitCode)" 's "killed"'
is "ExitStatus" "$(get web-1 ExitStatus)" 'i 9'
fails "Kill of a stopped one" ContainerNotRunning container web-1 Kill ib 15 false
fails "Checkpoint of a stopped one" ContainerNotRunning container web-1 Checkpoint 'sa{sv}' /srv/images 0
works "Delete" container web-1 Delete b false
ok "nothing is left" nothing_left web-1
fails "its object is gone" UnknownObject container web-1 Start
fails "no such container" ContainerNotExists manager GetContainer s web-1

# ---- stop, wait, force ----

works "create another" manager CreateContainer 'ssa{sv}' s1 "$dir" 0
works "Start" container s1 Start
wait_patiently s1 >"$test_dir/wait" &
waiter=$!
sleep 0.2
works "Stop" container s1 Stop
wait $waiter
is "who waits is told" "$(cat "$test_dir/wait")" 'ssi "success" "exited" 143'
is "State" "$(get s1 State)" 's "stopped"'
works "Stop again" container s1 Stop
works "Delete" container s1 Delete b false
works "one that is created" manager CreateContainer 'ssa{sv}' s2 "$dir" 0
works "Delete by force" container s2 Delete b true
ok "nothing is left" nothing_left s2
works "an id of its own" manager CreateContainer 'ssa{sv}' '' "$dir" 0
own=$(awk -F'"' '{ print $2 }' <<<"$output")
like "32 digits" "$own" '^[0-9a-f]{32}$'
works "Delete" container "$own" Delete b true

# ---- exec ----

works "one to exec in" manager CreateContainer 'ssa{sv}' e "$dir" 0
works "Start" container e Start
works "Exec" container e Exec 'sa{sv}' '' 1 args as 3 /bin/sh -c 'echo said by exec; exit 9'
token=$(awk -F'"' '{ print $2 }' <<<"$output")
works "WaitProcess" container e WaitProcess s "$token"
is "its own exit status" "$output" 'ssi "exit-code" "exited" 9'
ok "its output is in the journal" eventually 5 in_journal 'said by exec'
works "a longer one" container e Exec 'sa{sv}' '' 2 args as 2 /bin/sleep 100 user s root
token=$(awk -F'"' '{ print $2 }' <<<"$output")
pid=$(awk '{ print $3 }' <<<"$output")
is "is the unit's main process" "$(systemctl show -P MainPID "ctr-exec-$token")" "$pid"
is "is in the container's cgroup" "$(sed -n s/^0:://p "/proc/$pid/cgroup")" "$(property e ControlGroup)"
is "is bound to it" "$(systemctl show -P BindsTo "ctr-exec-$token")" ctr@e.service
ok "nothing of ours is left beside it" none_runs '^/usr/lib/ctrunit/ctr-(worker|exec)'
ok "systemctl kill ends only it" systemctl kill --kill-who=main -s KILL "ctr-exec-$token"
works "WaitProcess" container e WaitProcess s "$token"
is "killed" "$output" 'ssi "signal" "killed" 9'
is "the container lives" "$(get e State)" 's "running"'
works "a process object" container e Exec 'sa{sv}' '{"args":["/bin/sh","-c","exit 3"],"cwd":"/","user":{"uid":1000,"gid":1000}}' 0
works "WaitProcess" container e WaitProcess s "$(awk -F'"' '{ print $2 }' <<<"$output")"
is "its exit status" "$output" 'ssi "exit-code" "exited" 3'
fails "no such program" ProcessNotExecuted container e Exec 'sa{sv}' '' 1 args as 1 /nope
fails "no such user" ConfigInvalid container e Exec 'sa{sv}' '' 2 args as 1 /bin/true user s nobodyatall
fails "an unknown option" ConfigInvalid container e Exec 'sa{sv}' '' 1 privileged b true
fails "an option of the wrong type" ConfigInvalid container e Exec 'sa{sv}' '' 1 args s /bin/true
fails "no token" InvalidArgs container e WaitProcess s nonsense
fails "an unknown token" Usage container e WaitProcess s 00000000000000000000000000000000
works "Pause" container e Pause
fails "Exec in a paused one" ContainerPaused container e Exec 'sa{sv}' '' 1 args as 1 /bin/true
works "Resume" container e Resume
sleep 1000 &
adopted=$!
works "Adopt" container e Adopt u $adopted
works "Ps" container e Ps
like "lists it" "$output" " $adopted \"sleep 1000\""
is "it is in the container's cgroup" "$(sed -n s/^0:://p "/proc/$adopted/cgroup")" "$(property e ControlGroup)"
fails "Adopt of nobody" Usage container e Adopt u 4194304
fails "Adopt of PID 1" Usage container e Adopt u 1
fails "Checkpoint of one that writes to the journal" Unsupported container e Checkpoint 'sa{sv}' "$test_dir/images" 0
like "says why" "$output" 'socket of another network namespace|apt install criu'
fails "Checkpoint to a relative path" Usage container e Checkpoint 'sa{sv}' images 0
fails "Checkpoint with an option that is none" Usage container e Checkpoint 'sa{sv}' "$test_dir/images" 1 leave b true
fails "Checkpoint with an option of another type" Usage container e Checkpoint 'sa{sv}' "$test_dir/images" 1 leave_running s yes
is "the container runs on" "$(get e State)" 's "running"'
mkdir -p "$test_dir/images"
fails "RestoreContainer of nobody knows what" Usage manager RestoreContainer 'ssa{sv}' restored "$test_dir/images" 0
fails "RestoreContainer from no images" Usage manager RestoreContainer 'ssa{sv}' restored "$test_dir/images" 1 bundle s "$dir"
fails "RestoreContainer of an id in use" IdInUse manager RestoreContainer 'ssa{sv}' e "$test_dir/images" 0
fails "RestoreContainer of a bad id" InvalidIdFormat manager RestoreContainer 'ssa{sv}' ../x /srv/images 0
ok "nothing is left of it" nothing_left restored
works "Exec before the end" container e Exec 'sa{sv}' '' 1 args as 2 /bin/sleep 100
token=$(awk -F'"' '{ print $2 }' <<<"$output")
works "Delete b true" container e Delete b true
ok "ends with its container" eventually 5 unit_gone "ctr-exec-$token.service"
ok "and so does what was adopted" eventually 5 test ! -e "/proc/$adopted/exe"
ok "nothing is left" nothing_left e

# ---- bad input ----

fails "a bad id" InvalidIdFormat manager CreateContainer 'ssa{sv}' ../x "$dir" 0
fails "no bundle" ConfigInvalid manager CreateContainer 'ssa{sv}' b1 /nope 0
fails "a relative bundle" ConfigInvalid manager CreateContainer 'ssa{sv}' b1 web 0
chmod 777 "$dir"
fails "a bundle that others can write" ConfigInvalid manager CreateContainer 'ssa{sv}' b1 "$dir" 0
chmod 755 "$dir"
ln -s "$dir" "$test_dir/link"
fails "a link to a bundle" ConfigInvalid manager CreateContainer 'ssa{sv}' b1 "$test_dir/link" 0
fails "an unknown option" ConfigInvalid manager CreateContainer 'ssa{sv}' b1 "$dir" 1 privileged b true
bundle bad '.process.args=5' >/dev/null
fails "a bad configuration" ConfigInvalid manager CreateContainer 'ssa{sv}' b1 "$test_dir/bad" 0
like "says where" "$output" 'process.args'
ok "nothing is left" nothing_left b1
ok "no job is left" no_jobs

# ---- the service itself ----

works "is there once more" manager ListContainers

score=$(systemd-analyze security ctr-managerd.service | awk '/Overall exposure/ { print int($(NF - 2) * 10) }')
ok "systemd-analyze security: at most 1.8 (is $score tenths)" test "$score" -le 18
pid=$(systemctl show -P MainPID ctr-managerd)
is "no capability" "$(awk '/CapEff|CapBnd/ { print $2 }' "/proc/$pid/status" | sort -u)" 0000000000000000
done_testing
