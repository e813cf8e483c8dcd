#!/bin/bash
# needs: criu (in QEMU: tools/test criu)
# Checkpoint and restore with criu(8): a payload goes on where it was, with its mounts as the configuration has them.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"

images=$test_dir/images
engine() { ctr-runtime --systemd-cgroup "$@"; }
quiet() { "$@" </dev/null >/dev/null 2>&1; }
# The last whole line: the counter of a payload writes one a turn.
last() { tail -n 1 "$1"; }
beyond() { [ "$(last "$1")" -gt "$2" ] 2>/dev/null; }
counter='i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done'
counting() { # NAME [JQ-PROGRAM]
        bundle "$1" ".process.args=[\"/bin/sh\",\"-c\",\"$(printf '%s' "$counter" | sed 's/\\/\\\\/g; s/"/\\"/g')\"] | ${2:-.}"
}
attributes() { awk '{ print $5, $6 }' "/proc/$1/mountinfo" | sort; }

mkdir -p "$test_dir"/{rw,one,two,images}
touch "$test_dir"/{rw,one,two}/file
mounts=".mounts += [
  {\"destination\":\"/rw\",\"type\":\"bind\",\"source\":\"$test_dir/rw\",\"options\":[\"rbind\",\"rw\"]},
  {\"destination\":\"/one\",\"type\":\"bind\",\"source\":\"$test_dir/one\",\"options\":[\"rbind\",\"ro\"]},
  {\"destination\":\"/two\",\"type\":\"bind\",\"source\":\"$test_dir/two\",\"options\":[\"bind\",\"ro\",\"nosuid\"]},
  {\"destination\":\"/private\",\"type\":\"bind\",\"source\":\"$test_dir/rw\",\"options\":[\"bind\",\"rprivate\"]}]"

# ---- engines ----

b=$(counting engine "$mounts")
out=$test_dir/engine.out
engine run -d --bundle "$b" --pid-file "$test_dir/pid" cp1 </dev/null >"$out" 2>&1
ok "engine: a container that counts" eventually 5 beyond "$out" 3
before=$(attributes "$(cat "$test_dir/pid")")
ok "engine: checkpoint --leave-running" engine checkpoint --image-path "$images/left" --work-path "$test_dir/work" --leave-running cp1
is "engine: it goes on" "$(engine state cp1 | jq -r .status)" running
ok "engine: and counts" eventually 5 beyond "$out" "$(last "$out")"
ok "engine: checkpoint" engine checkpoint --image-path "$images/engine" cp1
exits "engine: the container is gone" 1 engine state cp1
ok "engine: so is its scope" eventually 5 test ! -e /sys/fs/cgroup/system.slice/ctr-cp1.scope
ok "engine: images are there" test -s "$images/engine/inventory.img"
count=$(last "$out")
engine --root "$test_dir/root" restore -d --bundle "$b" --image-path "$images/engine" --work-path "$test_dir/work" \
        --pid-file "$test_dir/pid" cp2 </dev/null >>"$out" 2>"$test_dir/err"
is "engine: restore, with another root and another id" "$?$(cat "$test_dir/err")" 0
ok "engine: counts on" eventually 10 beyond "$out" "$count"
is "engine: from where it was" "$(grep -c '^1$' "$out")" 1
pid=$(cat "$test_dir/pid")
is "engine: its parent is not criu" "$(tr '\0' ' ' <"/proc/$(awk '/^PPid/ { print $2 }' "/proc/$pid/status")/cmdline" | grep -c criu)" 0
like "engine: in its own scope" "$(cat "/proc/$pid/cgroup")" '/ctr-cp2.scope$'
ok "engine: no criu is left, nothing of ours" none_runs '^([^ ]*/)?(criu|ctr-exec|ctr-runtime) '
is "engine: every mount has its attributes" "$(attributes "$pid")" "$before"
other() { engine --root "$test_dir/root" "$@"; }
is "engine: state" "$(other state cp2 | jq -r '.status, .pid' | xargs)" "running $pid"
is "engine: exec" "$(other exec cp2 /bin/sh -c 'echo x >/rw/file && echo yes')" yes
exits "engine: a read-only bind is read-only" 1 other exec cp2 /bin/sh -c 'echo x >/one/file'
exits "engine: so is the second one of the same file system" 1 other exec cp2 /bin/sh -c 'echo x >/two/file'
exits "engine: what is masked is masked" 1 other exec cp2 /bin/sh -c 'grep . /proc/keys /proc/kcore || ls /sys/firmware | grep .'
exits "engine: what is read-only is read-only" 1 other exec cp2 /bin/sh -c 'echo 1 >/proc/sys/kernel/panic'
is "engine: no new privileges, capabilities" "$(grep -E '^(NoNewPrivs|CapBnd)' "/proc/$pid/status" | sort | awk '{ print $2 }' | xargs)" "0000000000000420 1"
is "engine: its host name" "$(other exec cp2 /bin/hostname)" test
is "engine: its cgroup is the root of its cgroups" "$(other exec cp2 /bin/cat /proc/self/cgroup)" 0::/
ok "engine: the cgroup that it sees is its own" other exec cp2 /bin/grep -q . /sys/fs/cgroup/cgroup.procs
ok "engine: pause" other pause cp2
is "engine: paused" "$(other state cp2 | jq -r .status)" paused
exits "engine: a paused one is not saved" 1 other checkpoint --image-path "$images/no" cp2
ok "engine: resume" other resume cp2
ok "engine: checkpoint again" other checkpoint --image-path "$images/again" cp2
ok "engine: restore again" bash -c "ctr-runtime --systemd-cgroup restore -d --bundle '$b' --image-path '$images/again' cp3 </dev/null >>'$out' 2>&1"
ok "engine: counts on" eventually 10 beyond "$out" "$(last "$out")"
ok "engine: delete" engine delete -f cp3
ok "engine: its scope is gone" eventually 5 test ! -e /sys/fs/cgroup/system.slice/ctr-cp3.scope

# Pipes are the caller's.
b=$(counting pipes)
(engine run -d --bundle "$b" pp </dev/null 2>&1 | cat >>"$test_dir/pipe.out") &
ok "pipes: it counts" eventually 10 beyond "$test_dir/pipe.out" 3
ok "pipes: checkpoint" engine checkpoint --image-path "$images/pipes" pp
wait
count=$(last "$test_dir/pipe.out")
(engine restore -d --bundle "$b" --image-path "$images/pipes" pp </dev/null 2>&1 | cat >>"$test_dir/pipe.out") &
ok "pipes: a new pipe takes the place of the old one" eventually 10 beyond "$test_dir/pipe.out" "$count"
ok "pipes: delete" engine delete -f pp
wait

# ---- errors ----

b=$(counting errors)
exits "no such images" 1 engine restore -d --bundle "$b" --image-path "$images/none" er
like "said with its path" "$output" "$images/none"
mkdir "$images/empty"
exits "a directory without images" 1 engine restore -d --bundle "$b" --image-path "$images/empty" er
like "is said to be none" "$output" 'images of a container'
echo '["","",""]' >"$images/empty/descriptors.json"
exits "images that are not there" 1 engine restore -d --bundle "$b" --image-path "$images/empty" er
like "criu's reason is in the line" "$output" 'criu: .*\(see .*restore.log\)'
exits "nothing is left of them" 1 engine state er
ok "no scope either" test ! -e /sys/fs/cgroup/system.slice/ctr-er.scope
exits "a configuration without a bind of the images" 1 engine restore -d --bundle "$b" --image-path "$images/again" er
exits "is refused" 1 engine state er
b=$(counting masks '.linux.maskedPaths += ["/proc/version"]')
exits "a mask that the images do not have" 1 engine restore -d --bundle "$b" --image-path "$images/pipes" er
like "is said" "$output" '/proc/version'
ok "and no process is left" none_runs 'sleep 0[.]1'

# ---- killed ----

b=$(counting killed)
cat >"$test_dir/slow-criu" <<'X'
#!/bin/sh
exec sleep 1000
X
chmod +x "$test_dir/slow-criu"
quiet ctr-runtime --systemd-cgroup --criu "$test_dir/slow-criu" restore -d --bundle "$b" --image-path "$images/pipes" kl &
waiter=$!
ok "a restore that does not end" eventually 10 pgrep -f "^sleep 1000"
pkill -KILL -f '^sleep 1000'
wait $waiter
is "ends with its criu" $? 1
ok "delete -f" engine delete -f kl
ok "nothing is left" test ! -e /sys/fs/cgroup/system.slice/ctr-kl.scope
quiet engine run -d --bundle "$b" kd
quiet ctr-runtime --criu "$test_dir/slow-criu" checkpoint --image-path "$images/kd" kd &
waiter=$!
ok "a checkpoint that does not end" eventually 10 pgrep -f "^sleep 1000"
pkill -KILL -f '^sleep 1000'
wait $waiter
is "ends with its criu, too" $? 1
is "and the container runs" "$(engine state kd | jq -r .status)" running
ok "delete -f of that" engine delete -f kd

# ---- services ----

b=$(counting service "$mounts")
out=$test_dir/service.out
ctrctl run --bundle "$b" sv </dev/null >"$out" 2>&1 &
runner=$!
ok "service: a container that counts" eventually 10 beyond "$out" 3
ok "service: checkpoint" ctrctl checkpoint --image-path "$images/service" sv
wait $runner
ok "service: the unit is gone" eventually 5 test_unit_gone sv
count=$(last "$out")
ctrctl restore --bundle "$b" --image-path "$images/service" sv </dev/null >>"$out" 2>&1 &
runner=$!
ok "service: restored, it counts on" eventually 10 beyond "$out" "$count"
pid=$(property sv MainPID)
is "service: MainPID is the payload" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-10)" "/bin/sh -c"
is "service: a child of PID 1" "$(awk '/^PPid/ { print $2 }' "/proc/$pid/status")" 1
is "service: active" "$(property sv ActiveState)" active
is "service: state" "$(ctrctl state sv | jq -r '.status, .pid' | xargs)" "running $pid"
ok "service: no criu is left, no ctr-exec" none_runs '^([^ ]*/)?(criu|ctr-exec) '
is "service: exec" "$(ctrctl exec sv /bin/echo yes)" yes
ok "service: kill" ctrctl kill sv KILL
wait $runner
is "service: the exit status is exact" $? 137
ok "service: nothing is left" nothing_left sv

# ---- connections ----

b=$(bundle tcp '.process.args=["/bin/sh","-c","sleep 1000 | nc -l -p 9000 >/tmp/got & sleep 1; i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done | nc 127.0.0.1 9000"]')
got=$test_dir/rootfs/tmp/got
rm -f "$got"
engine run -d --bundle "$b" cp5 </dev/null >/dev/null 2>&1
ok "tcp: a connection in the container" eventually 10 beyond "$got" 3
exits "tcp: is not saved by itself" 1 engine checkpoint --image-path "$images/tcp-no" cp5
like "tcp: what to say" "$output" 'tcp-established'
is "tcp: it runs on" "$(engine state cp5 | jq -r .status)" running
ok "tcp: checkpoint --tcp-established" engine checkpoint --tcp-established --image-path "$images/tcp" cp5
count=$(last "$got")
engine restore -d --tcp-established --bundle "$b" --image-path "$images/tcp" cp5 </dev/null >/dev/null 2>&1
ok "tcp: the connection goes on" eventually 10 beyond "$got" "$((count + 3))"
is "tcp: and nothing of it is lost" "$(head -n "$((count + 3))" "$got" | xargs)" "$(seq "$((count + 3))" | xargs)"
ok "tcp: delete" engine delete -f cp5

# The host's network namespace has the journal's stream, too. A run of this file before this one is in the journal.
since="@$(date +%s)"
began() { journalctl -o cat -u "ctr@$1" --since "$since" | grep -c '^1$'; }
b=$(counting host '.linux.namespaces|=map(select(.type!="network"))|.mounts|=map(select(.type!="sysfs" and .type!="cgroup"))')
ok "journal: a service of the host's network" quiet ctrctl run -d --bundle "$b" jn
logged() { [ "$(ctrctl logs -o cat jn | grep -cE '^[0-9]+$')" -gt "$1" ]; }
ok "journal: it counts" eventually 10 logged 3
ok "journal: checkpoint" ctrctl checkpoint --image-path "$images/journal" jn
is "journal: stopped" "$(status_of jn)" stopped
ok "journal: its unit is gone" eventually 5 test_unit_gone jn
count=$(ctrctl logs -o cat jn | grep -cE '^[0-9]+$')
ok "journal: restore makes room for it" ctrctl restore -d --bundle "$b" --image-path "$images/journal" jn
ok "journal: it goes on there" eventually 10 logged "$count"
is "journal: from where it was" "$(began jn)" 1
ok "journal: delete" ctrctl delete -f jn
ok "journal: nothing is left" nothing_left jn
b=$(counting own)
ok "journal: a service with its own network" quiet ctrctl run -d --bundle "$b" ow
exits "journal: it is not saved" 1 ctrctl checkpoint --image-path "$images/own" ow
like "journal: why not" "$output" 'descriptor 1 is a socket of another network namespace, as the stream to the journal is'
is "journal: it runs on" "$(status_of ow)" running
ok "journal: delete it" ctrctl delete -f ow

# ---- the D-Bus service, the library ----

b=$(counting bus '.linux.namespaces|=map(select(.type!="network"))|.mounts|=map(select(.type!="sysfs" and .type!="cgroup"))')
logged() { [ "$(ctrctl logs -o cat db | grep -cE '^[0-9]+$')" -gt "$1" ]; }
n_logged() { ctrctl logs -o cat db | grep -cE '^[0-9]+$'; }
# The service is killed before each call: nothing depends on it.
call() {
        "$test_build/tests/client/kill-service" >/dev/null
        busctl --timeout=300 call org.ctrunit1 "$@"
}
ok "D-Bus: a container" quiet ctrctl run -d --bundle "$b" db
ok "D-Bus: it counts" eventually 10 logged 3
ok "D-Bus: Checkpoint, LeaveRunning" call /org/ctrunit1/container/db org.ctrunit1.Container Checkpoint 'sa{sv}' "$images/bus-left" 1 LeaveRunning b true
is "D-Bus: it runs on" "$(status_of db)" running
ok "D-Bus: Checkpoint" call /org/ctrunit1/container/db org.ctrunit1.Container Checkpoint 'sa{sv}' "$images/bus" 0
is "D-Bus: stopped" "$(status_of db)" stopped
count=$(n_logged)
like "D-Bus: RestoreContainer" "$(call /org/ctrunit1 org.ctrunit1.Manager RestoreContainer 'ssa{sv}' db "$images/bus" 0 2>&1)" '"db" "/org/ctrunit1/container/db"'
ok "D-Bus: it counts on" eventually 10 logged "$count"
is "D-Bus: from where it was" "$(began db)" 1
ok "D-Bus: no criu is left, none of ours" none_runs '^([^ ]*/)?(criu|ctr-exec|ctr-worker) '
export CTR_TEST_RUNNING=db CTR_TEST_IMAGES=$images/library CTR_TEST_ROOTFS=$test_dir/rootfs
mkdir "$images/library"
count=$(n_logged)
ok "library: checkpoint, restore" "$test_build/tests/library/library-checkpoint"
ok "library: it counts on" eventually 10 logged "$count"
ok "library: delete" ctrctl delete -f db
ok "library: nothing is left" nothing_left db

done_testing
