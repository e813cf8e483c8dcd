# Functions for sets of client checks (run.sh runs them). A set is a file like this:
#
#   . "$(dirname "$0")/lib.sh"
#   set_begin                                   # what the host looks like before
#   make_box_image "$test_dir/box.tar"          # an image: imported by the client's own command
#   ok / is / like / exits / skip NAME ...      # of tests/system/lib.sh: TAP, one line a check
#   set_end                                     # nothing is left: units, cgroups, mounts, processes, state
#
# $runtime is the runtime's path. Names of checks are the same with every runtime. A check of what only ours does begins with `[ $label = ours ] &&`.
# shellcheck shell=bash
# shellcheck source=SCRIPTDIR/../system/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../system/lib.sh"

# shellcheck disable=SC2034  # sets use it
runtime=${CTRUNIT_CLIENT_RUNTIME:-/usr/bin/ctr-runtime}
# ours, crun or runc.
# shellcheck disable=SC2034  # sets use it
label=${CTRUNIT_CLIENT_LABEL:-ours}
# An image that is too large to make here: tools/rootfs debian, shown by tools/test.
debian_root=/debian

# ---- images ----

# A root file system with busybox and the probe, as a tar archive for `podman import` and its like.
make_box_image() { # FILE
        make_rootfs "$test_dir/box-root"
        printf '%s\n' 'user:x:1000:1000::/:/bin/sh' >>"$test_dir/box-root/etc/passwd"
        printf '%s\n' 'user:x:1000:' >>"$test_dir/box-root/etc/group"
        chmod 1777 "$test_dir/box-root/tmp"
        tar -C "$test_dir/box-root" -cf "$1" . && rm -rf "$test_dir/box-root"
}

# A Debian root with nginx, a service of several processes.
has_debian_image() { [ -x "$debian_root/usr/sbin/nginx" ]; }
make_debian_image() { # FILE
        tar -C "$debian_root" --one-file-system -cf "$1" .
}

# ---- the host ----

# Does the root of the cgroup tree have this controller? nspawn hosts lack most of them.
has_controller() { # NAME
        grep -qw "$1" /sys/fs/cgroup/cgroup.controllers
}

# ---- waiting ----

# How many times as slow as an idle machine the host may be before a wait ends: time that only a failure takes. within
# of tests/system/lib.sh goes by it, too.
patience=3
[ "${CTRUNIT_TESTHOST:-}" != qemu ] || patience=10
eventually() { # SECONDS COMMAND...
        local end=$((SECONDS + $1 * patience))
        shift
        until "$@"; do
                [ $SECONDS -lt $end ] || return 1
                sleep 0.05
        done
}
# A program, ended when it takes longer than SECONDS of an idle machine.
limited() { # SECONDS COMMAND...
        timeout --foreground "$(($1 * patience))" "${@:2}"
}

# ---- terminals ----

# A command in a terminal of 31 lines and 81 columns; its output without carriage returns and without what the end of
# standard input echoes.
in_terminal() { # SECONDS COMMAND
        limited "$1" script -qec "stty rows 31 cols 81; $2" /dev/null </dev/null | tr -d '\r\000' | sed 's/^\(\^[@D]\)*//'
        return "${PIPESTATUS[0]}"
}

# ---- what is left ----

# Units and groups that belong to the host, or that any first use of a client leaves on purpose: shared slices.
host_units='^(systemd-|dbus|polkit|modprobe@|machine\.slice|system\.slice|user|session-|init\.scope|dev-|sys-|proc-|-\.)'

# Without mount units: they follow the kernel's list, which is read below, and late when much is mounted.
list_units() {
        systemctl list-units --all --plain --no-legend --full --type=service,scope,slice,timer,socket,path |
                awk '$2 != "not-found" && $3 != "inactive" || $3 == "failed" { print $1, $3 }' | grep -vE "$host_units"
}
list_cgroups() {
        find /sys/fs/cgroup -mindepth 1 -type d -printf '%P\n' | grep -vE '(^|/)(systemd-[^/]*|dbus[^/]*|polkit[^/]*|modprobe@[^/]*)(/|$)' |
                grep -vxE 'machine\.slice|user\.slice'
}
list_processes() {
        ps -eo ppid=,args= | awk '$1 != 2 { $1 = ""; print }' |
                grep -vE '^ (ps -eo|awk |grep |sed |sort|bash |/bin/bash |timeout |\(sd-|/lib/systemd/|/usr/lib/(systemd|polkit)|\[|diff |/usr/bin/dbus)'
}
list_state() {
        for dir in /run/ctrunit/containers /run/crun /run/runc /run/containerd/runc/* /run/containerd/runc/*/containers \
                /run/docker/runtime-*/* /run/docker/runtime-*/*/containers /run/netns; do
                [ ! -d "$dir" ] || find "$dir" -mindepth 1 -maxdepth 1 ! -name bpf # filters are kept for the next container
        done
}
set_snapshot() {
        list_units | sort | sed 's/^/unit /'
        list_cgroups | sort | sed 's/^/cgroup /'
        awk '{ print $5 }' /proc/self/mountinfo | sort | sed 's/^/mount /'
        list_processes | sort | sed 's/^/process/'
        list_state | sort | sed 's/^/state /'
        ip -o link | awk '{ print "link", $2 }' | sort
}

set_begin() {
        set_snapshot | LC_ALL=C sort >"$test_dir/before"
}

# One check for each kind of thing, and done.
set_end() {
        local kind
        eventually 5 test_nothing_left
        for kind in unit cgroup mount process state link; do
                is "nothing is left: $kind" "$(grep "^$kind" "$test_dir/left")" ""
        done
        done_testing
}
# What is there now and was not; the other way round, systemd may only have been late.
test_nothing_left() {
        set_snapshot | LC_ALL=C sort >"$test_dir/after"
        LC_ALL=C comm -13 "$test_dir/before" "$test_dir/after" >"$test_dir/left"
        [ ! -s "$test_dir/left" ]
}
