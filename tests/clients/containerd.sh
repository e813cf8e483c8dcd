#!/bin/bash
# containerd drives the runtime: by ctr with a cgroup of its path and with a scope, and (containerd-cri.sh) by the
# Container Runtime Interface. The daemon is Debian's unit, with a configuration and a store of our own.
# needs: packages containerd
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/containerd-lib.sh"
parts=${parts:-run life daemon limits settings}

# ctr's own namespace; `default` is everybody's.
c() { limited 60 ctr -n checks "$@"; }
# run ID OPTION... -- COMMAND...: an attached container of this pass's cgroup manager.
run() {
        local id=$1 options=()
        shift
        while [ "$1" != -- ]; do
                options+=("$1")
                shift
        done
        shift
        c run --runc-binary "$runtime" $(cgroup_options "$id") "${options[@]}" "$box" "$id" "$@"
}
# ctr asks for the weight that is the default, which without the controller is an error.
cgroup_options() { # ID
        [ "$manager" != systemd ] || printf '%s ' "--runc-systemd-cgroup --cgroup system.slice:ctr:$1"
        has_controller cpu || printf '%s ' "--cpu-shares 0"
}
cgroup_path() { # ID
        if [ "$manager" = systemd ]; then
                echo "/sys/fs/cgroup/system.slice/ctr-$1.scope"
        else
                echo "/sys/fs/cgroup/checks/$1"
        fi
}
status_of_task() { c task ls | awk -v id="$1" '$1 == id { print $3 }'; }
task_is() { [ "$(status_of_task "$1")" = "$2" ]; }
pid_of() { c task ls | awk -v id="$1" '$1 == id { print $2 }'; }
# Ends and removes a detached container.
finish() { # ID
        c task kill -s KILL "$1" >/dev/null 2>&1
        eventually 10 task_is "$1" STOPPED
        c task rm "$1" >/dev/null 2>&1
        c container rm "$1"
}

# ---- run, and how it ends ----

check_run() {
        exits "run" 0 run r1 --rm -- sh -c 'echo hello; sleep 0.3'
        is "run: its output" "$output" hello
        for code in 0 7 127 255; do
                exits "exit status $code" $code run r2 --rm -- sh -c "exit $code"
        done
        exits "a program that is not there" 1 run r3 --rm -- /nope
        like "a program that is not there: ctr says so" "$output" 'no such file or directory'
        c container rm r3 >/dev/null 2>&1
        exits "a program that is not in PATH" 1 run r3 --rm -- nope
        like "a program that is not in PATH: ctr says so" "$output" 'executable file not found'
        c container rm r3 >/dev/null 2>&1
        exits "a program that cannot be executed" 1 run r3 --rm -- /etc/passwd
        like "a program that cannot be executed: ctr says so" "$output" 'permission denied'
        c container rm r3 >/dev/null 2>&1
        is "standard error" "$(run r4 --rm -- linger sh -c 'echo err >&2; echo out' 2>&1 >/dev/null)" err
        is "standard input" "$(echo typed | run r5 --rm -- linger head -1)" typed
        is "much output" "$(run r6 --rm -- linger seq 1 50000 | md5sum)" "$(seq 1 50000 | md5sum)"
        # ctr may drop what a process writes just before its end, whatever the runtime.
        is "five at the same time" "$(for i in 1 2 3 4 5; do run "many$i" --rm -- sh -c 'echo x; sleep 0.3' 2>&1 & done | sort | uniq -c | xargs; wait)" "5 x"
        in_terminal 30 "ctr -n checks run --rm -t --runc-binary $runtime $(cgroup_options r8) $box r8 sh -c 'tty; until stty size | grep \"31 81\"; do sleep 0.05; done; sleep 0.5; exit 4'" \
                >"$test_dir/tty"
        is "a terminal: exit status" $? 4
        like "a terminal" "$(cat "$test_dir/tty")" '/dev/pts/0'
        like "a terminal: its size" "$(cat "$test_dir/tty")" '31 81'
}

# ---- what a container is ----

