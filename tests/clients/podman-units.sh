#!/bin/bash
# podman's containers as services: generate systemd, sdnotify modes, restarts. See run.sh and lib.sh.
# (podman 4.3 has no quadlet yet: its first release with one is 4.4.)
# shellcheck disable=SC2016,SC2317,SC1091  # $ is for shells in containers; functions are called by name
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/podman-lib.sh"
podman_begin systemd
units=/run/systemd/system

main_pid() { systemctl show -P MainPID "$1"; }
is_active() { [ "$(systemctl is-active "$1")" = "$2" ]; }

# ---- generate systemd ----

p create --name web "${none[@]}" box sh -c 'echo started; trap "exit 0" TERM; while :; do sleep 0.05; done' >/dev/null
ok "generate systemd --new" sh -c "podman generate systemd --new --name --stop-timeout 5 --restart-policy on-failure web >$units/container-web.service"
p rm web >/dev/null
like "the unit is one of a podman that notifies" "$(cat $units/container-web.service)" '^Type=notify'
systemctl daemon-reload
ok "systemctl start" systemctl start container-web
is "it is active" "$(systemctl is-active container-web)" active
is "the main process is conmon" "$(ps -o comm= -p "$(main_pid container-web)")" conmon
is "podman's container runs" "$(state_of web)" running
is "its runtime" "$(p inspect web --format '{{.OCIRuntime}}')" "$runtime"
# --cgroups=no-conmon and the unit's own group: --new asks for --cgroups=no-conmon.
ok "systemctl restart" systemctl restart container-web
is "it runs again" "$(state_of web)" running
p kill -s KILL web >/dev/null
restarted() { is_active container-web active && is_state web running && [ "$(systemctl show -P NRestarts container-web)" = 1 ]; }
ok "Restart=on-failure after a kill" eventually 15 restarted
ok "systemctl stop" within 10000 systemctl stop container-web
is "stopped, not failed" "$(systemctl is-active container-web)" inactive
gone() { ! podman container exists web; }
ok "the container is gone" eventually 5 gone
systemctl reset-failed container-web 2>/dev/null

p create --name kept "${none[@]}" box sleep 1000 >/dev/null
ok "generate systemd of a container" sh -c "podman generate systemd --name --stop-timeout 1 kept >$units/container-kept.service"
systemctl daemon-reload
ok "start of it" systemctl start container-kept
is "status" "$(systemctl is-active container-kept) $(state_of kept)" "active running"
ok "stop of it" systemctl stop container-kept
is "status after it" "$(state_of kept)" exited
systemctl reset-failed container-kept 2>/dev/null
p rm -f -t 0 kept >/dev/null

# ---- a pod as units ----

p pod create --name group --network none >/dev/null
p create --pod group --name member box sleep 1000 >/dev/null
ok "generate systemd of a pod" sh -c "cd $units && podman generate systemd --name --files --stop-timeout 1 group"
systemctl daemon-reload
ok "start of a pod" systemctl start pod-group
is "its member" "$(eventually 5 is_active container-member active; state_of member)" running
ok "stop of a pod" systemctl stop pod-group
is "its member ended" "$(state_of member)" exited
systemctl reset-failed pod-group container-member 2>/dev/null
p pod rm -f -t 0 group >/dev/null

# ---- a unit as quadlet writes it (podman 4.4 and later; what it calls, 4.3 has) ----

cat >"$units/quadlet.service" <<U
[Service]
Environment=PODMAN_SYSTEMD_UNIT=%n
KillMode=mixed
ExecStartPre=-rm -f %t/%N.cid
ExecStop=/usr/bin/podman rm -f -i -t 1 --cidfile=%t/%N.cid
ExecStopPost=-/usr/bin/podman rm -f -i -t 1 --cidfile=%t/%N.cid
Delegate=yes
Type=notify
NotifyAccess=all
SyslogIdentifier=%N
ExecStart=/usr/bin/podman run --name=systemd-%N --cidfile=%t/%N.cid --replace --rm --log-driver=passthrough \\
        --runtime=$runtime --cgroups=split --sdnotify=conmon -d --network none box sh -c 'echo from-inside; sleep 1000'
