#!/bin/bash
# The payload itself says when it is ready, and that it is well: through the relay where it is root of the host, else
# directly to PID 1.
. "$(dirname "$0")/lib.sh"

notify='.annotations["org.ctrunit.notify"]="true"'
# Its root has no rights in a root file system that belongs to the host's.
userns='.mounts+=[{"destination":"/run","type":"tmpfs","source":"tmpfs"}]|.linux.namespaces+=[{"type":"user"}]|.linux.uidMappings=[{"containerID":0,"hostID":100000,"size":65536}]|.linux.gidMappings=.linux.uidMappings'
configure() { # NAME JQ CONTAINER-FILE-TEXT
        mkdir -p /etc/ctrunit/containers
        ln -sfn "$(bundle "$1" "$2")" "/etc/ctrunit/containers/$1"
        [ -z "${3:-}" ] || printf '%s\n' "$3" >"/etc/ctrunit/containers/$1.container"
        systemctl daemon-reload
}
forget() { # NAME
        systemctl stop "ctr@$1" 2>/dev/null
        rm -rf "/etc/ctrunit/containers/$1" "/etc/ctrunit/containers/$1.container"
        systemctl daemon-reload
        systemctl reset-failed "$(unit_of "$1")" 2>/dev/null
}
sh_args() { # SCRIPT: JSON
        jq -cn --arg s "$1" '["/bin/sh","-c",$s]'
}
# A payload that waits here is ready when the test says so, and whoever starts it must not go on before.
go=$test_dir/rootfs/tmp/go
wait_for_go='while [ ! -e /tmp/go ]; do sleep 0.05; done'
starts_when_ready() { # NAME ID COMMAND...
        local name=$1 id=$2 job
        shift 2
        rm -f "$go"
        "$@" &
        job=$!
        ok "$name: the payload runs" eventually 5 test_payload "$id"
        sleep 0.3
        ok "$name: it is waited for" kill -0 $job
        touch "$go"
        wait $job
        is "$name: done when it is ready" $? 0
}
test_payload() { grep -qs '^/bin/sh' "/proc/$(ctr-runtime state "$1" 2>/dev/null | jq .pid)/cmdline"; }
relays() { # processes of relays
        systemctl list-units --plain --no-legend --state=active,activating 'ctr-notify@*.service' | grep -c .
}
test_no_relay() { [ "$(relays)" = 0 ]; }
test_status() { [ "$(property "$1" StatusText)" = "$2" ]; }

# systemd's own client with what it needs, in the root file system.
with_systemd_notify() {
        local root=$test_dir/rootfs file
        [ -d "$root" ] || make_rootfs "$root"
        for file in /usr/bin/systemd-notify $(ldd /usr/bin/systemd-notify | grep -o '/[^ ]*'); do
                mkdir -p "$root$(dirname "$file")"
                cp -L "$file" "$root$file"
        done
}
with_systemd_notify

# ---- ready when the payload says so ----

# PID 1 itself looks for the sender when it reads a message, and one that has ended is nobody: with a direct socket
# the senders here live on, as services that notify for themselves do.

