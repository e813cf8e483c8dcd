#!/bin/bash
# The life of podman's containers: create to rm, exec, logs, top, stats, wait, pause, update, health. See lib.sh.
# shellcheck disable=SC2016,SC2317,SC1091  # $ is for shells in containers; functions are called by name
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/podman-lib.sh"
podman_begin systemd

loop='trap "exit 3" TERM; while :; do sleep 0.05; done'

# ---- run -d to rm ----

is "run -d prints the id" "$(p run -d --name life "${none[@]}" box sh -c "echo out; echo err >&2; $loop" | wc -c)" 65
id=$(p inspect life --format '{{.Id}}')
is "it runs in its scope" "$(systemctl is-active "libpod-$id.scope")" active
is "the scope is in podman's slice" "$(systemctl show -P Slice "libpod-$id.scope")" machine.slice
is "inspect: status" "$(state_of life)" running
pid=$(pid_of life)
is "inspect: pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-5)" "sh -c"
is "inspect: runtime" "$(p inspect life --format '{{.OCIRuntime}}')" "$runtime"
is "inspect: the pid file's process is it" "$(cat "$(p inspect life --format '{{.PidFile}}')")" "$pid"
is "the process is in the scope" "$(sed -n 's/^0:://p' "/proc/$pid/cgroup" | grep -c "/libpod-$id.scope")" 1
like "ps" "$(p ps --format '{{.Names}} {{.Status}}')" '^life Up'
is "ps says what runs" "$(p ps --format '{{.Command}}' | cut -c1-5)" "sh -c"
ok "start of a running one is nothing" p start life
is "it is the same process" "$(pid_of life)" "$pid"
exits "rm of a running one" 2 p rm life
exits "run of a name in use" 125 p run --name life "${none[@]}" box true
ok "run --replace" p run -d --replace --name life "${none[@]}" box sh -c "echo out; echo err >&2; $loop"
ok "stop" within 8000 p stop -t 5 life
is "inspect: exit status" "$(p inspect life --format '{{.State.Status}} {{.State.ExitCode}}')" "exited 3"
is "wait of an ended one" "$(p wait life)" 3
ok "restart" p restart life
is "restart: running" "$(state_of life)" running
pid=$(pid_of life)
ok "restart of a running one" p restart -t 3 life
ok "restart: another process" test "$(pid_of life)" != "$pid"
ok "rm -f" p rm -f -t 1 life
scope_gone() { [ "$(systemctl show -P LoadState "$1")" = not-found ]; }
ok "the scope is gone" eventually 5 scope_gone "libpod-$id.scope"

# ---- create, init, start, kill ----

p create --name two "${none[@]}" box sh -c 'echo second; exit 21' >/dev/null
is "create: status" "$(state_of two)" created
ok "init" p init two
is "init: status" "$(state_of two)" initialized
ok "init: a process waits" test "$(pid_of two)" -gt 0
exits "start -a: exit status" 21 p start -a two
is "start -a: output" "$output" second
is "start -a again" "$(p start -a two)" second
ok "rm" p rm two
p create --name never "${none[@]}" box sleep 100 >/dev/null
ok "init, and rm without a start" p init never
ok "rm of an initialized one" p rm -f -t 0 never
is "ended by a signal at stop" "$(p run -d --name stubborn "${none[@]}" box sh -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done' >/dev/null
        eventually 5 logged stubborn ready; p stop -t 1 stubborn >/dev/null 2>&1; p wait stubborn)" 137
p rm stubborn >/dev/null
for signal in KILL:137 TERM:143 INT:130; do
        p run -d --name victim --init "${none[@]}" box sleep 100 >/dev/null
        eventually 5 sh -c "podman top victim comm | grep -q sleep"
        ok "kill -s ${signal%:*}" p kill -s "${signal%:*}" victim
        is "kill -s ${signal%:*}: exit status" "$(p wait victim)" "${signal#*:}"
        p rm victim >/dev/null
done
p run -d --name sig "${none[@]}" --stop-signal USR1 box sh -c 'trap "echo caught; exit 9" USR1; trap "echo hup" HUP; echo ready; while :; do sleep 0.05; done' >/dev/null
eventually 5 logged sig ready
ok "kill -s HUP, which is handled" p kill -s HUP sig
ok "the payload saw it" eventually 5 logged sig hup
ok "stop, with --stop-signal" p stop -t 5 sig
is "--stop-signal: exit status" "$(p wait sig)" 9
exits "kill of a stopped one" 125 p kill sig
like "kill of a stopped one: says so" "$output" 'can only kill running containers'
p rm sig >/dev/null
p run -d --name waited "${none[@]}" box sh -c 'sleep 0.5; exit 17' >/dev/null
is "wait while it runs" "$(p wait waited)" 17
p rm waited >/dev/null
for code in 125 126 127 143; do
        p run -d --name waited "${none[@]}" box sh -c "exit $code" >/dev/null
        is "wait: exit status $code" "$(p wait waited)" $code
        p rm waited >/dev/null