Restart=on-failure
U
systemctl daemon-reload
ok "quadlet: start" systemctl start quadlet
is "quadlet: the main process" "$(ps -o comm= -p "$(main_pid quadlet)")" conmon
is "quadlet: it runs" "$(state_of systemd-quadlet)" running
like "quadlet: payload and conmon are groups of the unit" "$(sed -n 's/^0:://p' "/proc/$(pid_of systemd-quadlet)/cgroup")" \
        '^/system.slice/quadlet.service/libpod-payload-[0-9a-f]+(/container)?$'
ok "quadlet: output is the unit's" eventually 5 sh -c 'journalctl -u quadlet -t quadlet -o cat | grep -qx from-inside'
ok "quadlet: exec" p exec systemd-quadlet true
p kill -s KILL systemd-quadlet >/dev/null
quadlet_restarted() { is_active quadlet active && [ "$(systemctl show -P NRestarts quadlet)" = 1 ] && is_state systemd-quadlet running; }
ok "quadlet: Restart=on-failure" eventually 15 quadlet_restarted
ok "quadlet: stop" systemctl stop quadlet
ok "quadlet: the container is gone" eventually 5 sh -c '! podman container exists systemd-quadlet'
systemctl reset-failed quadlet 2>/dev/null
rm -f $units/quadlet.service /run/quadlet.cid

# ---- sdnotify ----

notify_unit() { # NAME MODE COMMAND...
        local name=$1 mode=$2
        shift 2
        cat >"$units/$name.service" <<U
[Service]
Type=notify
NotifyAccess=all
TimeoutStartSec=$((20 * patience))
ExecStart=/usr/bin/podman --runtime $runtime run --rm --name $name --replace -d --network none --cgroups=no-conmon --sdnotify=$mode box $*
ExecStop=/usr/bin/podman stop -t 1 $name
ExecStopPost=/usr/bin/podman rm -f -t 0 --ignore $name
U
        systemctl daemon-reload
}
notify_unit n-conmon conmon sleep 1000
ok "--sdnotify=conmon" systemctl start n-conmon
is "--sdnotify=conmon: the main process" "$(ps -o comm= -p "$(main_pid n-conmon)")" conmon
systemctl stop n-conmon
notify_unit n-container container "sh -c 'sleep 1; ctr-probe notify READY=1 STATUS=from-inside; sleep 1000'"
start=$(date +%s%3N)
ok "--sdnotify=container" systemctl start n-container
ok "--sdnotify=container: ready when the payload says so" test $(($(date +%s%3N) - start)) -ge 1000
is "--sdnotify=container: the main process" "$(ps -o comm= -p "$(main_pid n-container)")" conmon
ok "--sdnotify=container: it runs" is_state n-container running
systemctl stop n-container
is "--sdnotify=ignore: no socket inside" "$(NOTIFY_SOCKET=/run/systemd/notify run --sdnotify=ignore box sh -c 'echo "[$NOTIFY_SOCKET]"')" "[]"
is "--sdnotify=conmon: no socket inside" "$(NOTIFY_SOCKET=/run/systemd/notify run --sdnotify=conmon box sh -c 'echo "[$NOTIFY_SOCKET]"')" "[]"
systemctl reset-failed n-conmon n-container 2>/dev/null

# ---- --systemd, socket activation ----

is "--systemd=always: a writable cgroup and its tmpfs" \
        "$(run --systemd=always box sh -c 'mkdir /sys/fs/cgroup/sub && rmdir /sys/fs/cgroup/sub && echo cgroup; grep -c " /run tmpfs" /proc/mounts' | xargs)" "cgroup 1"
is "--systemd=always: container=" "$(run --systemd=always box sh -c 'echo $container')" podman
is "LISTEN_FDS" "$(systemd-socket-activate -l "$test_dir/listen" podman --runtime "$runtime" run --rm --network none box \
        sh -c 'echo $LISTEN_FDS $LISTEN_PID; test -S /proc/self/fd/3 && echo socket' 2>/dev/null & client=$!
        eventually 5 test -S "$test_dir/listen"; bash -c "exec 3<>/dev/null; socat -u OPEN:/dev/null UNIX-CONNECT:$test_dir/listen"; wait $client)" $'1 1\nsocket'
rm -f $units/container-*.service $units/pod-group.service $units/n-*.service
systemctl daemon-reload

podman_end
