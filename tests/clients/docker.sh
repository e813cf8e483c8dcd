#!/bin/bash
# docker drives the runtime as the daemon's default one. The daemon is Debian's unit, with a configuration and a store
# of our own.
# needs: packages docker.io docker-compose iptables
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/images.sh"
driver=${driver:-systemd}
parts=${parts:-run process files networks life exec policies compose daemon limits remap}
export COMPOSE_INTERACTIVE_NO_CLI=1

d() { limited 60 docker "$@"; }

# What the example says, for the runtime in question, with a store on a real file system.
configure() { # JQ
        mkdir -p /etc/docker
        jq --arg runtime "$runtime" --arg driver "$driver" --arg root "$test_dir/docker" '
                .runtimes.ctrunit.path=$runtime | .["default-runtime"]="ctrunit" | .["data-root"]=$root
                | .runtimes.arguments={ path: $runtime, runtimeArgs: [ "--debug" ] }
                | .["exec-opts"]=[ "native.cgroupdriver=" + $driver ] | '"${1:-.}" \
                "${CTRUNIT_EXAMPLES:-/src/examples}/daemon.json" >/etc/docker/daemon.json
}
daemon_start() {
        systemctl reset-failed docker.service docker.socket 2>/dev/null
        limited 60 systemctl start docker.service
}
daemon_stop() {
        systemctl stop docker.socket docker.service containerd.service
}

set_up() {
        configure
        daemon_start || return 1
        d load -qi "$(box_archive box:1)" || return 1
        [ "$parts" = limits ] || d load -qi "$(service_archive service:1)" || return 1
        [ "$parts" = limits ] || [ ! -d "$debian_root" ] || tar -C "$debian_root" --one-file-system -c . | d import - debian:1
}

# ---- run, and how it ends ----

check_run() {
        local code
        exits "run" 0 d run --rm --network none box:1 echo hello
        is "run: its output" "$output" hello
        is "run --runtime" "$(d run --rm --runtime ctrunit --network none box:1 echo named)" named
        is "run by a runtime with arguments" "$(d run --rm --runtime arguments --network none box:1 echo "a  b")" "a  b"
        like "the runtime's version in docker info" "$(d info --format '{{json .}}')" '"DefaultRuntime":"ctrunit"'
        for code in 0 7 125 126 127 137 255; do
                exits "exit status $code" $code d run --rm --network none box:1 sh -c "exit $code"
        done
        exits "a program that is not there is 127" 127 d run --rm --network none box:1 /nope
        like "a program that is not there: docker says so" "$output" 'no such file or directory'
        exits "a program that is not in PATH is 127" 127 d run --rm --network none box:1 nope
        like "a program that is not in PATH: docker says so" "$output" 'executable file not found|no such file or directory'
        exits "a program that cannot be executed is 126" 126 d run --rm --network none box:1 /etc/passwd
        like "a program that cannot be executed: docker says so" "$output" 'permission denied'
        exits "a directory as program is 126" 126 d run --rm --network none box:1 /etc
        exits "an empty name as program is 127" 127 d run --rm --network none box:1 ""
        exits "docker's own error is 125" 125 d run --rm --no-such-option box:1 true
        exits "a working directory that is a file is docker's error" 125 d run --rm --network none -w /etc/passwd box:1 true
        is "standard input" "$(echo typed | d run --rm -i --network none box:1 cat)" typed
        is "standard error" "$(d run --rm --network none box:1 sh -c 'echo err >&2; echo out' 2>&1 >/dev/null)" err
        is "much output" "$(d run --rm --network none box:1 sh -c 'seq 1 100000' | md5sum)" "$(seq 1 100000 | md5sum)"
        is "ten at the same time" "$(for i in $(seq 10); do d run --rm --network none box:1 echo x & done | wc -l; wait)" 10
        exits "run -t" 4 in_terminal 30 "docker run --rm -it --network none box:1 sh -c 'tty; until stty size | grep \"31 81\"; do sleep 0.05; done; exit 4'"
        like "run -t: terminal" "$output" '/dev/pts/0'
        like "run -t: its size" "$output" '31 81'
        is "a shell of Debian" "$([ ! -d "$debian_root" ] || d run --rm --network none debian:1 bash -c '. /etc/os-release; echo ${BASH##*/} $ID')" \
                "$([ ! -d "$debian_root" ] || echo bash debian)"
}

