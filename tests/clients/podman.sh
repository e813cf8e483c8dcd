#!/bin/bash
# podman drives a runtime: see run.sh and lib.sh. Runs in a booted host with podman (tools/test podman).
# shellcheck disable=SC2016,SC2317  # $ is for shells in containers; functions are called by name
. "$(dirname "$0")/lib.sh"
set_begin

# A store of our own, on a real file system.
cat >"$test_dir/containers.conf" <<'C'
[engine]
cgroup_manager = "systemd"
events_logger = "file"
[containers]
log_driver = "k8s-file"
C
# The default, 2048, is refused by runc where the host has no pids controller.
has_controller pids || echo "pids_limit = 0" >>"$test_dir/containers.conf"
cat >"$test_dir/storage.conf" <<C
[storage]
driver = "vfs"
runroot = "/run/ctrunit-podman"
graphroot = "$test_dir/store"
C
export CONTAINERS_CONF=$test_dir/containers.conf CONTAINERS_STORAGE_CONF=$test_dir/storage.conf
p() { timeout --foreground 60 podman --log-level=error --tmpdir "$test_dir/tmp" --runtime "$runtime" "$@"; }
none=(--network none)

make_box_image "$test_dir/box.tar"
ok "import" p import "$test_dir/box.tar" box

# ---- run, and how it ends ----

exits "run" 0 p run --rm "${none[@]}" box echo hello
is "its output" "$output" hello
for code in 0 1 7 125 126 127 255; do
        exits "exit status $code" $code p run --rm "${none[@]}" box sh -c "exit $code"
done
exits "a program that is not there is 127" 127 p run --rm "${none[@]}" box /nope
exits "not in PATH either" 127 p run --rm "${none[@]}" box nope
exits "a program that cannot be executed is 126" 126 p run --rm "${none[@]}" box /etc/passwd
exits "podman's own error is 125" 125 p run --rm "${none[@]}" --no-such-option box true
p run -d --name victim "${none[@]}" box sleep 100 >/dev/null
ok "kill" p kill victim
is "killed is 128 + the signal" "$(p wait victim)" 137
ok "rm of a killed one" p rm victim
is "standard input" "$(echo typed | p run --rm -i "${none[@]}" box cat)" typed
is "standard error" "$(p run --rm "${none[@]}" box sh -c 'echo err >&2' 2>&1 >/dev/null)" err
is "environment, user, directory, host name" \
        "$(p run --rm "${none[@]}" -e X=y -u 1000:1001 -w /tmp --hostname h box sh -c 'echo $X $(id -u):$(id -g) $PWD $(hostname)')" \
        "y 1000:1001 /tmp h"
mkdir "$test_dir/volume" && echo data >"$test_dir/volume/file"
is "a volume" "$(p run --rm "${none[@]}" -v "$test_dir/volume:/v:ro" box sh -c 'cat /v/file; touch /v/x 2>/dev/null || echo ro')" \
        $'data\nro'
is "--read-only" "$(p run --rm "${none[@]}" --read-only box sh -c 'touch /x 2>/dev/null || echo ro; touch /tmp/x && echo rw')" \
        $'ro\nrw'
is "--tmpfs" "$(p run --rm "${none[@]}" --tmpfs /t box sh -c 'touch /t/x && echo rw')" rw
is "capabilities" "$(p run --rm "${none[@]}" --cap-drop all --cap-add kill box sed -n 's/^CapEff:\t//p' /proc/self/status)" \
        0000000000000020
is "seccomp and no-new-privileges" \
        "$(p run --rm "${none[@]}" --security-opt no-new-privileges box sh -c 'sed -n "s/^Seccomp:.//p;s/^NoNewPrivs:.//p" /proc/self/status' | xargs)" \
        "1 2"
is "--privileged" "$(p run --rm "${none[@]}" --privileged box sed -n 's/^Seccomp:\t//p' /proc/self/status)" 0
is "ulimit" "$(p run --rm "${none[@]}" --ulimit nofile=123:456 --ulimit nproc=100:100 box sh -c 'ulimit -n; ulimit -Hn' | xargs)" "123 456"
is "sysctl" "$(p run --rm "${none[@]}" --sysctl net.ipv4.ip_default_ttl=77 box cat /proc/sys/net/ipv4/ip_default_ttl)" 77
is "a device" "$(p run --rm "${none[@]}" --device /dev/null:/dev/mynull box sh -c 'test -c /dev/mynull && echo x >/dev/mynull && echo ok')" ok
is "user namespace" "$(p run --rm "${none[@]}" --uidmap 0:100000:65536 --gidmap 0:100000:65536 box cat /proc/self/uid_map | xargs)" \
        "0 100000 65536"
