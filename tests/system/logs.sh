#!/bin/bash
# logs: what a container writes is in the journal, in order, with priorities and fields, and `ctrctl logs` shows it.
. "$(dirname "$0")/lib.sh"

script='i=0; while [ $i -lt 200 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done; echo "<3>an error"; echo "<7>a detail"'
dir=$(bundle l "$(jq -n --arg s "$script" '$s' | sed 's/.*/.process.args=["\/bin\/sh","-c",&]/')")
ctrctl run -d --bundle "$dir" l
eventually 5 test_stopped l
journalctl --sync

expected=$(for ((i = 0; i < 200; i++)); do echo "out $i"; echo "err $i"; done; echo "an error"; echo "a detail")
is "every line of both streams, in order" "$(ctrctl logs -o cat l | md5sum)" "$(printf '%s\n' "$expected" | md5sum)"
is "nothing of PID 1 among them" "$(ctrctl logs -o cat l | grep -c -i 'container l')" 0
is "-n" "$(ctrctl logs -n 2 -o cat l)" $'an error\na detail'
is "-p: only what is that important" "$(ctrctl logs -p err -o cat l)" "an error"
is "-r" "$(ctrctl logs -r -n 1 -o cat l)" "a detail"
is "priorities" "$(ctrctl logs -n 2 -o json l | jq -r .PRIORITY | paste -sd' ')" "3 7"
is "fields" "$(ctrctl logs -n 1 -o json l | jq -r '[.CONTAINER_ID,.CONTAINER_NAME,.CONTAINER_BUNDLE,._SYSTEMD_UNIT,.SYSLOG_IDENTIFIER]|join(" ")')" \
        "l l $dir ctr@l.service l"
is "journalctl by the field" "$(journalctl -q -o cat CONTAINER_ID=l _TRANSPORT=stdout | wc -l)" 402
is "--since in the future" "$(ctrctl logs --since '1 hour' -o cat l 2>/dev/null | wc -l)" "$(journalctl -q --since '1 hour' -o cat _SYSTEMD_UNIT=ctr@l.service 2>/dev/null | wc -l)"
is "--until in the past" "$(ctrctl logs --until '2020-01-01' -o cat l)" ""
like "-v shows the command" "$(ctrctl logs -v -n 1 l 2>&1)" '^journalctl --quiet --lines=1 _SYSTEMD_UNIT=ctr@l.service CONTAINER_ID=l$'
ctrctl delete l
is "logs stay after delete" "$(ctrctl logs -n 1 -o cat l)" "a detail"
is "who asks for what is not there is told" "$(ctrctl logs nosuch 2>&1)" "ctrctl: warning: there is no container nosuch now: what one of this name has left in the journal"
mkdir -p /etc/ctrunit/containers
printf '[Container]\nRootfs=%s\nExec=/bin/ctr-probe sleep 1\n' "$test_dir/rootfs" >/etc/ctrunit/containers/later.container
systemctl daemon-reload
is "one that is configured has none yet" "$(ctrctl logs later 2>&1)" ""
rm /etc/ctrunit/containers/later.container
systemctl daemon-reload

dir=$(bundle f '.process.args=["/bin/sh","-c","while :; do echo tick; sleep 0.05; done"]')
ctrctl run -d --bundle "$dir" f
ctrctl logs -f -n 1 -o cat f >"$test_dir/follow" &
follower=$!
test_followed() { [ "$(grep -c tick "$test_dir/follow")" -gt 10 ]; }
ok "-f goes on" eventually 5 test_followed
kill $follower
wait $follower 2>/dev/null
ctrctl delete -f f

dir=$(bundle long '.process.args=["/bin/sh","-c","head -c 40000 /dev/zero | tr \"\\\\0\" x; echo"]')
ctrctl run -d --bundle "$dir" long
eventually 5 test_stopped long
journalctl --sync
is "a line of 40000 bytes is one line" "$(ctrctl logs -o cat long | awk '{ print length($0) }')" 40000
ctrctl delete -f long
done_testing