# ---- what a container is ----

run_box() { d run --rm --network none "$@"; }

check_process() {
        is "environment, user, directory, host name" \
                "$(run_box -e X=y -u 1000:1001 -w /tmp --hostname h box:1 sh -c 'echo $X $(id -u):$(id -g) $PWD $(hostname)')" \
                "y 1000:1001 /tmp h"
        is "--user by name" "$(run_box -u root box:1 id -un)" root
        is "--group-add" "$(run_box -u 1000 --group-add 77 box:1 id -G)" "0 77"
        is "--cap-drop, --cap-add" "$(run_box --cap-drop all --cap-add kill box:1 sed -n 's/^CapEff:\t//p' /proc/self/status)" \
                0000000000000020
        is "default capabilities" "$(run_box box:1 sed -n 's/^CapBnd:\t//p' /proc/self/status)" 00000000a80425fb
        is "seccomp and no-new-privileges" \
                "$(run_box --security-opt no-new-privileges box:1 sed -n 's/^Seccomp:.//p;s/^NoNewPrivs:.//p' /proc/self/status | xargs)" "1 2"
        is "seccomp=unconfined" "$(run_box --security-opt seccomp=unconfined box:1 sed -n 's/^Seccomp:.//p' /proc/self/status)" 0
        echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":13}]}' \
                >"$test_dir/seccomp.json"
        like "seccomp=FILE" "$(run_box --security-opt "seccomp=$test_dir/seccomp.json" box:1 mkdir /x 2>&1)" 'Permission denied'
        is "--privileged" "$(run_box --privileged box:1 sed -n 's/^Seccomp:\t//p' /proc/self/status)" 0
        is "--privileged: its cgroup can be written" \
                "$(run_box --privileged box:1 sh -c 'mkdir /sys/fs/cgroup/sub && rmdir /sys/fs/cgroup/sub && echo yes')" yes
        is "a cgroup cannot be written" "$(run_box box:1 sh -c 'mkdir /sys/fs/cgroup/sub 2>/dev/null || echo no')" no
        is "--ulimit" "$(run_box --ulimit nofile=123:456 box:1 sh -c 'ulimit -n; ulimit -Hn' | xargs)" "123 456"
        is "--sysctl" "$(run_box --sysctl net.ipv4.ip_default_ttl=77 box:1 cat /proc/sys/net/ipv4/ip_default_ttl)" 77
        is "--oom-score-adj" "$(run_box --oom-score-adj 500 box:1 cat /proc/self/oom_score_adj)" 500
        like "--init" "$(run_box --init box:1 cat /proc/1/cmdline | tr '\0' ' ')" 'docker-init'
        is "--init: it reaps" "$(run_box --init box:1 sh -c '(sleep 0.1 &) ; while ps -o comm | grep -qx sleep; do usleep 50000; done; echo reaped')" reaped
        is "--pid host" "$(run_box --pid host box:1 readlink /proc/self/ns/pid)" "$(readlink /proc/self/ns/pid)"
        is "--uts host" "$(run_box --uts host box:1 hostname)" "$(hostname)"
        is "--ipc host" "$(run_box --ipc host box:1 readlink /proc/self/ns/ipc)" "$(readlink /proc/self/ns/ipc)"
        is "--cgroupns host" "$(run_box --cgroupns host box:1 readlink /proc/self/ns/cgroup)" "$(readlink /proc/self/ns/cgroup)"
        is "masked and read-only paths" "$(run_box box:1 sh -c 'cat /proc/kcore | wc -c; echo 1 2>/dev/null >/proc/sys/kernel/domainname || echo ro')" $'0\nro'
}