done
p run -d --name again --restart on-failure:2 "${none[@]}" box sh -c 'echo try; exit 1' >/dev/null
tried() { [ "$(p logs again | grep -c try)" = 3 ] && is_state again exited; }
ok "--restart on-failure:2" eventually 15 tried
is "restart count" "$(p inspect again --format '{{.RestartCount}}')" 2
p rm again >/dev/null
is "--rm removes it when it ends" "$(p run -d --rm --name gone "${none[@]}" box true >/dev/null; eventually 5 sh -c '! podman container exists gone' && echo gone)" gone

# ---- exec ----

p run -d --name e "${none[@]}" -e FROM=run box sleep 1000 >/dev/null
exits "exec" 5 p exec e sh -c 'echo inside; exit 5'
is "exec: output" "$output" inside
exits "exec of a program that is not there" 127 p exec e /nope
exits "exec of one that is not in PATH" 127 p exec e nope
exits "exec of one that cannot be executed" 126 p exec e /etc/passwd
exits "exec: ended by a signal" 137 p exec e sh -c 'kill -9 $$'
is "exec -i" "$(echo typed | p exec -i e cat)" typed
is "exec: standard error" "$(p exec e sh -c 'echo err >&2' 2>&1 >/dev/null)" err
is "exec --user --env --workdir" "$(p exec -u 1000:5 -e A=b -w /tmp e sh -c 'echo $(id -u):$(id -g) $A $FROM $PWD')" "1000:5 b run /tmp"
is "exec --preserve-fds" "$(echo data >"$test_dir/fd3"; p exec --preserve-fds 1 e sh -c 'cat <&3' 3<"$test_dir/fd3")" data
is "exec --privileged" "$(p exec --privileged e sed -n 's/^CapEff:\t//p' /proc/self/status)" "$(sed -n 's/^CapBnd:\t//p' /proc/1/status)"
is "exec has the container's filter" "$(p exec e sed -n 's/^Seccomp:\t//p' /proc/self/status)" 2
is "exec has the container's namespaces" "$(p exec e sh -c 'for n in pid net mnt; do readlink /proc/self/ns/$n; done' | xargs)" \
        "$(readlink "/proc/$(pid_of e)/ns/pid" "/proc/$(pid_of e)/ns/net" "/proc/$(pid_of e)/ns/mnt" | xargs)"
is "exec is in the container's cgroup" "$(p exec e sed -n s/^0:://p /proc/self/cgroup)" /
exits "exec -it" 6 in_terminal 30 "podman exec -it e sh -c 'tty; until stty size 2>/dev/null | grep .; do sleep 0.05; done; exit 6'"
like "exec -it: terminal" "$output" '^/dev/pts/[0-9]'
like "exec -it: its size" "$output" '^31 81'
like "exec -t: it is the controlling terminal" "$(p exec -t e sh -c 'echo controlled >/dev/tty')" controlled
ok "exec -d" p exec -d e sleep 44
ok "exec -d: it runs" eventually 5 sh -c "podman top e args | grep -q 'sleep 44'"
ok "exec -it -d" p exec -it -d e sh -c 'tty >/tmp/tty; sleep 43'
ok "exec -it -d: it has a terminal" eventually 5 sh -c "podman exec e cat /tmp/tty | grep -q '^/dev/pts/'"
ok "exec -it -d: it runs" eventually 5 sh -c "podman top e args | grep -q 'sleep 43'"
many() { for i in $(seq 10); do p exec e echo "$i" & done | sort -n | xargs; }
is "ten execs at once" "$(many)" "1 2 3 4 5 6 7 8 9 10"
is "top" "$(p top e pid comm | tail -n +2 | head -1 | xargs)" "1 sleep"
is "top: host's pids" "$(p top e hpid | tail -n +2 | head -1 | xargs)" "$(pid_of e)"
like "stats" "$(p stats --no-stream --format '{{.Name}} {{.CPUPerc}}' e)" '^e +[0-9.]+%'
like "container inspect: cgroup" "$(p inspect e --format '{{.State.CgroupPath}}')" 'libpod-.*\.scope'
is "cp into it" "$(echo copied >"$test_dir/c"; p cp "$test_dir/c" e:/tmp/c; p exec e cat /tmp/c)" copied
is "cp out of it" "$(p exec e sh -c 'echo back >/tmp/b'; p cp e:/tmp/b "$test_dir/b"; cat "$test_dir/b")" back
# Of "podman diff e" an image whose id begins so would be meant.
like "diff" "$(p container diff e)" '^A /tmp/c'