check_settings() {
        # Nothing of this depends on who makes the cgroup.
        [ "$manager" = systemd ] || return
        is "environment, directory" "$(run s1 --rm --env X=y --cwd /tmp -- linger sh -c 'echo $X $PWD')" "y /tmp"
        is "--read-only" "$(run s2 --rm --read-only -- linger sh -c 'touch /x 2>/dev/null || echo ro')" ro
        mkdir -p "$test_dir/volume" && echo data >"$test_dir/volume/file"
        is "--mount" "$(run s3 --rm --mount "type=bind,src=$test_dir/volume,dst=/v,options=rbind:ro" -- linger \
                sh -c 'cat /v/file; touch /v/x 2>/dev/null || echo ro' | xargs)" "data ro"
        is "default capabilities" "$(run s4 --rm -- linger sed -n 's/^CapBnd:\t//p' /proc/self/status)" 00000000a80425fb
        is "--cap-drop, --cap-add" "$(run s4 --rm --cap-drop CAP_KILL --cap-add CAP_SYS_TIME -- linger sed -n 's/^CapBnd:\t//p' /proc/self/status)" \
                00000000aa0425db
        is "--seccomp" "$(run s5 --rm --seccomp -- linger sed -n 's/^Seccomp:\t//p' /proc/self/status)" 2
        is "no new privileges" "$(run s6 --rm -- linger sed -n 's/^NoNewPrivs:\t//p' /proc/self/status)" 1
        is "--allow-new-privs" "$(run s6 --rm --allow-new-privs -- linger sed -n 's/^NoNewPrivs:\t//p' /proc/self/status)" 0
        is "--privileged" "$(run s7 --rm --privileged -- linger sh -c 'echo 3 >/proc/sys/net/ipv4/ip_default_ttl && cat /proc/sys/net/ipv4/ip_default_ttl')" 3
        is "--net-host" "$(run s8 --rm --net-host -- linger readlink /proc/self/ns/net)" "$(readlink /proc/self/ns/net)"
        is "--with-ns" "$(run s9 --rm --with-ns "uts:/proc/$$/ns/uts" -- linger readlink /proc/self/ns/uts)" "$(readlink /proc/self/ns/uts)"
        is "--device" "$(run s10 --rm --device /dev/net/tun -- linger sh -c 'test -c /dev/net/tun && true </dev/net/tun && echo ok')" ok
        is "--rootfs" "$(c run --rm --runc-binary "$runtime" $(cgroup_options s11) --rootfs "$test_dir/box" s11 linger echo rootfs)" rootfs
        is "--pid-file" "$(run s12 --rm --pid-file "$test_dir/pid" -- linger true; grep -c '^[0-9]*$' "$test_dir/pid")" 1
        is "--annotation, --label" "$(run s13 --rm --annotation a=b --label c=d -- linger echo ok)" ok
        is "--null-io" "$(run s14 --rm --null-io -- echo lost)" ""
        run s15 -d --log-uri "file://$test_dir/log" -- sh -c 'echo logged; sleep 100'
        ok "--log-uri" eventually 5 grep -q logged "$test_dir/log"
        finish s15
        mkdir "$test_dir/fifos"
        is "--fifo-dir" "$(run s16 --rm --fifo-dir "$test_dir/fifos" -- linger echo fifo)" fifo
        is "a user namespace" "$(run s17 --rm --uidmap 0:100000:65536 --gidmap 0:100000:65536 -- linger cat /proc/self/uid_map | xargs)" \
                "0 100000 65536"
        c run -d --net-host --runc-binary "$runtime" $(cgroup_options s19) "$service" s19
        ok "a service of several processes" eventually 10 curl -sf http://127.0.0.1:8080/
        ok "a service of several processes: kill" c task kill s19
        ok "a service of several processes: stopped" eventually 10 task_is s19 STOPPED
        like "a service of several processes: its exit status" "$(c task rm s19 2>&1)" 'exit code 3'
        c container rm s19
        is "a shell of Debian" "$([ ! -d "$debian_root" ] || c run --rm --runc-binary "$runtime" $(cgroup_options s18) "$debian" s18 \
                bash -c '. /etc/os-release; echo $ID')" "$([ ! -d "$debian_root" ] || echo debian)"
}

# ---- a life ----