check_files() {
        mkdir "$test_dir/volume" && echo data >"$test_dir/volume/file"
        is "a volume, read-only" "$(run_box -v "$test_dir/volume:/v:ro" box:1 sh -c 'cat /v/file; touch /v/x 2>/dev/null || echo ro')" \
                $'data\nro'
        is "a named volume" "$(run_box -v named:/n box:1 sh -c 'echo kept >/n/f'; run_box --mount type=volume,src=named,dst=/m box:1 cat /m/f)" kept
        is "a volume's propagation" "$(run_box -v "$test_dir/volume:/v:rshared" box:1 grep -c ' /v .*shared:' /proc/self/mountinfo)" 1
        is "a volume that is a file" "$(run_box -v "$test_dir/volume/file:/etc/f" box:1 cat /etc/f)" data
        is "--read-only" "$(run_box --read-only box:1 sh -c 'touch /x 2>/dev/null || echo ro; touch /dev/shm/x && echo rw')" $'ro\nrw'
        is "--tmpfs" "$(run_box --tmpfs /t:size=1m,mode=700 box:1 sh -c 'touch /t/x; df -k /t | tail -1 | xargs | cut -d" " -f2; stat -c %a /t' | xargs)" "1024 700"
        is "--shm-size" "$(run_box --shm-size 2m box:1 sh -c 'df -k /dev/shm | tail -1 | xargs | cut -d" " -f2')" 2048
        is "--device" "$(run_box --device /dev/null:/dev/mynull box:1 sh -c 'test -c /dev/mynull && echo x >/dev/mynull && echo ok')" ok
        mknod "$test_dir/fuse" c 10 229
        is "--device with rights" "$(run_box --device "$test_dir/fuse:/dev/myfuse:r" box:1 \
                sh -c 'true </dev/myfuse && echo read; true 2>/dev/null >/dev/myfuse || echo no')" $'read\nno'
        is "a device without --device" "$(run_box box:1 sh -c 'mknod /dev/myfuse c 10 229; true 2>/dev/null </dev/myfuse || echo no')" no
        is "cp into and out of a container" "$(d create --name copy --network none box:1 true >/dev/null; d cp "$test_dir/volume/file" copy:/root/f
                d cp copy:/root/f - | tar -xO; d rm copy >/dev/null)" data
        is "cp while it runs" "$(d run -d --name copy --network none box:1 sleep 100 >/dev/null; d cp "$test_dir/volume/file" copy:/root/f
                d exec copy cat /root/f; d rm -f copy >/dev/null)" data
        printf 'FROM box:1\nRUN echo built >/built\nCMD cat /built\n' >"$test_dir/Dockerfile"
        ok "build" d build -q -t built:1 -f "$test_dir/Dockerfile" "$test_dir/volume"
        is "what was built" "$(run_box built:1)" built
}

# ---- networks ----

check_networks() {
        is "network none" "$(run_box box:1 ip -o link | wc -l)" 1
        is "network host" "$(d run --rm --network host box:1 readlink /proc/self/ns/net)" "$(readlink /proc/self/ns/net)"
        like "network bridge" "$(d run --rm box:1 ip -o -4 addr show eth0)" 'inet 172\.'
        ok "a network" d network create net1
        d run -d --name web --network net1 --network-alias www -p 127.0.0.1:18080:8080 service:1 >/dev/null
        ok "names on a network" eventually 10 d run --rm --network net1 box:1 wget -q -O /dev/null http://www:8080/
        ok "a published port" eventually 10 curl -sf http://127.0.0.1:18080/
        is "network of a container" "$(d run --rm --network container:web box:1 hostname -i)" "$(d exec web hostname -i)"
        ok "network connect" d network connect bridge web
        like "network connect: a second interface" "$(d exec web ip -o link)" 'eth1'
        is "--add-host" "$(d run --rm --add-host h:10.9.8.7 box:1 sh -c 'grep -w h /etc/hosts' | xargs)" "10.9.8.7 h"
        ok "healthcheck" eventually 20 has_health web healthy
        d exec web killall httpd
        ok "healthcheck: unhealthy" eventually 20 has_health web unhealthy
        exits "a service of several processes: stop" 0 d stop -t 10 web
        is "a service of several processes: its exit status" "$(d inspect web --format '{{.State.Status}} {{.State.ExitCode}}')" "exited 3"
        ok "start again" d start web
        ok "start again: it serves" eventually 10 curl -sf http://127.0.0.1:18080/
        ok "rm -f" d rm -f web
        ok "network rm" d network rm net1
}
has_health() { [ "$(d inspect "$1" --format '{{.State.Health.Status}}')" = "$2" ]; }

