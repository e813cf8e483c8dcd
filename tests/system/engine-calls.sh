#!/bin/bash
# The command lines and environments in which conmon, podman, containerd's shim and docker call a runtime, verb by
# verb, and what they read of it: pid files, one JSON line, runc's texts, silence.
. "$(dirname "$0")/lib.sh"
root=$test_dir/root
log=$test_dir/log.json

# podman's own calls have this environment and no other.
bare() { env -i XDG_RUNTIME_DIR= /usr/bin/ctr-runtime --root "$root" "$@"; }
# conmon's have pipes of its own, which must not reach the container, and a log.
conmon() {
        rm -f "$log"
        env -i _OCI_SYNCPIPE=3 _OCI_STARTPIPE=4 NOTIFY_SOCKET=/nowhere /usr/bin/ctr-runtime --root "$root" --log-format=json --log="$log" \
                --systemd-cgroup "$@" 3>/dev/null 4</dev/null </dev/null >"$test_dir/stdout" 2>"$test_dir/stderr"
}
shim() {
        rm -f "$log"
        env -i PATH=/usr/bin /usr/bin/ctr-runtime --root "$root" --log "$log" --log-format json --systemd-cgroup "$@" </dev/null \
                >"$test_dir/stdout" 2>"$test_dir/stderr"
}
silent() { [ ! -s "$test_dir/stdout" ] && [ ! -s "$test_dir/stderr" ] && [ ! -s "$log" ]; }
is_status() { [ "$(bare state "$1" | jq -r .status)" = "$2" ]; }
engine_bundle() { bundle "$1" ".linux.cgroupsPath=\"machine.slice:libpod:$1\" | $2"; }

# ---- conmon and podman ----

b=$(engine_bundle pc '.process.args=["/bin/sh","-c","ls /proc/self/fd | xargs echo fds; env | grep -c OCI_; trap \"exit 5\" TERM; while :; do sleep 0.05; done"]')
ok "conmon: create" conmon create --bundle "$b" --pid-file "$test_dir/pidfile" pc
ok "conmon: create is silent" silent
ok "conmon: the pid file is a number without a newline" grep -qxE '[0-9]+' "$test_dir/pidfile"
is "conmon: the pid file's bytes" "$(tr -d '0-9' <"$test_dir/pidfile" | wc -c)" 0
ok "podman: start" bare start pc
ok "conmon: its descriptors do not get in" eventually 5 grep -qx "fds 0 1 2 3" "$test_dir/stdout"
ok "conmon: its variables do not get in" eventually 5 grep -qx 0 "$test_dir/stdout"
for verb in pause resume; do
        ok "podman: $verb" bare $verb pc
done
printf '{"pids":{"limit":88}}' >"$test_dir/resources"
ok "podman: update --resources=FILE" bare update "--resources=$test_dir/resources" pc
is "podman: update reaches the scope" "$(systemctl show -P TasksMax libpod-pc.scope)" 88
printf '{"args":["/bin/sleep","30"],"cwd":"/","user":{"uid":0,"gid":0},"env":["PATH=/bin"]}' >"$test_dir/process"
ok "conmon: exec --pid-file F --process F --detach" conmon exec --pid-file "$test_dir/exec-pid" --process "$test_dir/process" --detach pc
ok "conmon: exec is silent" silent
is "conmon: exec: the pid" "$(tr '\0' ' ' <"/proc/$(cat "$test_dir/exec-pid")/cmdline")" "/bin/sleep 30 "
printf '{"args":["/nope"],"cwd":"/","user":{"uid":0,"gid":0},"env":["PATH=/bin"]}' >"$test_dir/process"
exits "conmon: exec of a program that is not there: runc's 255" 255 conmon exec --pid-file "$test_dir/exec-pid" --process "$test_dir/process" --detach pc
is "conmon: the log is one line" "$(wc -l <"$log")" 1
like "conmon: the whole log is one object that says why" "$(jq -r .msg "$log")" 'no such file or directory'
ok "podman: kill ID 15" bare kill pc 15
ok "podman: it ends" eventually 5 is_status pc stopped
ok "podman: kill --all of an ended one" bare kill --all pc 9
ok "podman: delete --force" bare delete --force pc
ok "podman: delete --force of one that is gone" bare delete --force pc
b=$(engine_bundle pc2 '.process.args=["/nope"]')
exits "conmon: create of a program that is not there, or its start" 127 sh -c "
        env -i /usr/bin/ctr-runtime --root $root --systemd-cgroup --log-format=json --log=$log create --bundle $b pc2 </dev/null >/dev/null 2>&1 &&
        env -i /usr/bin/ctr-runtime --root $root --log-format=json --log=$log start pc2 2>/dev/null"
