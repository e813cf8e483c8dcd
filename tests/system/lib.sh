# Functions for system tests: TAP output, bundles, leftovers. Sourced by every tests/system/*.sh, which runs
# inside a booted host (tools/testhost) as root with ctrunit installed.
# shellcheck shell=bash

set -u
test_file=$(basename "$0" .sh)
test_number=0
test_failed=0
test_build=${CTRUNIT_BUILD:-/build}
test_dir=${CTRUNIT_TEST_DIR:-/srv}/t-$test_file-$$
state_root=/run/ctrunit/containers
mkdir -p "$test_dir"

# ---- engines ----

# With CTRUNIT_MODE=scope a file that knows services only is run for the containers of engines: "ctrctl" is then
# ctr-runtime --systemd-cgroup. What stays after the command must not hold the pipes of the test. What the two have in
# common is left out then (is_short), except in long runs.
is_short() { [ "${CTRUNIT_MODE:-}" = scope ] && [ -z "${CTRUNIT_LONG:-}" ]; }
if [ "${CTRUNIT_MODE:-}" = scope ]; then
        mkdir -p "$test_dir/programs"
        cat >"$test_dir/programs/ctrctl" <<'END'
#!/bin/bash
case " $* " in
" create "* | " run -d "* | " exec -d "* | " exec --detach "*)
        log=$(mktemp)
        ctr-runtime --systemd-cgroup "$@" </dev/null >"$log" 2>&1
        code=$?
        cat "$log"
        rm -f "$log"
        exit $code
        ;;
*) exec ctr-runtime --systemd-cgroup "$@" ;;
esac
END
        chmod 755 "$test_dir/programs/ctrctl"
        PATH=$test_dir/programs:$PATH
        test_file=${test_file%-scope}-scope
fi

# ---- TAP ----

# ok NAME COMMAND...: passes when the command succeeds; its output is shown when it does not.
ok() {
        local name=$1 output rc
        shift
        test_number=$((test_number + 1))
        output=$("$@" 2>&1)
        rc=$?
        if [ $rc = 0 ]; then
                echo "ok $test_number - $test_file: $name"
                return 0
        fi
        test_failed=$((test_failed + 1))
        echo "not ok $test_number - $test_file: $name"
        printf '# exit %d: %s\n' "$rc" "$*"
        printf '%s\n' "$output" | head -40 | sed 's/^/#   /'
        return 1
}

# is NAME GOT EXPECTED: equal texts.
is() {
        ok "$1" test_equal "$2" "$3"
}
test_equal() {
        [ "$1" = "$2" ] || { printf 'got:      %s\nexpected: %s\n' "$1" "$2"; return 1; }
}

# like NAME TEXT PATTERN: the text has a line that the extended regular expression matches.
like() {
        ok "$1" test_match "$2" "$3"
}
test_match() {
        printf '%s\n' "$1" | grep -qE -- "$2" || { printf 'no line matches %s in:\n%s\n' "$2" "$1"; return 1; }
}

# exits NAME CODE COMMAND...: passes when the command ends with this exit code. Its output is in $output.
exits() {
        local name=$1 code=$2 rc
        shift 2
        output=$("$@" 2>&1)
        rc=$?
        ok "$name" test_code "$rc" "$code" "$output" "$*"
}
test_code() {
        [ "$1" = "$2" ] || { printf 'exit code %s, expected %s: %s\n%s\n' "$1" "$2" "$4" "$3"; return 1; }
}

# skip NAME REASON
skip() {
        test_number=$((test_number + 1))
        echo "ok $test_number - $test_file: $1 # SKIP $2"
}

done_testing() {
        rm -rf --one-file-system "$test_dir"
        echo "1..$test_number"
        [ $test_failed = 0 ]
        exit
}

# ---- waiting ----

# The times that tests name are those of an idle machine. One that has no time for us gets several times as much: what
# passes takes no longer for it, and only what would never come fails later.
patience=8

# eventually SECONDS COMMAND...: repeats the command until it succeeds.
eventually() {
        local end=$((SECONDS + patience * ($1 > 10 ? $1 : 10)))
        shift
        until "$@"; do
                [ $SECONDS -lt $end ] || return 1
                sleep 0.05
        done
}

# within MILLISECONDS COMMAND...: the command succeeds, and not by a timeout that ran out: eight times the number has
# to be less than that (PID 1 kills what does not stop after 10 s).
within() {
        local limit=$(($1 * patience)) start end rc
        shift
        start=$(date +%s%3N)
        "$@"
        rc=$?
        end=$(date +%s%3N)
        echo "took $((end - start)) ms, limit $limit ms"
        [ $rc = 0 ] && [ $((end - start)) -le "$limit" ]
}

# ---- bundles ----

