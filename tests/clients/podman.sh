#!/bin/bash
# podman drives a runtime: CTRUNIT_CLIENT_RUNTIME, by default ctr-runtime. The same checks pass with crun, so what
# they ask for is what podman's users know. Runs in a booted host with podman (tools/testhost --packages podman,crun).
# needs: packages podman
. "$(dirname "$0")/../system/lib.sh"
runtime=${CTRUNIT_CLIENT_RUNTIME:-/usr/bin/ctr-runtime}
name=$(basename "$runtime")

# A store of our own, on a real file system.
cat >"$test_dir/containers.conf" <<'C'
[engine]
cgroup_manager = "systemd"
events_logger = "file"
[containers]
log_driver = "k8s-file"
C
cat >"$test_dir/storage.conf" <<C
[storage]
driver = "vfs"
runroot = "/run/ctrunit-podman"
graphroot = "$test_dir/store"
C
export CONTAINERS_CONF=$test_dir/containers.conf CONTAINERS_STORAGE_CONF=$test_dir/storage.conf
p() { timeout --foreground 60 podman --log-level=error --tmpdir "$test_dir/tmp" --runtime "$runtime" "$@"; }
none=(--network none)

make_rootfs "$test_dir/image"
tar -C "$test_dir/image" -cf "$test_dir/image.tar" .
ok "$name: import" p import "$test_dir/image.tar" box

# ---- run, and how it ends ----

exits "$name: run" 0 p run --rm "${none[@]}" box echo hello
is "$name: its output" "$output" hello
for code in 0 1 7 125 126 127 255; do
        exits "$name: exit status $code" $code p run --rm "${none[@]}" box sh -c "exit $code"
done
exits "$name: a program that is not there is 127" 127 p run --rm "${none[@]}" box /nope
exits "$name: not in PATH either" 127 p run --rm "${none[@]}" box nope
exits "$name: a program that cannot be executed is 126" 126 p run --rm "${none[@]}" box /etc/passwd
exits "$name: podman's own error is 125" 125 p run --rm "${none[@]}" --no-such-option box true
p run -d --name victim "${none[@]}" box sleep 100 >/dev/null
ok "$name: kill" p kill victim
is "$name: killed is 128 + the signal" "$(p wait victim)" 137
ok "$name: rm of a killed one" p rm victim
is "$name: standard input" "$(echo typed | p run --rm -i "${none[@]}" box cat)" typed
is "$name: standard error" "$(p run --rm "${none[@]}" box sh -c 'echo err >&2' 2>&1 >/dev/null)" err
is "$name: environment, user, directory, host name" \
        "$(p run --rm "${none[@]}" -e X=y -u 1000:1001 -w /tmp --hostname h box sh -c 'echo $X $(id -u):$(id -g) $PWD $(hostname)')" \
        "y 1000:1001 /tmp h"
mkdir "$test_dir/volume" && echo data >"$test_dir/volume/file"
is "$name: a volume" "$(p run --rm "${none[@]}" -v "$test_dir/volume:/v:ro" box sh -c 'cat /v/file; touch /v/x 2>/dev/null || echo ro')" \
        $'data\nro'
is "$name: --read-only" "$(p run --rm "${none[@]}" --read-only box sh -c 'touch /x 2>/dev/null || echo ro; touch /tmp/x && echo rw')" \
        $'ro\nrw'
is "$name: --tmpfs" "$(p run --rm "${none[@]}" --tmpfs /t box sh -c 'touch /t/x && echo rw')" rw
is "$name: capabilities" "$(p run --rm "${none[@]}" --cap-drop all --cap-add kill box sed -n 's/^CapEff:\t//p' /proc/self/status)" \
        0000000000000020
is "$name: seccomp and no-new-privileges" \
        "$(p run --rm "${none[@]}" --security-opt no-new-privileges box sh -c 'sed -n "s/^Seccomp:.//p;s/^NoNewPrivs:.//p" /proc/self/status' | xargs)" \
        "1 2"
is "$name: --privileged" "$(p run --rm "${none[@]}" --privileged box sed -n 's/^Seccomp:\t//p' /proc/self/status)" 0
is "$name: ulimit" "$(p run --rm "${none[@]}" --ulimit nofile=123:456 --ulimit nproc=100:100 box sh -c 'ulimit -n; ulimit -Hn' | xargs)" "123 456"
is "$name: sysctl" "$(p run --rm "${none[@]}" --sysctl net.ipv4.ip_default_ttl=77 box cat /proc/sys/net/ipv4/ip_default_ttl)" 77
is "$name: a device" "$(p run --rm "${none[@]}" --device /dev/null:/dev/mynull box sh -c 'test -c /dev/mynull && echo x >/dev/mynull && echo ok')" ok
is "$name: user namespace" "$(p run --rm "${none[@]}" --uidmap 0:100000:65536 --gidmap 0:100000:65536 box cat /proc/self/uid_map | xargs)" \
        "0 100000 65536"