# ---- a life ----

scope_of() { echo "docker-$1.scope"; }
cgroup_of_container() { # ID
        if [ "$driver" = systemd ]; then
                echo "/system.slice/$(scope_of "$1")"
        else
                echo "/docker/$1"
        fi
}

check_life() {
        local id pid client
        is "run -d" "$(d run -d --name life --network none --label a=b box:1 sh -c \
                'echo out; echo err >&2; trap "exit 3" TERM; trap "echo usr1" USR1; while :; do sleep 0.1; done' | wc -c)" 65
        id=$(d inspect life --format '{{.Id}}')
        ok "it runs in its own cgroup" grep -q . "/sys/fs/cgroup$(cgroup_of_container "$id")/cgroup.procs"
        [ "$driver" != systemd ] || is "it runs in its scope" "$(systemctl is-active "$(scope_of "$id")")" active
        pid=$(d inspect life --format '{{.State.Pid}}')
        like "inspect: pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline")" '^sh -c'
        is "inspect: running" "$(d inspect life --format '{{.State.Status}}')" running
        is "logs" "$(eventually 5 logs_have life err >/dev/null; d logs life 2>/dev/null)" out
        is "logs: standard error" "$(d logs life 2>&1 >/dev/null)" err
        is "ps" "$(d ps --filter label=a=b --format '{{.Names}} {{.State}}')" "life running"
        like "top" "$(d top life)" 'sh -c'
        like "top: options of ps" "$(d top life -o pid,comm)" "^$pid +sh"
        like "stats" "$(d stats --no-stream --format '{{.Name}} {{.PIDs}} {{.CPUPerc}}' life)" '^life [0-9]+ [0-9.]+%'
        ok "kill -s USR1" d kill -s USR1 life
        ok "kill -s USR1: it came" eventually 5 logs_have life usr1
        exits "pause" 0 d pause life
        is "pause: paused" "$(d inspect life --format '{{.State.Status}}')" paused
        is "pause: its cgroup" "$(sed -n 's/^frozen //p' "/sys/fs/cgroup$(cgroup_of_container "$id")/cgroup.events")" 1
        exits "exec in a paused one is an error" 1 d exec life true
        ok "unpause" d unpause life
        is "unpause: running" "$(d inspect life --format '{{.State.Status}}')" running
        ok "rename" d rename life live
        d attach --no-stdin live >"$test_dir/attached" 2>&1 & client=$!
        ok "attach" eventually 10 heard_signal live USR1 usr1
        ok "kill -s TERM" d kill -s TERM live
        wait $client
        is "attach: exit status" $? 3
        is "wait" "$(d wait live)" 3
        is "inspect: exit status" "$(d inspect live --format '{{.State.Status}} {{.State.ExitCode}}')" "exited 3"
        ok "the cgroup is gone" eventually 5 test ! -e "/sys/fs/cgroup$(cgroup_of_container "$id")"
        ok "start" d start live
        ok "restart" d restart -t 5 live
        is "restart: running" "$(d inspect live --format '{{.State.Status}}')" running
        ok "stop" within 9000 docker stop -t 8 live
        ok "rm" d rm live
        [ "$driver" != systemd ] || check_parent
        d run -d --name victim --network none box:1 sleep 100 >/dev/null
        ok "kill" d kill victim
        is "kill: 137" "$(d wait victim)" 137
        ok "start of a killed one" d start victim
        ok "stop of one that ignores SIGTERM" d stop -t 1 victim
        is "stop of one that ignores SIGTERM: 137" "$(d inspect victim --format '{{.State.ExitCode}}')" 137
        ok "rm of a killed one" d rm victim
        is "create and start -a" "$(d create --name two --network none box:1 sh -c 'echo second; exit 9' >/dev/null; d start -a two; echo $?)" $'second\n9'
        ok "rm of an exited one" d rm two
        is "a payload that ends at once, ten times" "$(for _ in $(seq 10); do run_box box:1 true || echo failed; done)" ""
}
check_parent() {
        d run -d --name parent --cgroup-parent checks-docker.slice --network none box:1 sleep 100 >/dev/null
        is "--cgroup-parent" "$(systemctl show -P Slice "$(scope_of "$(d inspect parent --format '{{.Id}}')")")" checks-docker.slice
        ok "--cgroup-parent: rm" d rm -f parent
        systemctl stop checks.slice
}
# Sends the signal until who is attached has seen what the payload says to it.
heard_signal() { # NAME SIGNAL WORD
        d kill -s "$2" "$1" >/dev/null && grep -q "$3" "$test_dir/attached"
}
logs_have() { d logs "$1" 2>&1 | grep -q "$2"; }

