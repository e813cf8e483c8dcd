#!/bin/bash
# What somebody who knows systemd tries with a container: a terminal, the journal's own socket, fields to search by,
# sockets that outlive a run, who may restart it, and the tools that show units.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/configured.inc"

sh_args() { # SCRIPT: JSON
        jq -cn --arg s "$1" '["/bin/sh","-c",$s]'
}
journal() { journalctl -q --no-pager "$@"; }
test_line() { # UNIT LINE
        journal -o cat -u "$1" | grep -qxF -- "$2"
}

# ---- a terminal of the host ----

# Somebody at a terminal: its name in "name"; what is said to it in "said", what is typed comes from "typed".
cat >"$test_dir/terminal.py" <<'E'
import os, pty, sys, threading
os.chdir(sys.argv[1])
master, slave = pty.openpty()
os.mkfifo("typed")
with open("name.new", "w") as f:
    f.write(os.ttyname(slave))
os.rename("name.new", "name")
def type_on():
    while True:
        with open("typed", "rb") as f:
            os.write(master, f.read())
threading.Thread(target=type_on, daemon=True).start()
with open("said", "wb", 0) as f:
    while True:
        f.write(os.read(master, 4096))
E
python3 "$test_dir/terminal.py" "$test_dir" &
terminal=$!
eventually 10 test -e "$test_dir/name"
tty=$(cat "$test_dir/name")
seen() { tr -d '\r' <"$test_dir/said" | grep -qx -- "$1"; }
put sits ".process.args=$(sh_args 'trap "echo interrupted; exit 3" INT; test -t 0 && test -t 1 && echo "at a terminal" && echo "by its name" >/dev/tty; read line; echo "heard $line" >/dev/tty; while :; do sleep 0.05; done')" \
        "[Service]
KillSignal=SIGKILL
StandardInput=tty
StandardOutput=tty
TTYPath=$tty"
systemctl daemon-reload
ok "StandardInput=tty: start" systemctl start ctr@sits
ok "StandardInput=tty: a terminal" eventually 10 seen "at a terminal"
ok "StandardInput=tty: it is the session's own" eventually 10 seen "by its name"
is "StandardInput=tty: the payload leads the session" "$(ps -o sid=,tty= -p "$(property sits MainPID)" | xargs)" \
        "$(property sits MainPID) ${tty#/dev/}"
echo "a word" >"$test_dir/typed"
ok "StandardInput=tty: what is typed is read" eventually 10 seen "heard a word"
printf '\003' >"$test_dir/typed"
ok "StandardInput=tty: Ctrl-C is for the payload" eventually 20 test_state sits failed
is "StandardInput=tty: with its status" "$(property sits Result) $(property sits ExecMainStatus)" "exit-code 3"
ok "StandardInput=tty: again at the same terminal" systemctl start ctr@sits
ok "StandardInput=tty: stop" systemctl stop ctr@sits
kill $terminal
printf '[Container]\nRootfs=/srv\nExec=/bin/x\nReloadSignal=HUP\n[Service]\nStandardInput=tty\n' >$etc/wrong.container
exits "StandardInput=tty with a command of reload is refused" 78 ctrctl check wrong
like "StandardInput=tty with a command of reload is refused: why" "$output" \
        'wrong.container:4:1: ReloadSignal: not possible with StandardInput=tty'
rm $etc/wrong.container
forget_all
ok "StandardInput=tty: nothing is left" nothing_left sits

# ---- the journal's own socket, fields ----

