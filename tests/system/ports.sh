#!/bin/bash
# Published ports of configured containers: a socket unit in the host, a proxy in the container's network, nothing
# beside it while there is nothing to do.
. "$(dirname "$0")/lib.sh"

etc=/etc/ctrunit/containers
mkdir -p $etc
publish() { printf '.annotations["org.ctrunit.publish"]="%s"' "$1"; }
# The payload listens on its own loopback device.
serve='.process.args=["/bin/ctr-probe","listen","80"]'
configure() { # NAME JQ CONTAINER-FILE-TEXT
        ln -sfn "$(bundle "$1" "$2")" "$etc/$1"
        [ -z "${3:-}" ] || printf '%s\n' "$3" >"$etc/$1.container"
        systemctl daemon-reload
}
forget() { # NAME
        systemctl stop "ctr-fwd@$1-*.socket" "ctr-fwd@$1-*.service" "ctr@$1" 2>/dev/null
        rm -rf "${etc:?}/$1" "$etc/$1.container" /run/systemd/system/ctr-fwd@"$1"-*.d
        systemctl daemon-reload
        systemctl reset-failed 2>/dev/null
}
ask() { # PORT: the first line that comes back
        timeout 60 bash -c 'exec 9<>/dev/tcp/127.0.0.1/'"$1"' && head -n 1 <&9'
}
test_answers() { [ "$(ask "$1" 2>/dev/null)" = "$2" ]; }
proxies() { pgrep -fc '^/(usr/)?lib/systemd/systemd-socket-proxyd'; }
test_no_proxy() { [ "$(proxies)" = 0 ]; }
soon() { # NAME-PORT: its proxy ends after a second without connections
        mkdir -p "/run/systemd/system/ctr-fwd@$1.service.d"
        printf '[Service]\nExecStart=\nExecStart=/lib/systemd/systemd-socket-proxyd --exit-idle-time=1s 127.0.0.1:80\n' \
                >"/run/systemd/system/ctr-fwd@$1.service.d/soon.conf"
        systemctl daemon-reload
}

configure web "$(publish 18080:80)|$serve"
soon web-18080
ok "the socket alone" systemctl start ctr-fwd@web-18080.socket
is "nothing runs before the first connection" "$(property web ActiveState) $(proxies)" "inactive 0"
ok "a connection starts the container, and it answers" eventually 10 test_answers 18080 'hello from inside'
is "the container is up" "$(property web ActiveState)" active
is "nobody listens there in the host but systemd" "$(ss -Hltnp 'sport = :18080' 2>/dev/null | grep -c systemd || echo 1)" 1
ok "the proxy ends when there is nothing to do" eventually 6 test_no_proxy
is "the container goes on" "$(property web ActiveState)" active
ok "only its own processes are in the cgroup" none_runs ctr-exec
systemctl stop ctr@web
is "stopped" "$(property web ActiveState)" inactive
ok "the next connection starts it again" eventually 10 test_answers 18080 'hello from inside'
kill -KILL "$(property web MainPID)"
test_ended() { case $(property "$1" ActiveState) in inactive | failed) return 0 ;; esac; return 1; }
ok "killed" eventually 5 test_ended web
ok "a new one has a new network, and answers" eventually 10 test_answers 18080 'hello from inside'
is "NeedDaemonReload" "$(systemctl show -P NeedDaemonReload ctr-fwd@web-18080.socket)" no
ok "systemctl start of the container starts its socket" sh -c 'systemctl stop ctr-fwd@web-18080.socket ctr@web; systemctl start ctr@web && systemctl is-active ctr-fwd@web-18080.socket'

# ---- a port that is in use ----

configure second "$(publish 18080:80)|$serve"
exits "a second container on the port does not start" 1 systemctl start ctr@second
is "its socket failed" "$(systemctl show -P ActiveState ctr-fwd@second-18080.socket)" failed
like "the reason is in the journal" "$(journalctl --sync; journalctl -q --no-pager -o cat -b)" 'second-18080.socket: Failed to create listening socket.*Address already in use'
is "the first goes on" "$(property web ActiveState)" active
forget second
forget web
ok "nothing is left" nothing_left web
is "no unit is left" "$(systemctl list-units --all --plain --no-legend 'ctr-fwd@*')" ""
is "no pin is left" "$(grep -c " /run/ctrunit/" /proc/self/mountinfo)" 0