like "conmon: create: podman finds its words" "$(jq -r .msg "$log")" 'no such file or directory|executable file .*not found'
bare delete --force pc2
ok "podman: checkpoint --help succeeds: it is supported" bare checkpoint --help

# ---- containerd's shim ----

b=$(engine_bundle sh '.process.args=["/bin/sleep","1000"]')
ok "shim: create" shim create --bundle "$b" --pid-file "$test_dir/pidfile" --no-pivot --no-new-keyring sh
ok "shim: create is silent" silent
ok "shim: start" shim start sh
ok "shim: ps --format json" shim ps --format json sh
is "shim: ps: an array of pids" "$(jq -c . "$test_dir/stdout")" "[$(cat "$test_dir/pidfile")]"
ok "shim: state" shim state sh
is "shim: state: what go-runc reads" "$(jq -r '[.id,.status,.bundle,(.pid|type),(.created|type),(.rootfs|type)]|join(" ")' "$test_dir/stdout")" \
        "sh running $b number string string"
ok "shim: update --resources -" sh -c "echo '{\"pids\":{\"limit\":77}}' | env -i /usr/bin/ctr-runtime --root $root update --resources - sh"
is "shim: update reaches the scope" "$(systemctl show -P TasksMax libpod-sh.scope)" 77
ok "shim: events --stats" shim events --stats sh
is "shim: events: one JSON object" "$(jq -r '.type + " " + .id' "$test_dir/stdout")" "stats sh"
ok "shim: kill --all" shim kill --all sh KILL
ok "shim: it ends" eventually 5 is_status sh stopped
exits "shim: kill of an ended one" 1 shim kill sh 15
is "shim: the last line of the log is the error" "$(tail -1 "$log" | jq -r '.level + ": " + .msg')" "error: container not running"
ok "shim: delete" shim delete sh
exits "shim: delete of one that is gone" 1 shim delete sh
is "shim: its text" "$(tail -1 "$log" | jq -r .msg)" "container does not exist"
ok "shim: delete --force of one that is gone, without --systemd-cgroup" bare delete --force sh
ok "shim: run -no-subreaper" shim run -no-subreaper --bundle "$(engine_bundle sub '.process.args=["/bin/true"]')" sub

# ---- what every engine asks ----

for options in '["nosuid"]:writable' '["nosuid","ro"]:read-only'; do
        b=$(engine_bundle cg "(.mounts[] | select(.type == \"cgroup\")).options=${options%:*}
                | .process.args=[\"/bin/sh\",\"-c\",\"mkdir /sys/fs/cgroup/x 2>/dev/null && echo writable || echo read-only\"]")
        is "a cgroup mount with ${options%:*} is ${options#*:}" "$(bare --systemd-cgroup run --bundle "$b" cg)" "${options#*:}"
done

is "--version: three lines" "$(bare --version | wc -l)" 3
like "--version: what go-runc and docker info look for" "$(bare --version | tr '\n' '|')" '^runc version [^|]*\|commit: [^|]*\|spec: [0-9.]+\|$'
ok "nothing is left: units" eventually 5 sh -c '! systemctl list-units --all --no-legend "libpod-*" | grep .'
is "nothing is left: state" "$(ls "$root/containers" 2>/dev/null)" ""
done_testing
