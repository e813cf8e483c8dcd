#!/bin/bash
# Hooks: all six, their order, what each sees, and what a failing one does, for run, create and configured containers.
. "$(dirname "$0")/lib.sh"

make_rootfs "$test_dir/rootfs"
log=$test_dir/log
# A hook appends "KIND STATUS PID-KNOWN ID" and where it is; the root of a container has no jq.
cat >"$test_dir/hook" <<'SH'
#!/bin/sh
# hook KIND LOG; not only for root: with a user namespace the container's root writes the same files
umask 0
state=$(cat)
status=$(printf '%s' "$state" | sed -n 's/.*"status":"\([a-z]*\)".*/\1/p')
id=$(printf '%s' "$state" | sed -n 's/.*"id":"\([^"]*\)".*/\1/p')
printf '%s %s %s\n' "$1" "$status" "$id" >>"$2"
printf '%s\n' "$state" >"$2.$1"
{ for kind in mnt net pid; do readlink /proc/self/ns/$kind; done; ls / | tr '\n' ' '; } >"$2.$1.where" 2>&1
SH
chmod 755 "$test_dir/hook"
cp "$test_dir/hook" "$test_dir/rootfs/bin/hook"
mkdir -p "$test_dir/rootfs/log"
ln -s ../log "$test_dir/inside" 2>/dev/null

