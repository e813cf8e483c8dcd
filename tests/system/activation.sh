#!/bin/bash
# Socket activation into the payload: a .socket unit that an administrator writes beside a configured container.
. "$(dirname "$0")/lib.sh"

configure() { # NAME JQ
        mkdir -p /etc/ctrunit/containers
        ln -sfn "$(bundle "$1" "$2")" "/etc/ctrunit/containers/$1"
        [ -z "${3:-}" ] || printf '%s\n' "$3" >"/etc/ctrunit/containers/$1.container"
}
socket_unit() { # NAME LINES
        printf '[Socket]\n%s\n' "$2" >"/run/systemd/system/ctr@$1.socket"
        systemctl daemon-reload
        systemctl start "ctr@$1.socket"
}
forget() { # NAME
        systemctl stop "ctr@$1.socket" "ctr@$1.service" 2>/dev/null
        rm -f "/etc/ctrunit/containers/$1" "/etc/ctrunit/containers/$1.container" "/run/systemd/system/ctr@$1.socket"
        systemctl daemon-reload
        systemctl reset-failed "ctr@$1.*" 2>/dev/null
}
ask() { # PORT: what it answers
        timeout 60 bash -c 'exec 9<>/dev/tcp/127.0.0.1/'"$1"' && cat <&9'
}

# ---- the first request starts the container and is answered by its payload ----

# The container has a network of its own: only the socket that it is given is the host's.
configure act '.process.args=["/bin/ctr-probe","serve","3"]|.process.env+=["LISTEN_FDS=99","LISTEN_FDNAMES=wrong"]'
ok "a socket unit of the container's name" socket_unit act $'ListenStream=127.0.0.1:18080\nFileDescriptorName=web'
is "nothing runs before" "$(property act ActiveState)" inactive
is "the first request is answered by the payload" "$(ask 18080)" "served by pid 1, 3 left"
test_active() { [ "$(property "$1" ActiveState)" = active ]; }
ok "the service is up" eventually 5 test_active act
payload=$(property act MainPID)
environment=$(tr '\0' '\n' <"/proc/$payload/environ")
like "LISTEN_FDS" "$environment" '^LISTEN_FDS=1$'
like "LISTEN_PID is the pid that the payload sees" "$environment" '^LISTEN_PID=1$'
like "LISTEN_FDNAMES are kept" "$environment" '^LISTEN_FDNAMES=web$'
is "each once" "$(grep -c '^LISTEN_' <<<"$environment")" 3
is "descriptor 3 is the socket, and there is no other" "$(cd "/proc/$payload/fd" && for f in *; do [ "$f" -lt 3 ] || echo "$f $(readlink "$f" | cut -d: -f1)"; done)" "3 socket"
ok "only the payload is in the cgroup" alone act
is "the second request" "$(ask 18080)" "served by pid 1, 3 left"
ask 18080 >/dev/null
ok "the payload ends" eventually 5 test_inactive act
is "and is started again by the next one" "$(ask 18080)" "served by pid 1, 3 left"
systemctl stop ctr@act.socket ctr@act
forget act

# ---- several sockets, names, datagrams; nothing else passes ----

configure many '.process.args=["/bin/ctr-probe","facts","sleep","1000"]'
ok "three sockets" socket_unit many $'ListenStream=127.0.0.1:18081\nListenDatagram=/run/many.dgram\nListenSequentialPacket=/run/many.seq\nFileDescriptorName=x'
ok "started by hand, it gets them too" systemctl start ctr@many
payload=$(property many MainPID)
environment=$(tr '\0' '\n' <"/proc/$payload/environ")
like "LISTEN_FDS=3" "$environment" '^LISTEN_FDS=3$'
like "names of all" "$environment" '^LISTEN_FDNAMES=x:x:x$'
journalctl --sync
is "3, 4 and 5, nothing else is open" \
        "$(journalctl -q --no-pager -o cat -u ctr@many | sed -n 's/^LEAKED_FD=\([0-9]*\) socket.*/\1/p' | xargs)/$(journalctl -q --no-pager -o cat -u ctr@many | grep -c ^LEAKED_FD)" "3 4 5/3"
systemctl stop ctr@many.socket ctr@many
forget many

# ---- exec gets none, a shared pid namespace shows the real pid, Restart= keeps the socket ----

configure shared '.process.args=["/bin/ctr-probe","serve","100"]|.linux.namespaces|=map(select(.type!="pid"))|.mounts|=map(if .type=="proc" then {destination:"/proc",type:"bind",source:"/proc",options:["rbind","ro"]} else . end)|.linux.maskedPaths=[]|.linux.readonlyPaths=[]' \
        $'[Service]\nRestart=on-failure\nRestartSec=50ms'
socket_unit shared 'ListenStream=127.0.0.1:18082'
like "shared pid namespace: answered" "$(ask 18082)" '^served by pid [0-9]+, 100 left$'
payload=$(property shared MainPID)
is "shared pid namespace: LISTEN_PID is the real pid" \
        "$(tr '\0' '\n' <"/proc/$payload/environ" | grep LISTEN_PID)" "LISTEN_PID=$payload"
is "exec gets no sockets" "$(ctrctl exec shared /bin/sh -c 'echo "<$LISTEN_FDS>"; ls /proc/self/fd | wc -l' | xargs)" "<> 4"
kill -KILL "$payload"
test_restarted() { [ "$(property "$1" MainPID)" != "$2" ] && [ "$(property "$1" ActiveState)" = active ]; }
ok "restarted" eventually 10 test_restarted shared "$payload"
like "answered after a restart" "$(ask 18082)" "^served by pid $(property shared MainPID), 100 left\$"
forget shared
ok "nothing is left" nothing_left shared

# ---- a socket unit without its container ----

printf '[Socket]\nListenStream=127.0.0.1:18083\n' >/run/systemd/system/ctr@missing.socket
systemctl daemon-reload
exits "a socket without its container does not start" 1 systemctl start ctr@missing.socket
rm /run/systemd/system/ctr@missing.socket
systemctl daemon-reload
systemctl reset-failed 2>/dev/null
done_testing