for kind in relay direct; do
        [ $kind = relay ] && edit=. || edit=$userns
        configure "$kind" "$notify|$edit|.process.args=$(sh_args "$wait_for_go; "'exec ctr-probe notify "READY=1\nSTATUS=serving" sleep 1000')"
        starts_when_ready "$kind: systemctl start" $kind systemctl start "ctr@$kind"
        is "$kind: active" "$(property $kind ActiveState)" active
        ok "$kind: STATUS" eventually 3 test_status $kind serving
        pid=$(property $kind MainPID)
        is "$kind: MainPID is the payload" "$(awk '/^NSpid/ { print $NF }' "/proc/$pid/status")" 1
        like "$kind: the socket's name inside" "$(tr '\0' '\n' <"/proc/$pid/environ")" '^NOTIFY_SOCKET=/run/host/notify$'
        is "$kind: no WATCHDOG_USEC without WatchdogSec=" "$(tr '\0' '\n' <"/proc/$pid/environ" | grep -c WATCHDOG)" 0
        if [ $kind = relay ]; then
                is "$kind: needs its socket" "$(systemctl is-active ctr-notify@relay.socket)" active
                ok "$kind: the relay ends by itself" eventually 4 test_no_relay
        else
                is "$kind: no relay" "$(systemctl show -P ActiveState ctr-notify@direct.socket)" inactive
        fi
        ok "$kind: only the payload is in the cgroup, no process of ours runs" alone $kind
        is "$kind: the journal has no complaint" "$(journalctl -q --no-pager -b -u "ctr@$kind" -o cat | grep -ciE 'got notification|notify message|new main pid')" 0
        ok "$kind: a later status" ctrctl exec $kind /bin/sh -c 'NOTIFY_SOCKET=/run/host/notify exec ctr-probe notify "STATUS=later" sleep 1'
        ok "$kind: is seen" eventually 3 test_status $kind later
        systemctl stop ctr@$kind
        is "$kind: stop" "$(property $kind Result)" success
        test_socket_gone() { [ "$(systemctl is-active ctr-notify@relay.socket)" = inactive ] && [ ! -e /run/ctrunit/notify/relay ]; }
        ok "$kind: its socket goes with it" eventually 3 test_socket_gone
        forget $kind
        ok "$kind: nothing is left" nothing_left $kind
done

configure client "$notify|.process.args=$(sh_args 'systemd-notify --ready --status="by systemd-notify"; echo "rc=$?"; exec ctr-probe sleep 1000')"
ok "systemd-notify, which waits for a barrier" systemctl start ctr@client
ok "its status" eventually 3 test_status client "by systemd-notify"
journalctl --sync
like "it ends well" "$(journalctl -q --no-pager -o cat -u ctr@client)" '^rc=0$'
forget client
configure name+with.all-of_it "$notify|.process.args=$(sh_args 'ctr-probe notify READY=1; exec ctr-probe sleep 1000')|.process.user.uid=1000|.process.env+=[\"NOTIFY_SOCKET=/nowhere\"]"
ok "a name with + . - _, and a user without rights" systemctl start ctr@name+with.all-of_it
is "active" "$(property name+with.all-of_it ActiveState)" active
forget name+with.all-of_it

# ---- it ends first, or never says anything ----

configure ends "$notify|.process.args=[\"/bin/ctr-probe\",\"exit\",\"0\"]"
exits "a payload that ends before it is ready: the start fails" 1 systemctl start ctr@ends
is "Result=protocol" "$(property ends Result)" protocol
forget ends
configure silent "$notify" $'[Service]\nTimeoutStartSec=1s'
exits "one that never is ready: the start fails" 1 systemctl start ctr@silent
is "Result=timeout" "$(property silent Result)" timeout
forget silent
configure missing "$notify|.process.args=[\"/nope\"]"
exits "a program that does not exist" 1 systemctl start ctr@missing
is "fails at once, with EXEC" "$(property missing ExecMainStatus)" 203
forget missing

# ---- what a payload may not say ----

cp "$test_build/tests/attack/notify-attack" "$test_dir/rootfs/bin/"
systemd-run -q --unit victim -p Type=exec sleep 1000
victim=$(systemctl show -P MainPID victim)
test_victim() { [ "$(systemctl show -P MainPID victim)" = "$victim" ] && kill -0 "$victim"; }
journalctl --sync
for kind in relay direct; do
        [ $kind = relay ] && edit=. || edit=$userns
        configure attack "$notify|$edit|.process.args=[\"/bin/notify-attack\",\"$victim\",\"100\"]"
        ok "$kind: a payload that sends MAINPID= with READY=1" systemctl start ctr@attack
        pid=$(property attack MainPID)
        sleep 0.3
        is "$kind: no descriptor is kept" "$(property attack NFileDescriptorStore)" 0
        # Without the relay it may set a watchdog of its own, and die of it.
        if [ $kind = relay ]; then
                is "$kind: its main process is as it was" "$(awk '/^NSpid/ { print $NF }' "/proc/$pid/status")" 1
                is "$kind: no watchdog" "$(property attack WatchdogUSec)" 0
        else
                ok "$kind: the victim is not its main process" test "$(property attack MainPID)" != "$victim"
        fi
        ok "$kind: stop" systemctl stop ctr@attack
        ok "$kind: the victim is as it was" test_victim
        forget attack
