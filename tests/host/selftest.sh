#!/bin/bash
# Tests of the test host itself. TAP on stdout.
#   tests/host/selftest.sh [nspawn] [qemu]        (default: both)
#
# The hosts run from a cache directory of this test, which borrows the roots of the real one; so what
# hosts leave behind can be told from what other hosts on the machine use.
set -uo pipefail

source_dir=$(cd "$(dirname "$0")/../.." && pwd)
kinds=("$@")
((${#kinds[@]})) || kinds=(nspawn qemu)
number=0
failures=0

ok() {
        number=$((number + 1))
        echo "ok $number - $1"
}

not_ok() {
        number=$((number + 1))
        failures=$((failures + 1))
        echo "not ok $number - $1"
        sed 's/^/# /' "$scratch/stdout" "$scratch/stderr" 2>/dev/null
}

# is ACTUAL EXPECTED NAME
is() {
        if [[ $1 == "$2" ]]; then
                ok "$3"
        else
                not_ok "$3"
                echo "# got '$1', expected '$2'"
        fi
}

# Runs the host; leaves its output in $scratch/stdout and stderr, its exit code in $code.
host() {
        "$source_dir/tools/testhost" "$@" >"$scratch/stdout" 2>"$scratch/stderr"
        code=$?
}

prepare() {
        local file
        real_cache=${CTRUNIT_CACHE:-/var/cache/ctrunit}/testhost
        for kind in "${kinds[@]}"; do
                "$source_dir/tools/testhost" "--$kind" -- true
                [[ $? != 77 ]] || { echo "1..0 # SKIP no test host"; exit 0; }
        done
        scratch=$(mktemp -d)
        trap 'rm -rf "$scratch"' EXIT
        mkdir -p "$scratch/cache/testhost" "$scratch/share"
        for file in "$real_cache"/{root-*,qemu-*,accel}; do
                [[ ! -e $file || $file == *.use ]] || ln -s "$file" "$scratch/cache/testhost/"
        done
        export CTRUNIT_CACHE=$scratch/cache
        before=$(machine_state)
}

# Everything a host may leave on the machine.
machine_state() {
        ls -A "$CTRUNIT_CACHE/testhost/run" 2>/dev/null
        grep -F "$CTRUNIT_CACHE" /proc/self/mounts
        our_processes
        our_cgroups
}

# Processes that carry our cache directory in their environment, besides this test's own.
our_processes() {
        local pid pids
        # No program of this pipe may carry the variable: it would find itself.
        # shellcheck disable=SC2016
        pids=$(env -u CTRUNIT_CACHE bash -c 'grep -lsFz "CTRUNIT_CACHE=$1" /proc/[0-9]*/environ | cut -d/ -f3' - "$CTRUNIT_CACHE")
        for pid in $pids; do
                [[ $pid == "$$" ]] || tr '\0' ' ' <"/proc/$pid/cmdline"
        done 2>/dev/null
}

# Cgroups of hosts that do not belong to the real cache directory.
our_cgroups() {
        local group
        find /sys/fs/cgroup -maxdepth 3 -name 'ctrunit-testhost.*' | while read -r group; do
                [[ -d $real_cache/run/${group##*.} || ! -d $group ]] || echo "$group"
        done
}

nothing_left() {
        is "$(machine_state)" "$before" "$kind: nothing left $1"
}

test_exit_codes() {
        host "--$kind" -- true
        is "$code" 0 "$kind: exit code 0"
        host "--$kind" -- sh -c 'exit 42'
        is "$code" 42 "$kind: exit code 42"
        host "--$kind" -- sh -c 'kill -TERM $$'
        is "$code" 143 "$kind: a signal is 128+N"
}

test_streams() {
        host "--$kind" -- sh -c 'echo one; echo two >&2; echo three >>/dev/stdout'
        is "$code $(cat "$scratch/stdout")" $'0 one\nthree' "$kind: stdout is the command's, nothing else"
        is "$(cat "$scratch/stderr")" two "$kind: stderr is the command's, nothing else"
        host "--$kind" -- seq 100000
        is "$(sha256sum <"$scratch/stdout")" "$(seq 100000 | sha256sum)" "$kind: long output is complete"
}

test_arguments() {
        # shellcheck disable=SC2016
        host "--$kind" -- printf '%s|' '$HOME' 'a b' '%n;' '' "it's"
        # shellcheck disable=SC2016
        is "$(cat "$scratch/stdout")" "\$HOME|a b|%n;||it's|" "$kind: arguments arrive unchanged"
        CTRUNIT_EXAMPLE='x y' host "--$kind" -- printenv CTRUNIT_EXAMPLE CTRUNIT_TESTHOST
        is "$(cat "$scratch/stdout")" "x y"$'\n'"$kind" "$kind: CTRUNIT_ variables arrive"
}

test_system() {
        host "--$kind" -- sh -c 'systemctl is-system-running; cut -d: -f3 /proc/self/cgroup | tail -n 1
                systemctl list-units --failed --no-legend'
        is "$(cat "$scratch/stdout")" $'running\n/system.slice/testhost-command.service' \
                "$kind: booted without failed units, the command is in a unit"
        host "--$kind" -- sh -c 'stat -f -c %T /srv /var/tmp; test -e /src/tools/testhost && echo src'
        is "$(grep -c overlay "$scratch/stdout") $(tail -n 1 "$scratch/stdout")" "0 src" \
                "$kind: /srv and /var/tmp are not overlayfs, /src is there"
}

test_share() {
        echo content >"$scratch/share/file"
        host "--$kind" --share "$scratch/share:/srv/given" --share "$scratch/share/file:/etc/one" -- \
                cat /srv/given/file /etc/one
        is "$(cat "$scratch/stdout")" $'content\ncontent' "$kind: a directory and a file are shared"
}

# A meson project that installs a unit, started at boot.
test_build() {
        local project=$scratch/project
        mkdir -p "$project"
        printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=true\n' >"$project/probe.service"
        cat >"$project/meson.build" <<-'END'
		project('probe', 'c', meson_version: '>=1.0')
		install_data('probe.service', install_dir: '/lib/systemd/system')
		install_symlink('probe.service', pointing_to: '/lib/systemd/system/probe.service',
		                install_dir: '/etc/systemd/system/multi-user.target.wants')
		END
        [[ -d $project/build ]] || meson setup "$project/build" "$project" >/dev/null
        host "--$kind" --build "$project/build" -- \
                sh -c 'systemctl is-active probe; test -d /build/meson-private && echo build'
        is "$(cat "$scratch/stdout")" $'active\nbuild' "$kind: the build is installed before boot"
}

test_timeout() {
        host "--$kind" --timeout "$1" -- sleep 1000
        is "$code" 124 "$kind: timeout is 124"
        nothing_left "after a timeout"
}

# The same unit in both, each waits until it sees the other through a shared directory.
test_parallel() {
        local one two
        rm -f "$scratch"/share/*
        # shellcheck disable=SC2016
        local script='systemd-run -q --unit=same sleep 1000; touch /srv/s/$1
                for _ in $(seq 200); do [ -e /srv/s/$2 ] && break; sleep 0.1; done
                [ -e /srv/s/$2 ] && pgrep -cx sleep; sleep 0.5; systemctl is-active same'
        "$source_dir/tools/testhost" --share "$scratch/share:/srv/s" -- sh -c "$script" - a b \
                >"$scratch/one" 2>&1 &
        one=$!
        "$source_dir/tools/testhost" --share "$scratch/share:/srv/s" -- sh -c "$script" - b a \
                >"$scratch/two" 2>&1 &
        two=$!
        wait "$one" && wait "$two"
        is "$(cat "$scratch/one" "$scratch/two")" $'1\nactive\n1\nactive' "$kind: two hosts at once"
        nothing_left "after two hosts"
}

test_signal() {
        local pid
        # A shell starts background commands with SIGINT ignored, nohup(1) all with SIGHUP.
        env --default-signal=INT,HUP "$source_dir/tools/testhost" "--$kind" -- sleep 1000 >"$scratch/stdout" 2>"$scratch/stderr" &
        pid=$!
        sleep "$2"
        kill "-$1" "$pid"
        wait "$pid" 2>/dev/null
        is "$?" "$3" "$kind: SIG$1 ends the script"
        [[ $1 != KILL ]] || killed_host
        nothing_left "after SIG$1"
}

# After SIGKILL the processes must go by themselves; the next start removes the rest.
killed_host() {
        for _ in {1..50}; do
                [[ -n $(our_processes) ]] || break
                sleep 0.1
        done
        is "$(our_processes)" "" "$kind: no process outlives the script"
        host --nspawn -- true
        is "$code" 0 "$kind: the next host starts"
}

test_stdin() {
        host --nspawn -- cat <<<"given"
        is "$(cat "$scratch/stdout")" given "nspawn: stdin is passed"
        script -qec "'$source_dir/tools/testhost' -- sh -c 'test -t 0 && test -t 1 && exit 7'" /dev/null \
                >"$scratch/stdout" 2>&1 </dev/null
        is "$?" 7 "nspawn: on a terminal the command has one too"
}

test_controllers() {
        host --qemu -- sh -c 'tr " " "\n" </sys/fs/cgroup/cgroup.controllers | sort | xargs'
        is "$(cat "$scratch/stdout")" "cpu cpuset hugetlb io memory misc pids rdma" \
                "qemu: every cgroup controller"
        host --qemu -- systemd-run --wait -p MemoryMax=20M python3 -c 'x = bytearray(100 << 20)'
        is "$(grep -o 'result: .*' "$scratch/stderr")" "result: oom-kill" "qemu: MemoryMax= is enforced"
}

# With a needed program hidden.
test_missing() {
        local program=/usr/bin/systemd-nspawn
        [[ $kind == nspawn ]] || program=/usr/bin/qemu-system-x86_64
        # shellcheck disable=SC2016
        unshare --mount sh -c 'mount --bind /dev/null "$1"; exec "$2" "$3" true' - "$program" \
                "$source_dir/tools/testhost" "--$kind" >"$scratch/stdout" 2>"$scratch/stderr"
        is "$? $(grep -c "missing ${program##*/}" "$scratch/stderr")" "77 1" \
                "$kind: says what is missing, with code 77"
}

test_host_down() {
        host "--$kind" -- sh -c 'systemctl --force --force poweroff; sleep 1000'
        is "$code" 125 "$kind: a host that goes down is 125"
        nothing_left "after the host went down"
}

# On a fresh machine dpkg has never heard of most packages.
test_deps() {
        is "$("$source_dir/tools/deps" missing bash ctrunit-no-such-package ctrunit-nor-such)" \
                $'ctrunit-no-such-package\nctrunit-nor-such' "deps: what dpkg does not know is missing"
        is "$("$source_dir/tools/deps" missing bash coreutils)" "" "deps: what is installed is not"
}

prepare
test_deps
for kind in "${kinds[@]}"; do
        test_exit_codes
        test_streams
        test_arguments
        test_system
        test_share
        test_build
        test_host_down
        test_missing
        nothing_left "after normal runs"
        if [[ $kind == nspawn ]]; then
                test_stdin
                test_parallel
                test_timeout 3
                up=1.5
        else
                test_controllers
                test_timeout 15
                up=6
        fi
        test_signal TERM "$up" 143
        test_signal INT "$up" 130
        test_signal HUP "$up" 129
        test_signal KILL "$up" 137
done
echo "1..$number"
((failures == 0))