is "--init" "$(p run --rm "${none[@]}" --pid=host box sh -c 'test $$ != 1 && echo host')" host

# ---- a terminal ----

# podman sets the size beside the start: what runs first may see none, with every runtime.
exits "run -it" 4 in_terminal 30 "podman --tmpdir $test_dir/tmp --runtime $runtime run --rm -it --network none box \
        sh -c 'tty; until stty size 2>/dev/null; do sleep 0.05; done; exit 4'"
like "run -it: terminal" "$output" '^/dev/pts/0'
like "run -it: its size" "$output" '^31 81'

# ---- a life ----

limits=()
! { has_controller memory && has_controller pids; } || limits=(--memory 64m --pids-limit 99)
is "run -d" "$(p run -d --name life "${none[@]}" "${limits[@]}" box sh -c \
        'echo out; echo err >&2; trap "exit 3" TERM; while :; do sleep 0.1; done' | wc -c)" 65
id=$(p inspect life --format '{{.Id}}')
is "it runs in its scope" "$(systemctl is-active "libpod-$id.scope")" active
[ ${#limits[@]} = 0 ] || is "limits are the scope's" "$(systemctl show -P TasksMax "libpod-$id.scope") $(systemctl show -P MemoryMax "libpod-$id.scope")" "99 67108864"
is "inspect: status" "$(p inspect life --format '{{.State.Status}}')" running
pid=$(p inspect life --format '{{.State.Pid}}')
is "inspect: pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-5)" "sh -c"
ok "logs" eventually 5 sh -c "podman --tmpdir $test_dir/tmp logs life 2>/dev/null | grep -q out"
exits "exec" 5 p exec life sh -c 'echo inside; exit 5'
is "exec: output" "$output" inside
exits "exec of a program that is not there" 127 p exec life /nope
exits "exec of one that cannot be executed" 126 p exec life /etc/passwd
is "exec -i" "$(echo typed | p exec -i life cat)" typed
is "exec --user --env" "$(p exec -u 1000 -e A=b life sh -c 'echo $(id -u) $A')" "1000 b"
exits "exec -it" 6 in_terminal 30 "podman --tmpdir $test_dir/tmp --runtime $runtime exec -it life sh -c 'tty; exit 6'"
like "exec -it: terminal" "$output" '/dev/pts/[0-9]'
ok "exec -d" p exec -d life sleep 44
ok "exec -d: it runs" eventually 5 sh -c "podman --tmpdir $test_dir/tmp top life args | grep -q 'sleep 44'"
ok "pause" p pause life
is "paused" "$(p inspect life --format '{{.State.Status}}')" paused
ok "unpause" p unpause life
is "running" "$(p inspect life --format '{{.State.Status}}')" running
ok "start of a running one is nothing" p start life
ok "stop" within 8000 podman --tmpdir "$test_dir/tmp" --runtime "$runtime" stop -t 5 life
is "exit status in inspect" "$(p inspect life --format '{{.State.Status}} {{.State.ExitCode}}')" "exited 3"
is "wait" "$(p wait life)" 3
ok "restart" p restart life
ok "rm -f" p rm -f -t 1 life
scope_gone() { [ "$(systemctl show -P LoadState "$1")" = not-found ]; }
ok "the scope is gone" eventually 5 scope_gone "libpod-$id.scope"
ok "create and start" p create --name two "${none[@]}" box sh -c 'echo second'
is "start -a" "$(p start -a two)" second
ok "rm" p rm two
is "a payload that ends at once, twenty times" \
        "$(for _ in $(seq 20); do p run --rm "${none[@]}" box true || echo failed; done)" ""

# ---- pods ----

if p pod create --name pod --infra=false >/dev/null 2>&1; then
        ok "a container of a pod" p run -d --pod pod --name inpod "${none[@]}" box sleep 100
        ok "pod rm" p pod rm -f -t 0 pod
else
        skip "pods" "podman makes no pod here"
fi
is "nothing is left running" "$(p ps -aq | wc -l)" 0
rm -rf "$test_dir/store" /run/ctrunit-podman
set_end