done
systemctl stop victim

flood='i=0; ctr-probe notify READY=1; while [ $i -lt 2000 ]; do ctr-probe notify "STATUS=$i"; i=$((i+1)); done; ctr-probe notify STATUS=over; exec ctr-probe sleep 1000'
configure flood "$notify|.process.args=$(sh_args "$flood")"
ok "a payload that talks without end" systemctl start ctr@flood
ok "PID 1 answers meanwhile" within 500 systemctl show -P Version
ctrctl kill flood KILL
forget flood

# ---- watchdog ----

test_said_more() { [ "$(property dog WatchdogTimestampMonotonic)" -gt "$1" ]; }

for kind in relay direct; do
        [ $kind = relay ] && edit=. || edit=$userns
        configure dog "$notify|$edit|.process.args=$(sh_args 'exec ctr-probe notify READY=1 watchdog 3 sleep 1000')" \
                $'[Service]\nWatchdogSec=3s\nRestart=on-watchdog\nRestartSec=100ms'
        ok "$kind: start with WatchdogSec=" systemctl start ctr@dog
        pid=$(property dog MainPID)
        like "$kind: WATCHDOG_USEC" "$(tr '\0' '\n' <"/proc/$pid/environ")" '^WATCHDOG_USEC=3000000$'
        like "$kind: WATCHDOG_PID is the pid that the payload sees" "$(tr '\0' '\n' <"/proc/$pid/environ")" '^WATCHDOG_PID=1$'
        # The third message comes after one and a half times what PID 1 waits for one.
        said=$(property dog WatchdogTimestampMonotonic)
        for n in 1 2 3; do
                ok "$kind: message $n" eventually 5 test_said_more "$said"
                said=$(property dog WatchdogTimestampMonotonic)
        done
        is "$kind: alive while it says so" "$(property dog MainPID)" "$pid"
        test_restarted() { [ "$(property dog NRestarts)" -ge 1 ] && [ "$(property dog ActiveState)" = active ]; }
        ok "$kind: hung, it is restarted by Restart=on-watchdog" eventually 10 test_restarted
        journalctl --sync
        like "$kind: Result=watchdog" "$(journalctl -q --no-pager -o cat -u ctr@dog)" "Failed with result 'watchdog'"
        forget dog
        systemctl reset-failed 2>/dev/null
done

# ---- transient containers ----

dir=$(bundle transient "$notify|.process.args=$(sh_args 'ctr-probe notify "READY=1\nSTATUS=up"; exec ctr-probe sleep 1000')")
ok "run -d" ctrctl run -d --bundle "$dir" transient
ok "its status" eventually 3 test_status transient up
is "active" "$(property transient ActiveState)" active
ok "delete -f" ctrctl delete -f transient
ok "nothing is left" nothing_left transient
ok "create" ctrctl create --bundle "$dir" gated
is "created is active" "$(property gated ActiveState) $(property gated StatusText)" "active created"
ok "start" ctrctl start gated
ok "and its payload is heard" eventually 3 test_status gated up
ok "delete -f" ctrctl delete -f gated
exits "attached: exit status" 7 ctrctl run --bundle "$(bundle attached "$notify|.process.args=$(sh_args 'ctr-probe notify READY=1; exit 7')")" attached
ok "nothing is left" nothing_left attached

# ---- engines: the socket that ctr-runtime was given ----