# ---- addresses, several ports, a unix socket, scale to zero ----

configure many+x "$(publish '127.0.0.1:18081:80 [::1]:18082:80/tcp /run/many.sock:80')|$serve" $'[Unit]\nStopWhenUnneeded=yes'
soon 'many\x2bx-18081'
ok "three sockets" systemctl start 'ctr-fwd@many\x2bx-18081.socket' 'ctr-fwd@many\x2bx-18082.socket' 'ctr-fwd@many\x2bx-unix-80.socket'
is "their addresses" "$(systemctl show -P Listen 'ctr-fwd@many\x2bx-18081.socket' 'ctr-fwd@many\x2bx-18082.socket' 'ctr-fwd@many\x2bx-unix-80.socket' | xargs)" \
        "127.0.0.1:18081 (Stream) [::1]:18082 (Stream) /run/many.sock (Stream)"
ok "the first port answers" eventually 10 test_answers 18081 'hello from inside'
test_unix() { [ "$(timeout 60 "$test_dir/rootfs/bin/ctr-probe" ask /run/many.sock)" = "hello from inside" ]; }
ok "the unix socket answers" eventually 10 test_unix
systemctl stop 'ctr-fwd@many\x2bx-unix-80.service' 2>/dev/null
test_zero() { [ "$(property many+x ActiveState)" = inactive ] && test_no_proxy; }
ok "StopWhenUnneeded=: scaled to zero without connections" eventually 15 test_zero
is "and up again by the next one, which is answered" "$(ask 18081)" "hello from inside"
# Frozen instead: the memory stays warm, and a connection thaws it.
mkdir -p '/run/systemd/system/ctr-fwd@ice-18083.service.d'
configure ice "$(publish 18083:80)|$serve"
cat >'/run/systemd/system/ctr-fwd@ice-18083.service.d/frozen.conf' <<'CONF'
[Service]
ExecStartPre=+systemctl thaw ctr@ice.service
ExecStart=
ExecStart=/lib/systemd/systemd-socket-proxyd --exit-idle-time=1s 127.0.0.1:80
ExecStopPost=+systemctl freeze ctr@ice.service
CONF
systemctl daemon-reload
systemctl start ctr-fwd@ice-18083.socket
is "scale to frozen: the first connection" "$(ask 18083)" "hello from inside"
test_frozen() { [ "$(property "$1" FreezerState)" = frozen ] && grep -qx 'frozen 1' "$(cgroup_of "$1")/cgroup.events"; }
ok "scale to frozen: frozen when idle" eventually 15 test_frozen ice
pid=$(property ice MainPID)
is "scale to frozen: the next connection is answered" "$(ask 18083)" "hello from inside"
is "scale to frozen: by the same process" "$(property ice MainPID)" "$pid"
ok "scale to frozen: and again" eventually 15 test_frozen ice
forget ice
ok "scale to frozen: nothing is left" nothing_left ice
man=$(command -v man >/dev/null && echo yes || echo no)
output=$(systemd-analyze verify --man="$man" /run/systemd/generator/ctr*@*.s* 2>&1)
is "systemd-analyze verify" "$?/$(grep -i 'ctr' <<<"$output")" "0/"
forget 'many\x2bx'
forget many+x

# ---- what cannot be published ----

for case in '80 expected' '0:80 .host.s.port' '70000:80 .host.s.port' 'a:80 .host.s.port' '18080:0 .container.s.port' '18080:80/sctp only.tcp' \
        '8000-8010:80 ranges.differ' 'example.org:18080:80 not.an.address' '[::1:18080:80 not.an.address' '18080:80__18080:81 named.twice' '/run/../x:80 not.the.path'; do
        configure wrong "$(publish "$(sed 's/ .*//; s/__/ /' <<<"$case")")"
        exits "refused: ${case%% *}" 1 systemctl start ctr@wrong
        like "and why" "$(systemctl status --no-pager ctr@wrong; journalctl -q --no-pager -o cat -u ctr@wrong | tail -3)" "org.ctrunit.publish.*${case#* }"
        forget wrong
done
configure wrong "$(publish 18080:80)|.linux.namespaces|=map(select(.type!=\"network\"))|.mounts|=map(select(.type!=\"sysfs\" and .type!=\"cgroup\"))|.linux.maskedPaths=[]"
exits "refused: the host's network" 1 systemctl start ctr@wrong
forget wrong
done_testing