# Containers of whom the engine maps all users to others: a store of its own, so the image comes again.
check_remap() {
        configure '.["userns-remap"]="default"'
        systemctl stop docker.socket docker
        ok "userns-remap: the daemon starts" daemon_start
        d load -qi "$test_dir/box.tar" >/dev/null
        is "userns-remap: run" "$(run_box box:1 id -u)" 0
        like "userns-remap: root is another" "$(run_box box:1 cat /proc/self/uid_map | xargs)" '^0 [1-9][0-9]* 65536$'
        d run -d --name mapped --network none -v kept:/k box:1 sleep 1000 >/dev/null
        is "userns-remap: exec" "$(d exec mapped sh -c 'touch /k/f && stat -c %u /k/f')" 0
        ok "userns-remap: its processes are not root's" test "$(stat -c %u "/proc/$(d inspect mapped --format '{{.State.Pid}}')")" != 0
        ok "userns-remap: rm" d rm -f mapped
        d volume prune -f >/dev/null
}

check_exec() {
        d run -d --name life --network none box:1 sleep 1000 >/dev/null
        exits "exec" 5 d exec life sh -c 'echo inside; exit 5'
        is "exec: output" "$output" inside
        exits "exec of a program that is not there" 126 d exec life /nope
        exits "exec of one that is not in PATH" 126 d exec life nope
        exits "exec of one that cannot be executed" 126 d exec life /etc/passwd
        is "exec -i" "$(echo typed | d exec -i life cat)" typed
        is "exec --user, --env, --workdir" "$(d exec -u 1000 -e A=b -w /tmp life sh -c 'echo $(id -u) $A $PWD')" "1000 b /tmp"
        like "exec --privileged" "$(d exec --privileged life sed -n 's/^CapEff:\t//p' /proc/self/status)" '^000000[13]f[ef]+$'
        exits "exec -t" 6 in_terminal 30 "docker exec -it life sh -c 'tty; exit 6'"
        like "exec -t: terminal" "$output" '/dev/pts/[0-9]'
        ok "exec -d" d exec -d life sleep 44
        ok "exec -d: it runs" eventually 5 sh -c "docker top life | grep -q 'sleep 44'"
        is "twenty execs at the same time" "$(for _ in $(seq 20); do d exec life echo x & done | wc -l; wait)" 20
        like "exec joins its cgroup" "$(d exec life cat /proc/self/cgroup)" '^0::/$'
        ok "exec: the container ends with it" d rm -f life
}