cat >"$test_dir/monitor" <<'E'
#!/bin/sh
# COMMAND...: as a monitor does, whose unit is to be ready when the container is.
"$@" || exit
exec sleep 1000
E
chmod +x "$test_dir/monitor"
engine_unit() { # UNIT COMMAND...
        local unit=$1
        shift
        systemd-run -q --unit "$unit" -p Type=notify -p NotifyAccess=all "$test_dir/monitor" "$@"
}
dir=$(bundle engine ".process.args=$(sh_args "$wait_for_go; "'ctr-probe notify "READY=1\nSTATUS=up\nFDSTORE=1"; echo "$NOTIFY_SOCKET"; exec ctr-probe sleep 1000')|.linux.cgroupsPath=\"system.slice:engine:ready\"")
starts_when_ready "engine: run --detach" ready engine_unit engine-run ctr-runtime --systemd-cgroup run --detach --bundle "$dir" ready
is "engine: status" "$(systemctl show -P StatusText engine-run)" up
is "engine: the main process is the container's" "$(systemctl show -P MainPID engine-run)" "$(ctr-runtime state ready | jq .pid)"
is "engine: only one" "$(journalctl -q --no-pager -o cat -u engine-run | grep -c FDSTORE)" 0
ctr-runtime delete -f ready
systemctl stop engine-run
cat >"$test_dir/two-steps" <<E
#!/bin/sh
ctr-runtime --systemd-cgroup create --bundle $dir two </dev/null && ctr-runtime start two && exec sleep 1000
E
chmod +x "$test_dir/two-steps"
starts_when_ready "engine: start" two systemd-run -q --unit engine-two -p Type=notify -p NotifyAccess=all "$test_dir/two-steps"
is "engine: create and start: status" "$(systemctl show -P StatusText engine-two)" up
like "engine: the socket inside" "$(tr '\0' '\n' <"/proc/$(ctr-runtime state two | jq .pid)/environ")" '^NOTIFY_SOCKET=/run/notify/notify.sock$'
ctr-runtime delete -f two
systemctl stop engine-two
dir=$(bundle engine-stay ".process.args=$(sh_args 'ctr-probe notify "READY=1\nSTATUS=up"; ctr-probe notify "STATUS=later"; exec ctr-probe sleep 1000')|.linux.cgroupsPath=\"system.slice:engine:stay\"")
ok "engine: an attached run: its unit is ready when the payload is" systemd-run -q --unit engine-stay -p Type=notify -p NotifyAccess=all \
        ctr-runtime --systemd-cgroup run --bundle "$dir" stay
status_is() { [ "$(systemctl show -P StatusText "$1")" = "$2" ]; }
ok "engine: an attached run: goes on passing" eventually 10 status_is engine-stay later
is "engine: an attached run: is the main process" "$(tr '\0' ' ' <"/proc/$(systemctl show -P MainPID engine-stay)/cmdline" | cut -d ' ' -f 1-3)" "/usr/bin/ctr-runtime --systemd-cgroup run"
systemctl stop engine-stay
ok "engine: an attached run: ends with its unit" eventually 10 test ! -e $state_root/stay
dir=$(bundle engine-end ".process.args=$(sh_args 'exit 3')|.linux.cgroupsPath=\"system.slice:engine:end\"")
exits "engine: a payload that ends before it is ready" 0 env NOTIFY_SOCKET=/run/systemd/notify timeout 120 ctr-runtime --systemd-cgroup run --detach --bundle "$dir" end </dev/null
ctr-runtime delete -f end
# Its output is the engine's: not a pipe that this test reads to its end.
rm -f "$go"
exits "engine: without NOTIFY_SOCKET nothing waits" 0 timeout 120 sh -c "exec ctr-runtime --systemd-cgroup run --detach --bundle $test_dir/engine ready >/dev/null 2>&1"
is "engine: and nothing is there" "$(tr '\0' '\n' <"/proc/$(ctr-runtime state ready | jq .pid)/environ" | grep -c NOTIFY)" 0
ctr-runtime delete -f ready
is "engine: nothing is left" "$(ls $state_root)" ""

exits "another value is refused" 1 ctrctl run --bundle "$(bundle wrong '.annotations["org.ctrunit.notify"]="yes"')" wrong
like "it says what is expected" "$output" 'annotations\["org.ctrunit.notify"\].*"yes" is not valid'
long=$(printf 'x%.0s' $(seq 120))
exits "an id that is too long for a socket" 1 ctrctl run --bundle "$(bundle long "$notify")" "$long"
like "is told" "$output" 'too long'
ok "no relay is left" eventually 4 test_no_relay
is "no socket is left" "$(ls /run/ctrunit/notify 2>/dev/null)" ""
done_testing
