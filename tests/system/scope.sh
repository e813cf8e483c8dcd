#!/bin/bash
# Containers of engines: ctr-runtime as runc is called, with a sub-reaper that waits for the container.
. "$(dirname "$0")/lib.sh"
test_unknown_unit() { [ -z "$(systemctl list-units --all --plain --no-legend "$1")" ]; }
here=$(cd "$(dirname "$0")" && pwd)
root=$test_dir/root
runtime=(ctr-runtime --root "$root")
pid_file=$test_dir/pid

# What stays after the command must not hold our pipes.
quiet() { "$@" </dev/null >/dev/null 2>"$test_dir/quiet" || { cat "$test_dir/quiet"; return 1; }; }
status() { "${runtime[@]}" state "$1" 2>/dev/null | jq -r .status; }
is_status() { [ "$(status "$1")" = "$2" ]; }
cgroup_of_pid() { sed -n 's/^0:://p' "/proc/$1/cgroup"; }
scope_gone() { [ "$(systemctl show -P LoadState "$1")" = not-found ] || [ "$(systemctl show -P ActiveState "$1")" = inactive ]; }
none_left() { # ID UNIT
        local left=0
        eventually 5 scope_gone "$2" || { echo "unit $2 is left"; left=1; }
        ! find /sys/fs/cgroup -type d -name "$2" | grep . || left=1
        ! ls -d "$root/containers/$1" 2>/dev/null || left=1
        return $left
}

# ---- the version that engines parse ----

version=$(ctr-runtime --version)
like "--version: the first line as go-runc wants it" "$(head -1 <<<"$version")" '^runc version [0-9]'
like "--version: commit" "$(sed -n 2p <<<"$version")" '^commit: '
like "--version: spec" "$(sed -n 3p <<<"$version")" '^spec: 1\.'
is "--version: three lines" "$(wc -l <<<"$version")" 3

# ---- the life of a container in a scope ----