check_life() {
        local pid
        ok "run -d" run life -d -- sh -c 'trap "exit 3" TERM; while :; do sleep 0.1; done'
        is "task ls" "$(status_of_task life)" RUNNING
        pid=$(pid_of life)
        like "task ls: its pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline")" '^sh -c'
        ok "it runs in its own cgroup" grep -qx "$pid" "$(cgroup_path life)/cgroup.procs"
        like "task ps" "$(c task ps life)" "^$pid "
        [ "$label" != ours ] || check_no_checkpoint
        like "task metrics" "$(c task metrics life)" 'cpuacct.usage|cpu.usage_usec|usage_usec'
        exits "exec" 5 c task exec --exec-id e1 life sh -c 'echo inside; sleep 0.5; exit 5'
        is "exec: output" "$output" inside
        exits "exec of a program that is not there" 1 c task exec --exec-id e2 life /nope
        like "exec of a program that is not there: ctr says so" "$output" 'no such file or directory'
        is "exec: standard input" "$(echo typed | c task exec --exec-id e3 life linger head -1)" typed
        is "exec --user --cwd" "$(c task exec --exec-id e4 --user 1000:1000 --cwd /tmp life linger sh -c 'echo $(id -u):$(id -g) $PWD')" "1000:1000 /tmp"
        in_terminal 30 "ctr -n checks task exec -t --exec-id e5 life sh -c 'tty; exit 6'" >"$test_dir/tty"
        is "exec -t: exit status" $? 6
        like "exec -t" "$(cat "$test_dir/tty")" '/dev/pts/'
        ok "exec -d" c task exec -d --exec-id e6 life sleep 44
        ok "exec -d: it runs" eventually 5 has_exec_process
        is "exec --fifo-dir" "$(c task exec --exec-id e7 --fifo-dir "$test_dir/fifos" life linger echo fifo)" fifo
        is "ten execs at the same time" "$(for i in $(seq 10); do c task exec --exec-id "m$i" life sh -c 'echo x; sleep 0.5' 2>&1 & done | sort | uniq -c | xargs; wait)" "10 x"
        ok "kill --exec-id" c task kill -s KILL --exec-id e6 life
        ok "kill --exec-id: it is gone" eventually 5 has_no_exec_process
        c task rm --exec-id e6 life >/dev/null 2>&1
        ok "pause" c task pause life
        is "pause: paused" "$(status_of_task life)" PAUSED
        is "pause: its cgroup" "$(sed -n 's/^frozen //p' "$(cgroup_path life)/cgroup.events")" 1
        exits "exec in a paused one is an error" 1 c task exec --exec-id e8 life true
        ok "resume" c task resume life
        is "resume: running" "$(status_of_task life)" RUNNING
        [ "$manager" != systemd ] || is "it runs in its scope" "$(systemctl is-active ctr-life.scope)" active
        exits "delete of a running one is an error" 1 c task rm life
        ok "kill" c task kill life
        ok "kill: stopped" eventually 10 task_is life STOPPED
        like "delete: the exit status" "$(c task rm life 2>&1)" 'non-zero exit code 3'
        ok "container rm" c container rm life
        ok "its cgroup is gone" eventually 5 test ! -e "$(cgroup_path life)"
        run kids -d -- sh -c 'sleep 200 & sleep 200 & wait'
        ok "kill --all" c task kill --all -s KILL kids
        ok "kill --all: stopped" eventually 10 task_is kids STOPPED
        like "kill --all: the exit status" "$(c task rm kids 2>&1)" 'non-zero exit code 137'
        c container rm kids
        is "a payload that ends at once, ten times" "$(for _ in $(seq 10); do run brief --rm -- true || echo failed; done)" ""
}
# What others do by CRIU.
check_no_checkpoint() {
        exits "checkpoint is refused" 1 c task checkpoint life
        like "checkpoint is refused: says so" "$output" 'checkpoint'
        is "checkpoint is refused: the container runs" "$(status_of_task life)" RUNNING
}
has_exec_process() { c task ps life | awk 'NR > 1 { print $1 }' | xargs ps -o args= -p | grep -qx 'sleep 44'; }
has_no_exec_process() { ! has_exec_process; }

# ---- the daemon ----