is "$name: --init" "$(p run --rm "${none[@]}" --pid=host box sh -c 'test $$ != 1 && echo host')" host

# ---- a terminal ----

exits "$name: run -it" 4 timeout --foreground 30 script -qec "stty rows 31 cols 81; podman --tmpdir $test_dir/tmp --runtime $runtime run \
        --rm -it --network none box sh -c 'tty; stty size; exit 4'" /dev/null
like "$name: run -it: terminal" "$output" '/dev/pts/0'
like "$name: run -it: its size" "$output" '31 81'

# ---- a life ----

is "$name: run -d" "$(p run -d --name life "${none[@]}" --memory 64m --pids-limit 99 box sh -c \
        'echo out; echo err >&2; trap "exit 3" TERM; while :; do sleep 0.1; done' | wc -c)" 65
id=$(p inspect life --format '{{.Id}}')
is "$name: it runs in its scope" "$(systemctl is-active "libpod-$id.scope")" active
is "$name: limits are the scope's" "$(systemctl show -P TasksMax "libpod-$id.scope") $(systemctl show -P MemoryMax "libpod-$id.scope")" "99 67108864"
is "$name: inspect: status" "$(p inspect life --format '{{.State.Status}}')" running
pid=$(p inspect life --format '{{.State.Pid}}')
is "$name: inspect: pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-5)" "sh -c"
ok "$name: logs" eventually 5 sh -c "podman --tmpdir $test_dir/tmp logs life 2>/dev/null | grep -q out"
exits "$name: exec" 5 p exec life sh -c 'echo inside; exit 5'
is "$name: exec: output" "$output" inside
exits "$name: exec of a program that is not there" 127 p exec life /nope
exits "$name: exec of one that cannot be executed" 126 p exec life /etc/passwd
is "$name: exec -i" "$(echo typed | p exec -i life cat)" typed
is "$name: exec --user --env" "$(p exec -u 1000 -e A=b life sh -c 'echo $(id -u) $A')" "1000 b"
exits "$name: exec -it" 6 timeout --foreground 30 script -qec "podman --tmpdir $test_dir/tmp --runtime $runtime exec -it life \
        sh -c 'tty; exit 6'" /dev/null
like "$name: exec -it: terminal" "$output" '/dev/pts/[0-9]'
ok "$name: exec -d" p exec -d life sleep 44
ok "$name: exec -d: it runs" eventually 5 sh -c "podman --tmpdir $test_dir/tmp top life args | grep -q 'sleep 44'"
ok "$name: pause" p pause life
is "$name: paused" "$(p inspect life --format '{{.State.Status}}')" paused
ok "$name: unpause" p unpause life
is "$name: running" "$(p inspect life --format '{{.State.Status}}')" running
ok "$name: start of a running one is nothing" p start life
ok "$name: stop" within 8000 podman --tmpdir "$test_dir/tmp" --runtime "$runtime" stop -t 5 life
is "$name: exit status in inspect" "$(p inspect life --format '{{.State.Status}} {{.State.ExitCode}}')" "exited 3"
is "$name: wait" "$(p wait life)" 3
ok "$name: restart" p restart life
ok "$name: rm -f" p rm -f -t 1 life
scope_gone() { [ "$(systemctl show -P LoadState "$1")" = not-found ]; }
ok "$name: the scope is gone" eventually 5 scope_gone "libpod-$id.scope"
ok "$name: create and start" p create --name two "${none[@]}" box sh -c 'echo second'
is "$name: start -a" "$(p start -a two)" second
ok "$name: rm" p rm two
is "$name: a payload that ends at once, twenty times" \
        "$(for i in $(seq 20); do p run --rm "${none[@]}" box true || echo failed; done)" ""

# ---- pods ----

if p pod create --name pod --infra=false >/dev/null 2>&1; then
        ok "$name: a container of a pod" p run -d --pod pod --name inpod "${none[@]}" box sleep 100
        ok "$name: pod rm" p pod rm -f -t 0 pod
else
        skip "$name: pods" "podman makes no pod here"
fi
is "$name: nothing is left running" "$(p ps -aq | wc -l)" 0
rm -rf "$test_dir/store" /run/ctrunit-podman
done_testing
