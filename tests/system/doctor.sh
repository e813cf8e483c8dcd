#!/bin/bash
# doctor: what the host lacks, seen where it lacks it; and that it says so of what was taken away here.
. "$(dirname "$0")/lib.sh"

doctor() { ctrctl doctor -f json; }
verdict() { doctor | jq -r --arg check "$1" '.[]|select(.check==$check)|.verdict+" "+.found'; }

# Controllers are what an nspawn host may lack, which the host's own file tells.
controllers=$(cat /sys/fs/cgroup/cgroup.controllers)
code=0
for name in cpu io memory pids; do
        [[ " $controllers " = *" $name "* ]] || code=1
done
exits "the exit code is that of what is missing" $code ctrctl doctor
like "the table names the version of systemd" "$output" "^ok +systemd +$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')"
is "nothing but controllers is missing" "$(doctor | jq -r '.[]|select(.verdict=="missing" and .check!="controllers").check')" ""
is "the controllers that are here" "$(verdict controllers | sed 's/^[a-z]* //; s/ (not here.*//')" "${controllers:-none}"
is "what is not well has a reason and advice, the rest has none" \
        "$(doctor | jq -r '.[]|select((.verdict=="ok") == has("why") or has("why") != has("advice")).check')" ""
exits "an unknown format" 1 ctrctl doctor -f xml
exits "no arguments" 1 ctrctl doctor web

mkdir -p /run/ctrunit/config/containers/broken
echo '{"ociVersion":"1.0.2","root":{"path":7}}' >/run/ctrunit/config/containers/broken/config.json
like "a configured container with a mistake" "$(verdict configured)" '^missing .*broken.*root.path'
rm -r /run/ctrunit/config/containers/broken
is "without it" "$(verdict configured)" "ok without mistakes"

is "how the control groups are mounted" "$(verdict "quick moves" | grep -c '^ok')" "$(findmnt -no FS-OPTIONS /sys/fs/cgroup | grep -c favordynmods)"

like "not root: device rules" "$(setpriv --reuid 65534 --clear-groups ctrctl doctor -f json | jq -r '.[]|select(.check=="device rules").verdict')" missing
like "no bus" "$(DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent verdict systemd)" '^missing no answer: .*bus'

done_testing