native='ctr-probe notify "MESSAGE=said natively\nPRIORITY=4\nTENANT=blue\n"'
syslog='NOTIFY_SOCKET=/dev/log ctr-probe notify "<11>shop: said by syslog"'
put native ".annotations[\"org.opencontainers.image.ref.name\"]=\"shop/web:1.2\"
        |.mounts+=[{destination:\"/run/systemd/journal/socket\",type:\"bind\",source:\"/run/systemd/journal/socket\",options:[\"bind\"]},
                   {destination:\"/dev/log\",type:\"bind\",source:\"/run/systemd/journal/dev-log\",options:[\"bind\"]}]
        |.process.env+=[\"NOTIFY_SOCKET=/run/systemd/journal/socket\"]
        |.process.args=$(sh_args "echo plain; until test -e /tmp/done; do $native; $syslog; sleep 0.1; done; exec ctr-probe sleep 1000")"
systemctl daemon-reload
like "IMAGE_NAME: the image is in the description" "$(systemctl show -P Description ctr@native)" '^Container native \(shop/web:1.2\)$'
ok "journal socket: start" systemctl start ctr@native
ok "journal socket: a native message is the unit's" eventually 20 test_line ctr@native "said natively"
ok "journal socket: syslog's too" eventually 20 test_line ctr@native "said by syslog"
touch "$test_dir/rootfs/tmp/done"
test_probe() { [ "$(tr '\0' ' ' <"/proc/$(property native MainPID)/cmdline")" = "ctr-probe sleep 1000 " ]; }
ok "journal socket: enough said" eventually 20 test_probe
is "journal socket: its fields and priority" \
        "$(journal -o json -u ctr@native TENANT=blue | jq -r '"\(.MESSAGE) \(.PRIORITY) \(._SYSTEMD_UNIT) \(._TRANSPORT)"' | sort -u)" \
        "said natively 4 ctr@native.service journal"
is "journal socket: the priority of syslog" "$(journal -o json -u ctr@native SYSLOG_IDENTIFIER=shop | jq -r .PRIORITY | sort -u)" 3
for field in CONTAINER_NAME=native CONTAINER_ID=native CONTAINER_ID_FULL=native IMAGE_NAME=shop/web:1.2 \
        "CONTAINER_BUNDLE=$test_dir/native"; do
        like "fields: journalctl ${field%%=*}=" "$(journal -o cat "$field" _TRANSPORT=stdout)" '^plain$'
done
verbose=$(journal -o verbose -u ctr@native _TRANSPORT=stdout)
like "journalctl -o verbose: unit" "$verbose" '_SYSTEMD_UNIT=ctr@native.service'
like "journalctl -o verbose: slice" "$verbose" '_SYSTEMD_SLICE=ctr.slice'
like "journalctl -o verbose: the payload's own pid" "$verbose" "_PID=$(property native MainPID)$"
like "journalctl -t" "$(journal -o cat -t native)" '^plain$'

# ---- the tools that show units ----

pid=$(property native MainPID)
like "systemctl status PID" "$(systemctl status --no-pager "$pid")" 'ctr@native.service - Container native'
like "systemd-cgls" "$(systemd-cgls --no-pager -u ctr.slice)" 'ctr@native.service'
like "systemd-cgls: its process" "$(systemd-cgls --no-pager -u ctr@native.service)" "$pid ctr-probe sleep 1000"
like "systemd-cgtop" "$(systemd-cgtop -b -n 1 --order=path)" '^ctr.slice/ctr@native.service +1 '
is "loginctl: no session of a container" "$(loginctl list-sessions --no-legend)" ""
is "ps: unit of a process" "$(ps -o unit= -p "$pid")" ctr@native.service
like "busctl: the unit by its pid" "$(busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager \
        GetUnitByPID u "$pid")" 'ctr_40native_2eservice'
like "systemd-run: into the containers' slice" "$(systemd-run -q --slice=ctr.slice --wait --pipe cat /proc/self/cgroup)" '0::/ctr.slice/run-'
exits "systemd-run: the name of a container is taken" 1 systemd-run --unit=ctr@native true
is "systemd-run: and it runs on" "$(property native MainPID)" "$pid"
is "is-enabled" "$(systemctl is-enabled ctr@native)" generated
ok "disable: has nothing to do" systemctl disable ctr@native
exits "preset: is not for generated units" 1 systemctl preset ctr@native
like "list-dependencies --reverse of the slice" "$(systemctl list-dependencies --reverse --plain ctr.slice)" 'ctr@native.service'
output=$(systemd-analyze --generators=true --man=no verify ctr@native.service 2>&1)
is "systemd-analyze verify by name, with generators" "$?/$(grep -c 'ctr@native' <<<"$output")" "0/0"
forget_all

# ---- sockets that outlive a run ----

put door '.process.args=["/bin/ctr-probe","serve","1000"]' $'[Service]\nRestart=on-failure\nRestartSec=10ms'
printf '[Socket]\nListenStream=127.0.0.1:18290\n' >$run/ctr@door.socket
printf '[Container]\nRootfs=/srv\nExec=/bin/x\n[Service]\nFileDescriptorStoreMax=3\n' >$etc/stored.container
exits "FileDescriptorStoreMax= is refused" 78 ctrctl check stored
like "FileDescriptorStoreMax= is refused: what to use" "$output" 'FileDescriptorStoreMax: .*ctr@NAME.socket'
rm $etc/stored.container
systemctl daemon-reload
systemctl start ctr@door.socket ctr@door
first=$(property door MainPID)
kill -STOP "$first"
timeout 100 bash -c 'exec 9<>/dev/tcp/127.0.0.1/18290 && echo >'"$test_dir"'/there && cat <&9' >"$test_dir/answer" &
client=$!
ok "a client in the queue of a payload that hangs" eventually 10 test -e "$test_dir/there"
kill -KILL "$first"
answered() { grep -qx 'served by pid 1, 1000 left' "$test_dir/answer"; }
ok "a client in the queue: the next run answers" eventually 20 answered
wait $client
is "a client in the queue: by another run" "$(property door NRestarts)" 1
systemctl stop ctr@door.socket
forget_all

# ---- who may: a rule of polkit for one container ----

for name in mine yours; do put $name "$sleeper"; done
systemctl daemon-reload
systemctl start ctr@mine ctr@yours
ok "polkit is there" systemctl start polkit
as_nobody() { setpriv --reuid nobody --regid nogroup --clear-groups -- systemctl --no-ask-password "$@"; }
exits "polkit: without a rule nobody may" 1 as_nobody restart ctr@mine
mkdir -p /etc/polkit-1/rules.d
cat >/etc/polkit-1/rules.d/10-unit-user.rules <<'E'
polkit.addRule(function(action, subject) {
        if (action.id == "org.freedesktop.systemd1.manage-units" && action.lookup("unit") == "ctr@mine.service" &&
            action.lookup("verb") == "restart" && subject.user == "nobody")
                return polkit.Result.YES;
});
E
systemctl restart polkit
old=$(property mine MainPID)
ok "polkit: with a rule for one container" eventually 20 as_nobody restart ctr@mine
ok "polkit: it was restarted" test "$(property mine MainPID)" != "$old"
exits "polkit: another verb is denied" 1 as_nobody stop ctr@mine
exits "polkit: another container is denied" 1 as_nobody restart ctr@yours
like "polkit: is denied: said" "$output" 'Interactive authentication required|Access denied'
rm /etc/polkit-1/rules.d/10-unit-user.rules
systemctl stop polkit
forget_all
is "no unit of ours is left" "$(systemctl list-units --all --plain --no-legend 'ctr@*')" ""
done_testing