check_policies() {
        d run -d --name again --restart on-failure:2 --network none box:1 sh -c 'exit 4' >/dev/null
        ok "restart policy on-failure" eventually 20 has_restarted again 2 exited
        d rm -f again >/dev/null
        d run -d --name again --restart always --network none box:1 sleep 1000 >/dev/null
        kill_payload again
        ok "restart policy always" eventually 20 has_restarted again 1 running
        ok "update --restart" d update --restart no again
        kill_payload again
        ok "update --restart: no" eventually 20 has_restarted again 1 exited
        d rm -f again >/dev/null
        start=$(date +%s)
        run_box --name told box:1 sh -c 'exit 6'
        is "events" "$(d events --since "$start" --until "$(($(date +%s) + 1))" --filter container=told \
                --format '{{.Action}} {{.Actor.Attributes.exitCode}}' | grep die)" "die 6"
}
# A container that does not run has the pid 0, which is our own process group.
kill_payload() {
        local pid
        pid=$(d inspect "$1" --format '{{.State.Pid}}')
        [ "${pid:-0}" -le 1 ] || kill -9 "$pid"
}
has_restarted() { [ "$(d inspect "$1" --format '{{.RestartCount}} {{.State.Status}}')" = "$2 $3" ]; }

# ---- limits: where there are controllers ----

check_limits() {
        local id group
        d run -d --name limits --network none --memory 64m --memory-swap 64m --memory-reservation 32m --cpus 0.5 --cpu-shares 512 \
                --cpuset-cpus 0 --pids-limit 99 --blkio-weight 300 box:1 sleep 1000 >/dev/null
        id=$(d inspect limits --format '{{.Id}}')
        group=/sys/fs/cgroup$(cgroup_of_container "$id")
        is "--memory" "$(cat "$group/memory.max")" 67108864
        is "--memory-swap" "$(cat "$group/memory.swap.max")" 0
        is "--memory-reservation" "$(cat "$group/memory.low")" 33554432
        is "--cpus" "$(cat "$group/cpu.max")" "50000 100000"
        like "--cpu-shares" "$(cat "$group/cpu.weight")" '^(20|59)$'
        is "--cpuset-cpus" "$(cat "$group/cpuset.cpus")" 0
        is "--pids-limit" "$(cat "$group/pids.max")" 99
        like "stats: the memory limit" "$(d stats --no-stream --format '{{.MemUsage}}' limits)" '/ 64MiB'
        like "stats: processes" "$(d stats --no-stream --format '{{.PIDs}}' limits)" '^1$'
        ok "update --memory" d update --memory 96m --memory-swap 128m --cpus 0.25 --pids-limit 55 limits
        is "update: in the cgroup" "$(cat "$group/memory.max" "$group/memory.swap.max" "$group/cpu.max" "$group/pids.max" | xargs)" \
                "100663296 33554432 25000 100000 55"
        if [ "$driver" = systemd ]; then
                ok "daemon-reload" systemctl daemon-reload
                is "update: still there after daemon-reload" "$(cat "$group/memory.max" "$group/pids.max" | xargs)" "100663296 55"
        fi
        d rm -f limits >/dev/null
        # Init outlives what is killed: with its last process PID 1 removes the cgroup, and with it what a slow shim has yet to read.
        d run -d --name eater --network none --memory 16m --memory-swap 16m box:1 sh -c 'tail /dev/zero; code=$?; sleep 5; exit $code' >/dev/null
        is "out of memory: 137" "$(d wait eater)" 137
        is "out of memory: inspect" "$(d inspect eater --format '{{.State.OOMKilled}}')" true
        d rm eater >/dev/null
        is "pids limit" "$(run_box --pids-limit 4 box:1 sh -c 'for i in 1 2 3 4 5 6; do sleep 1 & done; wait' 2>&1 | grep -c "can't fork")" 1
}

# ---- compose ----

