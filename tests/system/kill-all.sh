#!/bin/bash
# `kill --all KILL` ends every process of a container, and nothing of what PID 1 runs for it in the same cgroup: the exit
# record and the poststop hooks.
# shellcheck source-path=SCRIPTDIR disable=SC2154
. "$(dirname "$0")/lib.sh"

mkfifo "$test_dir/fifo"
hook="{path:\"/bin/sh\",args:[\"sh\",\"-c\",\"echo begun >$test_dir/begun; read -r line <$test_dir/fifo; echo \$line >$test_dir/ended\"]}"

# ---- while the hooks run ----

for delegated in "" '| .annotations={"run.oci.systemd.subgroup":"inner"}'; do
        rm -f "$test_dir/begun" "$test_dir/ended"
        name=${delegated:+delegated}
        name=${name:-plain}
        ctrctl run -d --bundle "$(bundle "$name" ".hooks={poststop:[$hook]} $delegated")" "killed-$name"
        ctrctl kill "killed-$name" KILL
        ok "$name: the hook runs" eventually 10 test -s "$test_dir/begun"
        is "$name: the container is stopped" "$(status_of "killed-$name")" stopped
        exits "$name: kill --all KILL meanwhile" 0 ctrctl kill --all "killed-$name" KILL
        ok "$name: the hook takes its line" timeout 60 sh -c "echo over >'$test_dir/fifo'"
        ok "$name: and ends by itself" eventually 10 test -s "$test_dir/ended"
        is "$name: with that line" "$(cat "$test_dir/ended")" over
        ok "$name: the exit record" grep -q '^signal killed KILL ' "$state_root/killed-$name/exit"
        ok "$name: delete" ctrctl delete "killed-$name"
        ok "$name: nothing is left" nothing_left "killed-$name"
done

# ---- what is killed ----

shared='.linux.namespaces|=map(select(.type!="pid")) | .mounts|=map(if .destination=="/proc" then {destination:"/proc",type:"bind",source:"/proc",options:["rbind","ro"]} else . end)
        | .linux.maskedPaths=[] | .linux.readonlyPaths=[]'
for i in 1 2 3; do
        ctrctl run -d --bundle "$(bundle "shared$i" "$shared | .process.args=[\"/bin/sh\",\"-c\",\"(trap '' TERM; exec sleep 1000) & (trap '' TERM; exec sleep 1000) & exec sleep 1000\"]")" "killed-shared$i"
done
three() { [ "$(wc -l <"$(cgroup_of killed-shared1)/cgroup.procs")" = 3 ]; }
ok "three processes in the host's pid namespace" eventually 10 three
cp "$(cgroup_of killed-shared1)/cgroup.procs" "$test_dir/pids"
none_lives() { while read -r pid; do [ ! -e "/proc/$pid" ] || return 1; done <"$test_dir/pids"; }
exits "kill --all KILL" 0 ctrctl kill --all killed-shared1 KILL
ok "all of them end" eventually 10 none_lives
ok "the exit record" eventually 10 grep -q '^signal killed KILL ' "$state_root/killed-shared1/exit"
exits "of a process that makes others without end" 0 sh -c "ctrctl exec -d killed-shared2 /bin/sh -c 'while :; do sleep 0.001 & wait; done' && ctrctl kill --all killed-shared2 KILL"
empty() { ! grep -q . "$(cgroup_of killed-shared2)/cgroup.procs" 2>/dev/null; }
ok "nothing of it lives" eventually 10 empty
exits "KILL alone ends all when there is no pid namespace" 0 ctrctl kill killed-shared3 KILL
ok "stopped" eventually 10 test_stopped killed-shared3
for i in 1 2 3; do
        ctrctl delete -f "killed-shared$i"
        ok "nothing is left of $i" nothing_left "killed-shared$i"
done

# ---- init ends by itself when `kill --all` has just looked at it ----

rm -f "$test_dir/begun" "$test_dir/ended"
ctrctl run -d --bundle "$(bundle late "$shared | .hooks={poststop:[$hook]}")" killed-late
# The signal comes with the first system call of this kind, in which init's descriptor is opened.
strace -o "$test_dir/trace" -e trace=pidfd_open -e inject=pidfd_open:signal=SIGSTOP:when=1 ctrctl kill --all killed-late KILL &
tracer=$!
ok "late: kill --all is stopped" eventually 10 grep -q 'stopped by SIGSTOP' "$test_dir/trace"
ok "late: init ends meanwhile" systemctl kill --kill-whom=main --signal=KILL "$(unit_of killed-late)"
ok "late: the hook runs" eventually 10 test -s "$test_dir/begun"
pkill -CONT -P $tracer
wait $tracer
is "late: kill --all goes on, and succeeds" $? 0
ok "late: the hook takes its line" timeout 60 sh -c "echo over >'$test_dir/fifo'"
ok "late: and ends by itself" eventually 10 test -s "$test_dir/ended"
ok "late: the exit record" eventually 10 grep -q '^signal killed KILL ' "$state_root/killed-late/exit"
ok "late: delete" ctrctl delete killed-late
ok "late: nothing is left" nothing_left killed-late
done_testing