b=$(bundle life '.linux.cgroupsPath="machine.slice:libx:life" | .linux.resources.pids.limit=64
        | .process.args=["/bin/sh","-c","echo out; echo err >&2; trap \"exit 42\" TERM; while :; do sleep 0.05; done"]')
ok "create, with an environment of an engine" env -i NOTIFY_SOCKET=/nowhere XDG_RUNTIME_DIR= sh -c "exec /usr/bin/ctr-runtime \
        --root $root --systemd-cgroup create --bundle $b --pid-file $pid_file life </dev/null >$test_dir/stdout 2>$test_dir/stderr"
is "create is silent on stderr" "$(cat "$test_dir/stderr")" ""
is "create is silent on stdout" "$(cat "$test_dir/stdout")" ""
is "the pid file has no newline" "$(wc -l <"$pid_file")" 0
pid=$(cat "$pid_file")
is "created" "$(status life)" created
is "the scope is active" "$(systemctl is-active libx-life.scope)" active
is "the process is in it" "$(cgroup_of_pid "$pid")" /machine.slice/libx-life.scope
is "limits are the scope's" "$(systemctl show -P TasksMax libx-life.scope)" 64
is "the scope is delegated" "$(systemctl show -P Delegate libx-life.scope)" yes
is "failed or not, it is collected" "$(systemctl show -P CollectMode libx-life.scope)" inactive-or-failed
is "state: pid" "$("${runtime[@]}" state life | jq -r .pid)" "$pid"
is "state: unit" "$("${runtime[@]}" state life | jq -r .unit)" libx-life.scope
exits "a second create of the id" 1 "${runtime[@]}" --systemd-cgroup create --bundle "$b" life
like "in runc's words" "$output" 'container with given ID already exists'
is "the first one is unharmed" "$(status life)" created
ok "start, without --systemd-cgroup" "${runtime[@]}" start life
is "running" "$(status life)" running
exits "start again" 1 "${runtime[@]}" start life
ok "no process of ours" none_runs '^/usr/(bin|lib/ctrunit)/ctr'
ok "the output is the caller's" eventually 3 grep -q out "$test_dir/stdout"
exits "exec: exit status" 9 "${runtime[@]}" exec life /bin/sh -c 'exit 9'
is "exec: in the scope" "$("${runtime[@]}" exec life /bin/sh -c 'sed -n "s/^0:://p" /proc/self/cgroup')" /
ok "exec --detach --pid-file" quiet "${runtime[@]}" exec --detach --pid-file "$test_dir/exec-pid" life /bin/sleep 50
is "exec: cgroup seen from outside" "$(cgroup_of_pid "$(cat "$test_dir/exec-pid")")" /machine.slice/libx-life.scope
ok "pause" "${runtime[@]}" pause life
is "paused" "$(status life)" paused
is "PID 1 knows" "$(systemctl show -P FreezerState libx-life.scope)" frozen
ok "resume" "${runtime[@]}" resume life
is "running again" "$(status life)" running
ok "update" "${runtime[@]}" update --resources=- life <<<'{"pids":{"limit":77}}'
is "update through PID 1" "$(systemctl show -P TasksMax libx-life.scope)" 77
systemctl daemon-reload
is "it survives a reload" "$(systemctl show -P TasksMax libx-life.scope)" 77
is "list" "$("${runtime[@]}" list -q)" life
exits "delete of a running one" 1 "${runtime[@]}" delete life
ok "kill 15" "${runtime[@]}" kill life 15
ok "it stops" eventually 5 is_status life stopped
exits "kill of a stopped one" 1 "${runtime[@]}" kill life 15
like "in runc's words" "$output" 'container not running'
ok "delete does not wait for a timeout" within 1000 "${runtime[@]}" delete life
ok "nothing is left" none_left life libx-life.scope
exits "delete of one that is gone" 1 "${runtime[@]}" delete life
like "in runc's words" "$output" 'container does not exist'
ok "delete --force of one that is gone" "${runtime[@]}" delete --force life

# ---- the caller waits ----

waits() { # NAME JQ EXPECTED-END AFTER...
        local name=$1 jq=$2 end=$3 dir out
        shift 3
        dir=$(bundle "$name" "$jq | .linux.cgroupsPath=\"system.slice:libx:$name\"")
        out=$(python3 "$here/subreaper.py" "$pid_file" "${runtime[@]}" --systemd-cgroup create --bundle "$dir" \
                --pid-file "$pid_file" "$name" -- "$@" 2>&1 </dev/null)
        like "$name: the process becomes the sub-reaper's child" "$out" '^parent=me$'
        like "$name: its end is waited for: $end" "$out" "^$end\$"
        like "$name: nothing but ctr-exec was left to reap" "$out" '^left=1$'
        ok "$name: delete --force" "${runtime[@]}" delete --force "$name"
        ok "$name: nothing is left" none_left "$name" "libx-$name.scope"
}
for code in 0 1 42; do
        waits "exit$code" ".process.args=[\"/bin/ctr-probe\",\"exit\",\"$code\"]" "exited=$code" "${runtime[@]}" start "exit$code"
done
waits killed '.process.args=["/bin/ctr-probe","sleep","100"]' "killed=9" \
        sh -c "${runtime[*]} start killed && ${runtime[*]} kill killed KILL"
waits never '.' "killed=9" "${runtime[@]}" delete --force never
waits stopped '.' "exited=0" "${runtime[@]}" kill stopped TERM

# ---- attached run ----

b=$(bundle run '.process.args=["/bin/sh","-c","cat; echo done >&2; exit 7"]')
out=$(echo in | "${runtime[@]}" --systemd-cgroup run --bundle "$b" run 2>"$test_dir/stderr"); rc=$?
is "run: standard input and output" "$out" in
is "run: standard error" "$(cat "$test_dir/stderr")" done
is "run: exit status" $rc 7
ok "run: nothing is left" none_left run ctr-run.scope
exits "run: a program that is not there" 127 "${runtime[@]}" --systemd-cgroup run \
        --bundle "$(bundle nope '.process.args=["/nope"]')" nope
ok "run: nothing is left of it" none_left nope ctr-nope.scope
b=$(bundle twice '.process.args=["/bin/true"] | .linux.cgroupsPath="system.slice:libx:twice"')
twenty_runs() {
        local i
        for i in $(seq 20); do "${runtime[@]}" --systemd-cgroup run --bundle "$b" twice || return; done
}
ok "run: twenty times under one name" twenty_runs

# ---- hooks see the engine's side ----

cat >"$test_dir/hook" <<'HOOK'
#!/bin/sh
state=$(cat)
pid=$(echo "$state" | jq .pid)
echo "$1 $(echo "$state" | jq -r .status) $(sed -n 's/^0:://p' /proc/$pid/cgroup 2>/dev/null)" >>"$2"
HOOK
chmod +x "$test_dir/hook"
hook() { printf '{"path":"%s","args":["hook","%s","%s"],"env":["PATH=/usr/bin:/bin"]}' "$test_dir/hook" "$1" "$test_dir/hooks.log"; }
b=$(bundle hooks ".process.args=[\"/bin/true\"] | .linux.cgroupsPath=\"system.slice:libx:hooks\"
        | .hooks={prestart:[$(hook prestart)],poststop:[$(hook poststop)]}")
ok "hooks: create" quiet "${runtime[@]}" --systemd-cgroup create --bundle "$b" hooks </dev/null
is "hooks: prestart runs when the process is in its cgroup" "$(cat "$test_dir/hooks.log")" \
        "prestart creating /system.slice/libx-hooks.scope"
ok "hooks: start" "${runtime[@]}" start hooks
ok "hooks: it ends" eventually 5 is_status hooks stopped
ok "hooks: delete" "${runtime[@]}" delete hooks
like "hooks: poststop runs at delete" "$(cat "$test_dir/hooks.log")" '^poststop stopped'

# ---- failures leave nothing ----

while IFS='|' read -r program code text; do
        exits "create of $program" "$code" "${runtime[@]}" --systemd-cgroup create \
                --bundle "$(bundle noprogram ".process.args=[\"$program\"] | .linux.cgroupsPath=\"system.slice:libx:noprogram\"")" noprogram
        like "create of $program: in words that engines read" "$output" "$text"
        ok "create of $program: nothing is left" none_left noprogram libx-noprogram.scope
done <<'END'
/nope|127|exec: "/nope": stat /nope: no such file or directory
nope|127|exec: "nope": executable file not found in \$PATH
/etc/passwd|126|exec: "/etc/passwd": permission denied
END
cp "$test_dir/rootfs/bin/busybox" "$test_dir/rootfs/tmp/program"
ok "a program that disappears: create" quiet "${runtime[@]}" --systemd-cgroup create \
        --bundle "$(bundle noprogram '.process.args=["/tmp/program"] | .linux.cgroupsPath="system.slice:libx:noprogram"')" noprogram
rm "$test_dir/rootfs/tmp/program"
exits "a program that disappears: start" 127 "${runtime[@]}" start noprogram
ok "a program that disappears: delete" "${runtime[@]}" delete --force noprogram
ok "a program that disappears: nothing is left" none_left noprogram libx-noprogram.scope
exits "a failing set-up" 1 "${runtime[@]}" --systemd-cgroup create \
        --bundle "$(bundle bad '.root.path="/nowhere" | .linux.cgroupsPath="system.slice:libx:bad"')" bad
like "says why" "$output" 'open-rootfs: .*/nowhere'
ok "nothing is left of it" none_left bad libx-bad.scope
exits "a failing hook" 1 "${runtime[@]}" --systemd-cgroup create --bundle \
        "$(bundle badhook '.hooks.prestart=[{path:"/bin/false"}] | .linux.cgroupsPath="system.slice:libx:badhook"')" badhook
ok "nothing is left of it either" none_left badhook libx-badhook.scope
for path in nonsense a:b 'a.slice:b:c/d' 'noslice:b:c' 'a.slice:b:' '../x.slice:b:c'; do
        exits "cgroupsPath $path is refused" 1 "${runtime[@]}" --systemd-cgroup create \
                --bundle "$(bundle path ".linux.cgroupsPath=\"$path\"")" path
done
exits "cgroupsPath of a slice is refused" 1 "${runtime[@]}" --systemd-cgroup create \
        --bundle "$(bundle path '.linux.cgroupsPath="a.slice:b:x.slice"')" path
like "and why" "$output" 'linux\.cgroupsPath: a container cannot be a slice, in which systemd has no processes: "a\.slice:b:x\.slice"'
ok "and no slice is made" test_unknown_unit x.slice
systemd-run -q --scope --unit=libx-foreign.scope sleep 100 &
foreign=$!
eventually 5 systemctl -q is-active libx-foreign.scope
exits "a scope that is somebody else's" 1 "${runtime[@]}" --systemd-cgroup create \
        --bundle "$(bundle foreign '.linux.cgroupsPath="system.slice:libx:foreign"')" foreign
is "it is left alone" "$(systemctl is-active libx-foreign.scope)" active
ok "and no state is left" test ! -e "$root/containers/foreign"
kill $foreign
b=$(bundle damaged '.linux.cgroupsPath="system.slice:libx:damaged"')
"${runtime[@]}" --systemd-cgroup run -d --bundle "$b" --pid-file "$pid_file" damaged </dev/null >/dev/null 2>&1
echo '{"version": 1' >"$root/containers/damaged/state.json"
ok "damaged state: delete --force" "${runtime[@]}" delete --force damaged
test_dead() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"; }
ok "damaged state: the process is gone" eventually 3 test_dead "$(cat "$pid_file")"
ok "damaged state: nothing is left" none_left damaged libx-damaged.scope

# ---- without systemd ----

b=$(bundle plain '.linux.cgroupsPath="/libx-plain/c1"')
ok "cgroupfs: create" quiet "${runtime[@]}" create --bundle "$b" --pid-file "$pid_file" plain </dev/null
pid=$(cat "$pid_file")
is "cgroupfs: the process is in the directory" "$(cgroup_of_pid "$pid")" /libx-plain/c1
ok "cgroupfs: start" "${runtime[@]}" start plain
is "cgroupfs: ps" "$("${runtime[@]}" ps --format json plain)" "[$pid]"
ok "cgroupfs: pause" "${runtime[@]}" pause plain
is "cgroupfs: paused" "$(status plain)" paused
ok "cgroupfs: resume" "${runtime[@]}" resume plain
is "cgroupfs: exec" "$("${runtime[@]}" exec plain /bin/echo hi)" hi
ok "cgroupfs: kill --all" "${runtime[@]}" kill --all plain KILL
ok "cgroupfs: it stops" eventually 5 is_status plain stopped
ok "cgroupfs: delete" "${runtime[@]}" delete plain
ok "cgroupfs: the directory is gone" test ! -e /sys/fs/cgroup/libx-plain/c1
rmdir /sys/fs/cgroup/libx-plain
is "cgroupfs: relative path" "$("${runtime[@]}" run --bundle "$(bundle rel '.linux.cgroupsPath="sub"
        | .process.args=["/bin/sed","-n","s/^0:://p","/proc/self/cgroup"] | del(.linux.namespaces[]|select(.type=="cgroup"))')" rel)" \
        "$(dirname "$(cgroup_of_pid $$)" | sed 's,/$,,')/sub"
exits "cgroupfs: a path that leads upwards" 1 "${runtime[@]}" create --bundle "$(bundle up '.linux.cgroupsPath="/a/../b"')" up
exits "cgroupfs: a name of a scope" 1 "${runtime[@]}" create --bundle "$(bundle sc '.linux.cgroupsPath="system.slice:a:b"')" sc
b=$(bundle none '.process.args=["/bin/sed","-n","s/^0:://p","/proc/self/cgroup"] | del(.linux.namespaces[]|select(.type=="cgroup"))')
is "disabled: the caller's cgroup" "$("${runtime[@]}" --cgroup-manager=disabled run --bundle "$b" none)" "$(cgroup_of_pid $$)"
is "disabled: no unit" "$(systemctl list-units --all --no-legend 'ctr*none*' | wc -l)" 0

# ---- options that engines give ----

b=$(bundle flags '.process.args=["/bin/true"]')
ok "flags of engines are accepted" "${runtime[@]}" --log "$test_dir/log.json" --log-format json --systemd-cgroup \
        run --no-pivot --no-new-keyring -no-subreaper --bundle "$b" flags
exits "an error" 1 "${runtime[@]}" --log "$test_dir/log.json" --log-format json start nothere
is "goes to the JSON log as well" "$(jq -r '.level + " " + .msg' "$test_dir/log.json")" "error container does not exist"
done_testing
