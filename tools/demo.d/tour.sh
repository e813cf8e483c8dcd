#!/bin/bash
# The tour itself, on a machine where systemd is PID 1 and ctrunit is installed: called by tools/demo.
# Every step is checked; the first one that does not do what it should ends the tour with an error.
#
#   tour.sh SOURCE ROOTFS
set -euo pipefail

source_dir=$1
rootfs=$2
name=web
unit=ctr@$name.service
config=/etc/ctrunit/containers/$name
work=/run/ctrunit-demo

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
show() { printf '$ %s\n' "$*"; "$@"; }
die() { printf 'tour: %s\n' "$*" >&2; exit 1; }
property() { systemctl show -P "$1" "$unit"; }

mounts_before=$(wc -l </proc/self/mountinfo)

# shellcheck disable=SC2317
cleanup() {
        systemctl stop "$unit" 2>/dev/null || true
        rm -rf "$config" "$config.container"
        ! mountpoint -q "$work" || umount "$work"
        rm -rf "$work"
        systemctl daemon-reload
        systemctl reset-failed "$unit" 2>/dev/null || true
}
trap cleanup EXIT

for p in "$config" "$config.container"; do
        [ ! -e "$p" ] || { trap - EXIT; die "$p exists already: not touching it"; }
done

say "A bundle, configured: config.json, a root file system, and a unit's own keys beside it"
mkdir -p "$work"
mount -t tmpfs -o mode=0755 ctrunit-demo "$work"
cp -a "$rootfs" "$work/rootfs"
mkdir -p "$config"
cp "$source_dir/examples/web/config.json" "$config/config.json"
ln -s "$work/rootfs" "$config/rootfs"
cp "$source_dir/examples/web/web.container" "$config.container"
show ls -l "$config"

say "systemd reads it: nothing of ours runs"
show systemctl daemon-reload
show systemctl cat "$unit"

say "Start it like any unit"
show systemctl start "ctr@$name"
main_pid=$(property MainPID)
[ "$(cat "/proc/$main_pid/comm")" = nginx ] || die "the unit's main process is not nginx"

say "It is a web server"
show curl -sS --max-time 10 --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:8080/ | tee "$work/page"
grep -q 'Hello from a container' "$work/page" || die "the page did not come back"
show curl -sS -o /dev/null http://127.0.0.1:8080/missing

say "systemctl status, journalctl, ctrctl: one truth"
show systemctl --no-pager --full status "ctr@$name"
show journalctl --sync
show journalctl --no-pager -o short -u "ctr@$name"
journalctl -q --no-pager -u "ctr@$name" -o cat | grep 'GET / HTTP' >"$work/log" || die "the request is not in the journal"
show ctrctl list
show ctrctl ps "$name"
show ctrctl state "$name"

say "Only nginx is in its cgroup"
cgroup=/sys/fs/cgroup$(property ControlGroup)
while read -r pid; do
        [ "$(cat "/proc/$pid/comm")" = nginx ] || die "process $pid ($(cat "/proc/$pid/comm")) is in the container's cgroup"
done <"$cgroup/cgroup.procs"
show cat "$cgroup/cgroup.procs"

say "A command inside"
show ctrctl exec "$name" /bin/sh -c 'hostname; id'

say "Pause and resume"
show ctrctl pause "$name"
[ "$(property FreezerState)" = frozen ] || die "not frozen"
show systemctl show -P FreezerState "$unit"
show ctrctl resume "$name"
[ "$(property FreezerState)" = running ] || die "not thawed"

say "Limits, now and later"
show systemctl set-property --runtime "ctr@$name" MemoryMax=96M
show ctrctl update --pids-limit 40 "$name"
show systemctl show -p MemoryMax -p TasksMax -p NeedDaemonReload "$unit"
[ "$(property MemoryMax)" = 100663296 ] || die "MemoryMax is not 96M"
[ "$(property TasksMax)" = 40 ] || die "TasksMax is not 40"

say "It dies, systemd restarts it"
show systemctl kill -s KILL --kill-who=main "ctr@$name"
for _ in $(seq 100); do
        [ "$(property MainPID)" != "$main_pid" ] && [ "$(property ActiveState)" = active ] && break
        sleep 0.1
done
[ "$(property NRestarts)" = 1 ] || die "not restarted"
show systemctl show -p NRestarts -p MainPID "$unit"
curl -sS --max-time 10 --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:8080/ >/dev/null

say "Stop it, and nothing is left"
show systemctl stop "ctr@$name"
[ "$(property Result)" = success ] || die "stopped with result $(property Result)"
cleanup
trap - EXIT
[ ! -e "$cgroup" ] || die "cgroup left: $cgroup"
[ ! -e "/run/ctrunit/containers/$name" ] || die "state left: $(ls -la "/run/ctrunit/containers/$name")"
[ "$(wc -l </proc/self/mountinfo)" = "$mounts_before" ] || die "mounts left"
[ "$(systemctl show -P LoadState "$unit")" = not-found ] || die "unit left"
printf '\nThe tour is complete: nothing is left.\n'