# Links of busybox lead to the one beside them. By one process: three hundred take a minute in QEMU.
relink_applets() { # DIR
        local link
        python3 -c '
import os, sys
for name in os.listdir(sys.argv[1]):
    path = os.path.join(sys.argv[1], name)
    if os.path.islink(path):
        os.unlink(path)
        os.symlink("busybox", path)' "$1" 2>/dev/null && return
        for link in "$1"/*; do
                [ ! -L "$link" ] || ln -sf busybox "$link"
        done
}

# The root file system that all bundles of this file share: busybox and the probe.
make_rootfs() { # DIR
        mkdir -p "$1"/{bin,dev,etc,proc,sys,run,root,tmp}
        cp /bin/busybox "$1/bin/busybox"
        "$1/bin/busybox" --install -s "$1/bin" 2>/dev/null || "$1/bin/busybox" --install "$1/bin"
        relink_applets "$1/bin"
        cp "$test_build/tests/probe/ctr-probe" "$1/bin/ctr-probe"
        echo 'root:x:0:0:root:/root:/bin/sh' >"$1/etc/passwd"
        echo 'root:x:0:' >"$1/etc/group"
}

# The configuration that bundles start from; a jq program changes it.
base_config() {
        cat <<'JSON'
{
  "ociVersion": "1.0.2",
  "hostname": "test",
  "root": { "path": "rootfs", "readonly": false },
  "process": {
    "terminal": false,
    "user": { "uid": 0, "gid": 0 },
    "args": [ "/bin/ctr-probe", "sleep", "1000" ],
    "env": [ "PATH=/bin:/usr/bin" ],
    "cwd": "/",
    "capabilities": {
      "bounding": [ "CAP_KILL", "CAP_NET_BIND_SERVICE" ], "effective": [ "CAP_KILL", "CAP_NET_BIND_SERVICE" ],
      "permitted": [ "CAP_KILL", "CAP_NET_BIND_SERVICE" ]
    },
    "noNewPrivileges": true
  },
  "mounts": [
    { "destination": "/proc", "type": "proc", "source": "proc" },
    { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": [ "nosuid", "strictatime", "mode=755", "size=65536k" ] },
    { "destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": [ "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620" ] },
    { "destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": [ "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" ] },
    { "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": [ "nosuid", "noexec", "nodev" ] },
    { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": [ "nosuid", "noexec", "nodev", "ro" ] },
    { "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": [ "nosuid", "noexec", "nodev", "ro" ] }
  ],
  "linux": {
    "namespaces": [ { "type": "pid" }, { "type": "network" }, { "type": "ipc" }, { "type": "uts" }, { "type": "mount" }, { "type": "cgroup" } ],
    "maskedPaths": [ "/proc/kcore", "/proc/keys", "/sys/firmware" ],
    "readonlyPaths": [ "/proc/sys", "/proc/sysrq-trigger" ]
  }
}
JSON
}

# bundle NAME [JQ-PROGRAM]: makes $test_dir/NAME with config.json and the shared rootfs, prints its path.
# In the program, args("/bin/sh";"-c";"…") is not needed: use .process.args=[…].
bundle() {
        local dir=$test_dir/$1
        mkdir -p "$dir"
        [ -d "$test_dir/rootfs" ] || make_rootfs "$test_dir/rootfs"
        base_config | jq --arg rootfs "$test_dir/rootfs" '.root.path=$rootfs' | jq "${2:-.}" >"$dir/config.json" || return 1
        printf '%s\n' "$dir"
}

# ---- network devices ----

# A device to move, of a kind that this kernel has. A pair's other end, whose name is the kernel's choice, goes with it, a
# moment after its namespace.
make_link() { # NAME
        ip link add "$1" type dummy 2>/dev/null || ip link add "$1" type veth
}

# ---- units and leftovers ----

unit_of() { # ID
        [ "${CTRUNIT_MODE:-}" != scope ] || { printf 'ctr-%s.scope\n' "${1//+/\\x2b}"; return; }
        printf 'ctr@%s.service\n' "${1//+/\\x2b}"
}
property() { # ID PROPERTY
        # A scope has no main process.
        case ${CTRUNIT_MODE:-}:$2 in scope:MainPID) ctrctl state "$1" | jq .pid; return ;; esac
        systemctl show -P "$2" "$(unit_of "$1")"
}
cgroup_of() { # ID
        printf '/sys/fs/cgroup%s\n' "$(property "$1" ControlGroup)"
}
status_of() { # ID
        ctrctl state "$1" 2>/dev/null | jq -r .status
}

# nothing_left ID: no unit, cgroup, state nor mount with this id.
# alone ID: only the payload is in the container's cgroup, and no program of ours runs: ctr-exec ends after it has told
# PID 1 that the container is ready.
alone() {
        eventually 5 test_alone "$1" || { cat "$(cgroup_of "$1")/cgroup.procs"; pgrep -fa '^/usr/(bin|lib/ctrunit)/ctr'; return 1; }
}
test_alone() {
        [ "$(cat "$(cgroup_of "$1")/cgroup.procs")" = "$(property "$1" MainPID)" ] && ! pgrep -f '^/usr/(bin|lib/ctrunit)/ctr' >/dev/null
}
# none_runs PATTERN: no process has a command line like this, or soon none has.
none_runs() {
        eventually 5 test_none_runs "$1" || { pgrep -fa "$1"; return 1; }
}
test_none_runs() { ! pgrep -f "$1" >/dev/null; }

# What was written to the journal before is in it when it is read.
journalctl() {
        command journalctl --sync
        command journalctl "$@"
}

nothing_left() {
        local id=$1 left=0
        eventually 5 test_unit_gone "$id" || { echo "unit left: $(systemctl is-active "$(unit_of "$id")")"; left=1; }
        ! find /sys/fs/cgroup -type d -name "$(unit_of "$id" | sed 's/\\/\\\\/g')" | grep . || left=1
        ! ls -d "$state_root/$id" 2>/dev/null || left=1
        ! grep -F "/containers/$id/" /proc/self/mountinfo || left=1
        return $left
}
test_unit_gone() {
        case $(systemctl show -P LoadState "$(unit_of "$1")") in not-found) return 0 ;; esac
        [ "$(property "$1" ActiveState)" = inactive ]
}
test_stopped() { [ "$(status_of "$1")" = stopped ]; }
test_inactive() { [ "$(property "$1" ActiveState)" = inactive ]; }
