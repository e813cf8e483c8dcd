#!/bin/bash
# A configured container starts at boot, with no daemon of ours, before anybody logs in; a broken one beside it
# does not stop the boot. Run on the build machine: boots a host of its own.
#
#   tests/host/boot.sh BUILD-DIR [TESTHOST-OPTION]...
set -u

source_dir=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
shift
share=$(mktemp -d)
trap 'rm -rf "$share"' EXIT
umask 022
chmod 755 "$share"

mkdir -p "$share/boot/rootfs"/{bin,dev,proc,sys} "$share/bad"
cp "$build/tests/probe/ctr-probe" "$share/boot/rootfs/bin/" || exit 1
cat >"$share/boot/config.json" <<'JSON'
{
  "ociVersion": "1.0.2",
  "root": { "path": "rootfs" },
  "process": { "args": [ "/bin/ctr-probe", "sleep", "1000" ], "cwd": "/", "user": { "uid": 0, "gid": 0 } },
  "mounts": [ { "destination": "/proc", "type": "proc", "source": "proc" } ],
  "linux": { "namespaces": [ { "type": "pid" }, { "type": "mount" } ] }
}
JSON
printf '[Install]\nWantedBy=multi-user.target\n' >"$share/boot.container"
echo '{ "ociVersion": 1 }' >"$share/bad/config.json"
printf '[Install]\nWantedBy=multi-user.target\n' >"$share/bad.container"

"$source_dir/tools/testhost" --build "$build" "$@" --share "$share:/etc/ctrunit/containers" -- \
        bash -c '. /src/tests/system/lib.sh
is_up() { systemctl is-active --quiet ctr@boot; }
has_failed() { systemctl is-failed --quiet ctr@bad; }
ok "the container was started at boot" eventually 20 is_up
is "by its target" "$(systemctl show -P WantedBy ctr@boot)" multi-user.target
ok "a broken one has failed" eventually 20 has_failed
is "with the status of a broken configuration" "$(property bad ExecMainStatus)" 78
for program in ctr-exec ctrctl ctr-generator; do
        is "no $program is running" "$(pgrep -cx $program)" 0
done
# What the boot waited for can be asked when it is over.
booted() { systemd-analyze time >/dev/null 2>&1; }
ok "the boot has ended" eventually 60 booted
like "systemd-analyze blame names it" "$(systemd-analyze blame --no-pager)" "[0-9]m?s ctr@boot.service"
like "systemd-analyze plot draws it" "$(systemd-analyze plot)" "ctr@boot.service"
like "systemd-analyze critical-chain knows it" "$(systemd-analyze critical-chain --no-pager ctr@boot.service)" "ctr@boot.service "
ok "it stops" systemctl stop ctr@boot
done_testing' boot