# ---- pause ----

ok "pause" p pause e
is "pause: status" "$(state_of e)" paused
exits "exec in a paused one" 255 p exec e true
exits "stop of a paused one" 125 p stop -t 1 e
ok "unpause" p unpause e
is "unpause: status" "$(state_of e)" running
is "exec after it" "$(p exec e echo back)" back
exits "unpause of a running one" 125 p unpause e
ok "stop ends execs, too" p stop -t 0 e
exits "exec in a stopped one" 255 p exec e true
exits "pause of a stopped one" 125 p pause e
p rm -f -t 0 e >/dev/null

# ---- logs ----

for driver in k8s-file journald; do
        p run -d --name logger --log-driver $driver "${none[@]}" box sh -c 'echo one; echo two >&2; echo three; sleep 100' >/dev/null
        ok "logs: $driver" eventually 10 logged logger three
        is "logs: $driver: every line" "$(p logs logger 2>&1 | sort | xargs)" "one three two"
        is "logs: $driver: --tail" "$(p logs --tail 1 logger 2>&1 | wc -l)" 1
        p rm -f -t 0 logger >/dev/null
done
is "logs -f ends with the container" "$(p run -d --name f "${none[@]}" box sh -c 'echo a; sleep 0.5; echo b' >/dev/null; p logs -f f | xargs)" "a b"
p rm f >/dev/null
# It writes until it is told, by a file, that it has been heard.
p run -d --name at "${none[@]}" box sh -c 'until [ -e /heard ]; do echo tick; sleep 0.05; done; echo last; exit 12' >/dev/null
p attach at >"$test_dir/attached" 2>&1 & client=$!
ok "attach" eventually 10 grep -q tick "$test_dir/attached"
p exec at touch /heard
wait $client
is "attach: to the end" "$(grep -cx last "$test_dir/attached")" 1
is "attach: the container's exit status" "$(p wait at)" 12
p rm -f at >/dev/null

# ---- health ----

p run -d --name well --health-cmd 'test -e /ok' --health-interval 1s --health-retries 2 --health-start-period 0s "${none[@]}" box \
        sh -c 'touch /ok; sleep 100' >/dev/null
health() { [ "$(p inspect well --format '{{.State.Health.Status}}')" = "$1" ]; }
ok "healthcheck run" eventually 5 p healthcheck run well
ok "the timer finds it healthy" eventually 10 health healthy
p exec well rm /ok
ok "and unhealthy" eventually 15 health unhealthy
exits "healthcheck run fails" 1 p healthcheck run well
p rm -f -t 0 well >/dev/null

# ---- rootless hooks, events, other files ----

mkdir "$test_dir/hooks"
cat >"$test_dir/hooks/record" <<'H'
#!/bin/sh
state=$(cat)
echo "$1 $(echo "$state" | jq -r .status)" >>"$2"
H
chmod +x "$test_dir/hooks/record"
cat >"$test_dir/hooks/h.json" <<H
{ "version": "1.0.0", "hook": { "path": "$test_dir/hooks/record", "args": [ "record", "HOOK", "$test_dir/hooked" ] },
  "when": { "always": true }, "stages": [ "prestart", "createRuntime", "poststart", "poststop" ] }
H
ok "--hooks-dir" limited 60 podman --runtime "$runtime" --hooks-dir "$test_dir/hooks" run --rm "${none[@]}" box true
is "every hook ran" "$(grep -c HOOK "$test_dir/hooked")" 4
like "events" "$(p events --stream=false --since 10m --filter event=died --format '{{.ContainerExitCode}}')" '^17$'
is "--cidfile and --pidfile" "$(p run -d --cidfile "$test_dir/cid" --pidfile "$test_dir/pidfile" "${none[@]}" box sleep 100 >/dev/null
        [ "$(pid_of "$(cat "$test_dir/cid")")" = "$(cat "$test_dir/pidfile")" ] && echo same)" same
p rm -f -t 0 "$(cat "$test_dir/cid")" >/dev/null
is "commit" "$(p run --name c "${none[@]}" box sh -c 'echo changed >/f'; p commit -q c changed >/dev/null; run changed cat /f)" changed
p rm c >/dev/null
is "export" "$(p create --name x "${none[@]}" box true >/dev/null; p export x | tar -t | grep -c '^etc/passwd$')" 1
p rm x >/dev/null

podman_end