check_compose() {
        mkdir "$test_dir/compose"
        cat >"$test_dir/compose/docker-compose.yml" <<'C'
version: "2.4"
services:
  web:
    image: service:1
    environment: [ NAME=web ]
  client:
    image: box:1
    command: sh -c "until wget -q -O - http://web:8080/; do sleep 0.2; done; echo fetched; sleep 1000"
    depends_on: [ web ]
    restart: always
C
        c() { (cd "$test_dir/compose" && limited 90 docker-compose --no-ansi "$@"); }
        ok "compose up with two services" c up -d
        is "compose ps" "$(c ps -q | wc -l)" 2
        ok "compose: one reaches the other" eventually 20 compose_fetched
        is "compose exec" "$(c exec -T web sh -c 'echo $NAME')" web
        ok "compose restart" c restart -t 2 client
        ok "compose down" c down -t 5
        is "compose: all gone" "$(d ps -aq | wc -l)" 0
}
compose_fetched() { c logs client 2>&1 | grep -q fetched; }

# ---- the daemon ----

check_daemon() {
        local pid name
        configure '.["live-restore"]=true'
        ok "daemon reload" systemctl reload docker
        ok "daemon reload: it read its configuration" eventually 10 has_live_restore true
        d run -d --name stays --network none box:1 sleep 1000 >/dev/null
        pid=$(d inspect stays --format '{{.State.Pid}}')
        systemctl reset-failed docker
        ok "restart of the daemon" limited 60 systemctl restart docker
        is "live-restore: the same process" "$(d inspect stays --format '{{.State.Pid}} {{.State.Status}}')" "$pid running"
        is "live-restore: exec" "$(d exec stays echo still)" still
        ok "live-restore: stop" d stop -t 0 stays
        ok "live-restore: rm" d rm stays
        # Without it, what ran is started again as its policy says. The runtime is named on the daemon's command line.
        configure '.["live-restore"]=false'
        systemctl reload docker
        eventually 10 has_live_restore false
        for name in comes:unless-stopped goes:unless-stopped always:always once:no; do
                d run -d --name "${name%:*}" --restart "${name#*:}" --stop-signal KILL --network none box:1 sleep 1000 >/dev/null
        done
        d stop -t 0 goes always >/dev/null
        configure 'del(.runtimes, .["default-runtime"])'
        mv /etc/default/docker "$test_dir/default"
        echo "DOCKER_OPTS=\"--add-runtime ctrunit=$runtime --add-runtime flagged=$runtime --default-runtime ctrunit\"" >/etc/default/docker
        systemctl reset-failed docker
        ok "--add-runtime: the daemon starts" limited 60 systemctl restart docker
        is "--add-runtime" "$(d run --rm --runtime flagged --network none box:1 echo flagged)" flagged
        ok "restart policy unless-stopped: it runs again" eventually 20 is_running comes
        ok "restart policy always: it runs again, though it was stopped" eventually 20 is_running always
        is "restart policy unless-stopped: a stopped one stays so" "$(d inspect goes --format '{{.State.Status}}')" exited
        is "no restart policy: it stays ended" "$(d inspect once --format '{{.State.Status}}')" exited
        d rm -f comes goes always once >/dev/null
        mv "$test_dir/default" /etc/default/docker
        configure
        systemctl reset-failed docker
        limited 60 systemctl restart docker
}

has_live_restore() { [ "$(d info --format '{{.LiveRestoreEnabled}}')" = "$1" ]; }
is_running() { [ "$(d inspect "$1" --format '{{.State.Status}}')" = running ]; }

main() {
        daemon_stop 2>/dev/null
        set_up || { echo "Bail out! docker's daemon does not start"; exit 2; }
        # What the first use leaves on purpose: docker's bridge, its rules, directories.
        d run --rm --network host box:1 true >/dev/null 2>&1
        daemon_stop
        set_begin
        daemon_start
        # A peer that cannot run here at all has one line in the table, not all.
        if ok "a container runs" d run --rm --network none box:1 true; then
                for part in $parts; do
                        [ "$part" = limits ] && ! has_controller memory || "check_$part"
                done
        fi
        is "nothing is left in docker" "$(d ps -aq | wc -l)" 0
        d volume prune -f >/dev/null
        daemon_stop
        set_end
}

main