# Events into a file; they are read when one that we make arrives.
events_start() {
        ctr -n checks events >"$test_dir/events" & events_pid=$!
        eventually 20 events_arrive
}
events_arrive() { c images label "$box" "n=$RANDOM" >/dev/null && grep -q /images/update "$test_dir/events"; }
events_stop() {
        kill "$events_pid"
        wait "$events_pid" 2>/dev/null
}

check_daemon() {
        local pid
        events_start
        run told --rm -- sh -c 'exit 6' >/dev/null 2>&1
        for name in create start exit delete; do
                ok "events: $name" eventually 5 grep -q "/tasks/$name .*told" "$test_dir/events"
        done
        like "events: the exit status" "$(cat "$test_dir/events")" '/tasks/exit .*"exit_status":6'
        events_stop
        is "another namespace" "$(limited 60 ctr -n checks2 images import "$test_dir/box.tar" >/dev/null
                limited 60 ctr -n checks2 run --rm --runc-binary "$runtime" $(cgroup_options same) "$box" same linger echo two 2>&1)" two
        limited 60 ctr -n checks2 images rm --sync "$box" >/dev/null
        limited 60 ctr namespace rm checks2 >/dev/null
        run stays -d -- sleep 1000
        pid=$(pid_of stays)
        ok "restart of containerd" limited 60 systemctl restart containerd
        is "restart of containerd: the same process" "$(status_of_task stays) $(pid_of stays)" "RUNNING $pid"
        is "restart of containerd: exec" "$(c task exec --exec-id x stays linger echo still)" still
        # containerd cleans up with `delete --force`, and without the options of create.
        kill -9 "$(pgrep -f 'containerd-shim-runc-v2.* -id stays ')"
        ok "a shim that was killed: its container is, too" eventually 15 test ! -e "/proc/$pid/exe"
        ok "a shim that was killed: the cgroup is gone" eventually 15 test ! -e "$(cgroup_path stays)"
        c task rm stays >/dev/null 2>&1
        ok "a shim that was killed: container rm" c container rm stays
}

# ---- limits: where there are controllers ----

check_limits() {
        run limits -d --memory-limit 67108864 --cpus 0.5 -- sleep 1000
        is "--memory-limit" "$(cat "$(cgroup_path limits)/memory.max")" 67108864
        is "--cpus" "$(cat "$(cgroup_path limits)/cpu.max")" "50000 100000"
        like "task metrics: memory" "$(c task metrics limits)" 'memory.usage_limit +67108864'
        like "task metrics: processes" "$(c task metrics limits)" 'pids.current +1'
        finish limits
        events_start
        exits "out of memory: 137" 137 run eater --rm --memory-limit 16777216 -- tail /dev/zero
        # Of a container that lives on: with its last process PID 1 removes the cgroup, and the shim then reads no events.
        run survivor -d --memory-limit 33554432 -- sh -c 'tail /dev/zero; sleep 1000'
        ok "out of memory: the event" eventually 5 grep -q '/tasks/oom .*survivor' "$test_dir/events"
        finish survivor
        events_stop
}

# What the first use leaves on purpose: the groups and directories of a namespace, and of ours the filters that it keeps.
warm_up() {
        ok "images import" c images import "$(box_archive "$box")"
        limited 60 ctr -n checks2 run --rm --runc-binary "$runtime" --rootfs "$test_dir/box" warm true >/dev/null 2>&1
        manager=plain
        run warm --rm --seccomp -- true >/dev/null 2>&1
}

main() {
        local set_name=$test_file
        daemon_start
        warm_up
        daemon_stop
        set_begin
        daemon_start
        [[ ! -d $debian_root || $parts = limits ]] || c images import "$(image_archive "$debian" "$debian_root")" >/dev/null
        [ "$parts" = limits ] || c images import "$(service_archive "$service")" >/dev/null
        if ok "a container runs" run first --rm -- true; then
                for manager in plain systemd; do
                        test_file="$set_name: $manager"
                        for part in $parts; do
                                [ "$part" = limits ] && ! has_controller memory || "check_$part"
                        done
                done
        fi
        test_file=$set_name
        is "nothing is left in containerd" "$(c container ls -q; c task ls -q)" ""
        daemon_stop
        set_end
}

main