hook() { # KIND: a jq array
        local path=$test_dir/hook out=$log
        [ "$1" != startContainer ] || { path=/bin/hook out=/log/log; }
        printf '[{path:"%s",args:["hook","%s","%s"],env:["PATH=/usr/bin:/bin:/sbin"]}]' "$path" "$1" "$out"
}
all() {
        printf '.mounts+=[{destination:"/log",source:"%s",options:["bind"]}] | .annotations={key:"value"} | .hooks={' "$test_dir/logs"
        local comma= kind
        for kind in prestart createRuntime createContainer startContainer poststart poststop; do
                printf '%s%s:%s' "$comma" $kind "$(hook $kind)"
                comma=,
        done
        printf '}'
}
log=$test_dir/logs/log
mkdir -p "$test_dir/logs"
start_over() { rm -f "$test_dir"/logs/*; }
order() { awk '{ printf "%s%s", sep, $1; sep = " " }' "$log" 2>/dev/null; }
six="prestart createRuntime createContainer startContainer poststart poststop"

# ---- order and state ----

exits "run" 0 ctrctl run --bundle "$(bundle six "$(all) | .process.args=[\"/bin/true\"]")" six
ok "run: all hooks ran" eventually 5 grep -q poststop "$log"
is "run: order" "$(order)" "$six"
is "run: status of each" "$(awk '{ printf "%s ", $2 }' "$log")" "creating creating creating created running stopped "
is "run: id" "$(awk '{ print $3 }' "$log" | sort -u)" six
is "state: what it says" "$(jq -c '[.ociVersion,.id,.bundle,.annotations.key]' "$log.createRuntime")" "[\"1.0.2\",\"six\",\"$test_dir/six\",\"value\"]"
for kind in prestart createRuntime poststart; do
        ok "state: $kind knows the pid of the runtime" test "$(jq .pid "$log.$kind")" -gt 1
        is "$kind is in the host's mount namespace" "$(sed -n 1p "$log.$kind.where")" "$(readlink /proc/self/ns/mnt)"
        is "$kind is in the host's pid namespace" "$(sed -n 3p "$log.$kind.where")" "$(readlink /proc/self/ns/pid)"
done
for kind in createContainer startContainer; do
        is "state: $kind knows the pid of the container" "$(jq .pid "$log.$kind")" 1
        ok "$kind is in the container's mount namespace" test "$(sed -n 1p "$log.$kind.where")" != "$(readlink /proc/self/ns/mnt)"
done
like "createContainer sees the host's root" "$(sed -n 4p "$log.createContainer.where")" 'build'
ok "startContainer sees the container's root" sh -c "! sed -n 4p '$log.startContainer.where' | grep -q build"
ok "nothing is left" nothing_left six

start_over
ok "create" ctrctl create --bundle "$(bundle made "$(all)")" made
is "create: order" "$(order)" "prestart createRuntime createContainer"
ok "start" ctrctl start made
is "start: order" "$(order)" "prestart createRuntime createContainer startContainer poststart"
ctrctl kill made KILL
ok "stopped" eventually 5 test_stopped made
is "stopped: no poststop yet" "$(order)" "prestart createRuntime createContainer startContainer poststart"
ok "delete" ctrctl delete made
is "delete: poststop" "$(order)" "$six"
ok "nothing is left after delete" nothing_left made

start_over
ok "create, not started" ctrctl create --bundle "$(bundle unstarted "$(all)")" unstarted
ok "delete, not started" ctrctl delete -f unstarted
is "not started: order" "$(order)" "prestart createRuntime createContainer poststop"

start_over
mkdir -p /etc/ctrunit/containers
ln -sfn "$(bundle conf "$(all)")" /etc/ctrunit/containers/conf
systemctl daemon-reload
ok "configured: start" systemctl start ctr@conf
is "configured: order" "$(order)" "prestart createRuntime createContainer startContainer poststart"
ok "configured: stop" systemctl stop ctr@conf
is "configured: poststop by systemctl stop" "$(order)" "$six"
start_over
ok "configured: started again" systemctl restart ctr@conf
ok "configured: restarted" systemctl restart ctr@conf
systemctl stop ctr@conf
is "configured: poststop once a run" "$(order)" "$six $six"
rm /etc/ctrunit/containers/conf
systemctl daemon-reload

# ---- joined namespaces: runtime hooks stay outside ----

start_over
ok "a container to join" ctrctl run -d --bundle "$(bundle held .)" held
pid=$(property held MainPID)
exits "joined pid and network namespaces" 0 ctrctl run --bundle "$(bundle join "$(all) | .process.args=[\"/bin/true\"]
        | .linux.namespaces|=map(if .type|IN(\"network\",\"pid\") then .path=\"/proc/$pid/ns/\"+({network:\"net\"}[.type]//.type) else . end)")" join
for kind in prestart createRuntime poststart; do
        is "joined: $kind is on the host" "$(sed -n 2,3p "$log.$kind.where" | tr '\n' ' ')" \
                "$(readlink /proc/self/ns/net) $(readlink /proc/self/ns/pid) "
done
is "joined: createContainer is in the joined ones" "$(sed -n 2,3p "$log.createContainer.where" | tr '\n' ' ')" \
        "$(readlink "/proc/$pid/ns/net") $(readlink "/proc/$pid/ns/pid") "
ctrctl delete -f held

# ---- start is there before PID 1 has read who the main process is ----

busy=$(bundle busy ".hooks={poststart:[{path:\"/bin/true\"}]}")
(while :; do systemctl daemon-reload; done) &
reloads=$!
test_starts() {
        local i
        for i in $(seq 20); do
                ctrctl create --bundle "$busy" busy </dev/null && timeout 60 ctrctl start busy || { echo "start $i"; ctrctl delete -f busy; return 1; }
                ctrctl delete -f busy
        done
}
ok "poststart hooks while PID 1 is busy: 20 starts" test_starts
kill $reloads
wait $reloads 2>/dev/null
ok "poststart hooks while PID 1 is busy: nothing is left" nothing_left busy

# ---- with a user namespace ----

start_over
chmod 777 "$test_dir/logs"
exits "user namespace" 0 ctrctl run --bundle "$(bundle user "$(all) | .process.args=[\"/bin/true\"] | .linux.namespaces+=[{type:\"user\"}]
        | .linux.uidMappings=[{containerID:0,hostID:200000,size:65536}] | .linux.gidMappings=.linux.uidMappings")" user
ok "user namespace: all hooks ran" eventually 5 grep -q poststop "$log"
is "user namespace: order" "$(order)" "$six"

# ---- failures ----

failing() { # KIND
        printf '.hooks={%s:[{path:"/bin/sh",args:["sh","-c","exit 3"]}],poststop:%s}' "$1" "$(hook poststop)"
}
for kind in prestart createRuntime createContainer; do
        start_over
        exits "failing $kind: create" 1 ctrctl create --bundle "$(bundle bad "$(failing $kind)")" bad
        like "failing $kind: says which and how" "$output" "$kind /bin/sh: exited with status 3"
        ok "failing $kind: nothing is left" nothing_left bad
        exits "failing $kind: run" 1 ctrctl run --bundle "$test_dir/bad" bad
        ok "failing $kind: nothing is left of run" nothing_left bad
done
for kind in startContainer poststart; do
        ok "failing $kind: create" ctrctl create --bundle "$(bundle bad "$(failing $kind)")" bad
        exits "failing $kind: start" 1 ctrctl start bad
        like "failing $kind: says which" "$output" "$kind /bin/sh: exited with status 3"
        ok "failing $kind: stopped" eventually 5 test_stopped bad
        ok "failing $kind: delete" ctrctl delete bad
        ok "failing $kind: nothing is left" nothing_left bad
done
ok "failing poststop: create" ctrctl create --bundle "$(bundle bad '.hooks={poststop:[{path:"/bin/false"}]}')" bad
ctrctl start bad
ctrctl kill bad KILL
ok "failing poststop: stopped" eventually 5 test_stopped bad
exits "failing poststop: delete succeeds" 0 ctrctl delete bad
like "failing poststop: with a warning" "$output" 'poststop /bin/false'

# Whatever failed after hooks may have run: those of the end run once, in both modes and for each way to start.
undone() { # KIND VERB [OPTION]: exit status of the verb, what the error says, what poststop hooks were told
        local kind=$1 log=$test_dir/undone.log text code
        shift
        rm -f "$log"
        bundle undone ".process.args=[\"/nope\"]|.hooks.poststop=[{path:\"/bin/sh\",args:[\"sh\",\"-c\",\"cat >>$log; echo >>$log\"],env:[\"PATH=/bin:/usr/bin\"]}]" >/dev/null
        if [ "$kind" != none ]; then
                jq ".process.args=[\"/bin/sleep\",\"100\"]|.hooks.$kind=[{path:\"/bin/sh\",args:[\"sh\",\"-c\",\"exit 3\"]}]" \
                        "$test_dir/undone/config.json" >"$test_dir/x"
                cp "$test_dir/x" "$test_dir/undone/config.json"
        fi
        text=$(timeout 120 "${runtime[@]}" "$@" --bundle "$test_dir/undone" undone 2>&1 </dev/null)
        code=$?
        printf '%s|%s|%s' $code "$(grep -oE "$kind /bin/sh: exited with status 3|no such file or directory" <<<"$text" | head -n 1)" "$(jq -c '[.id,.status]' "$log" | xargs)"
        "${runtime[@]}" delete -f undone
}
for runtime in ctrctl "ctr-runtime --systemd-cgroup" ctr-runtime; do
        read -ra runtime <<<"$runtime"
        for kind in prestart createRuntime createContainer startContainer poststart; do
                for verb in run create "run -d"; do
                        # These two fail `start`: see above.
                        [ "$verb" != create ] || [[ $kind != startContainer && $kind != poststart ]] || continue
                        read -ra words <<<"$verb"
                        is "${runtime[*]} $verb: failing $kind: poststop hooks" "$(undone $kind "${words[@]}")" \
                                "1|$kind /bin/sh: exited with status 3|[undone,stopped]"
                done
        done
        is "${runtime[*]} run: no such program: poststop hooks" "$(undone none run)" "127|no such file or directory|[undone,stopped]"
done
ok "failing hooks: nothing is left" nothing_left undone

# ---- the unit's end runs them, and delete or kill do not cut them short ----

ending=$(bundle ending ".hooks={poststop:[{path:\"/bin/sh\",args:[\"sh\",\"-c\",\"echo begin >>$test_dir/ending.log; sleep 0.3; echo end >>$test_dir/ending.log\"],env:[\"PATH=/bin:/usr/bin\"]}]}")
until_ended() { # COMMAND...: of a container whose hook takes a while; how the hook went
        rm -f "$test_dir/ending.log"
        ctrctl run -d --bundle "$ending" ending || return
        "$@" ending KILL 2>/dev/null || return
        ctrctl delete -f ending && xargs <"$test_dir/ending.log"
}
forced() { ctrctl delete -f "$1"; }
killed_twice() {
        ctrctl kill "$1" KILL && eventually 5 test -s "$test_dir/ending.log" && ctrctl kill --all "$1" KILL
}
for i in 1 2 3 4 5; do
        is "poststop and delete -f: once, to its end ($i)" "$(until_ended forced)" "begin end"
done
is "poststop and kill --all: once, to its end" "$(until_ended ctrctl kill --all)" "begin end"
is "poststop and kill --all while it runs: once, to its end" "$(until_ended killed_twice)" "begin end"
nothing_left ending || ctrctl delete -f ending
patient=$(bundle patient ".annotations[\"org.systemd.property.TimeoutStopUSec\"]=\"uint64 500000\" | .hooks={poststop:[{path:\"/bin/sh\",timeout:20,args:[\"sh\",\"-c\",\"echo begin >>$test_dir/patient.log; sleep 2; echo end >>$test_dir/patient.log\"],env:[\"PATH=/bin:/usr/bin\"]}]}")
ok "poststop longer than TimeoutStopSec: run" ctrctl run -d --bundle "$patient" patient
is "poststop longer than TimeoutStopSec: the unit's" "$(systemctl show -P TimeoutStopUSec ctr@patient)" 500ms
ok "poststop longer than TimeoutStopSec: stop" systemctl stop ctr@patient
is "poststop longer than TimeoutStopSec: to its end" "$(xargs <"$test_dir/patient.log")" "begin end"
ctrctl delete -f patient

# ---- time ----

slow=$(bundle slow '.hooks={createRuntime:[{path:"/bin/sh",args:["sh","-c","sleep 60 & sleep 60"],timeout:1}]}')
run_timed() {
        ! ctrctl create --bundle "$slow" slow >"$test_dir/slow.out" 2>&1
}
ok "timeout of one second" within 2500 run_timed
like "timeout: says so" "$(cat "$test_dir/slow.out")" 'createRuntime /bin/sh: killed after its timeout of 1000 ms'
ok "timeout: what the hook started is gone" none_runs '^sleep 60$'
ok "timeout: nothing is left" nothing_left slow
exits "a hook that does not read a large state" 0 ctrctl run --bundle "$(bundle large ".annotations=([range(2000)|{key:\"k\\(.)\",value:(\"v\"*100)}]|from_entries)
        | .process.args=[\"/bin/true\"] | .hooks={createRuntime:[{path:\"/bin/true\"}]}")" large
exits "a hook sees its own environment only" 0 ctrctl run --bundle "$(bundle env ".process.args=[\"/bin/true\"]
        | .hooks={createRuntime:[{path:\"/usr/bin/env\",args:[\"x\",\"sh\",\"-c\",\"/usr/bin/env >$test_dir/env.out; ls /proc/self/fd >$test_dir/fds.out\"],env:[\"A=b\",\"PATH=/bin\"]}]}")" env
is "environment" "$(grep -vE '^(PWD|SHLVL|_|OLDPWD)=' "$test_dir/env.out" | sort | tr '\n' ' ')" "A=b PATH=/bin "
is "no descriptor of ours" "$(grep -cE '^[0-9]+$' "$test_dir/fds.out")" 4
done_testing
