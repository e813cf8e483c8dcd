#!/bin/bash
# Terminals of containers, and the descriptors that a caller hands down.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
pty() { timeout 240 python3 "$here/pty.py" "$@"; }
quiet() { "$@" </dev/null >/dev/null 2>"$test_dir/quiet" || { cat "$test_dir/quiet"; return 1; }; }
script='tty; stty size; echo "console $(stat -c %t:%T /dev/console) tty $(stat -c %t:%T $(tty)) owner $(stat -c %u $(tty))"
        echo "sid $(ps -o pid,sid 2>/dev/null | head -1)"; read line; echo "read:$line"; exit 5'
shell() { jq -nc --arg s "$1" '["/bin/sh","-c",$s]'; }
socket=$test_dir/s

# ---- a console socket, in every mode ----

n=0
for call in "ctrctl" "ctr-runtime --systemd-cgroup" "ctr-runtime"; do
        n=$((n + 1))
        id=con$n
        read -ra command <<<"$call"
        b=$(bundle $id ".process.terminal=true | .process.consoleSize={height:33,width:99} | .process.user.uid=1000
                | .process.args=$(shell "$script")")
        out=$(echo hello | pty socket "$socket$n" sh -c \
                "$call create --bundle $b --console-socket $socket$n --pid-file $test_dir/pid$n $id && $call start $id"); rc=$?
        is "$call: create and start" $rc 0
        like "$call: the name of the terminal comes along" "$out" '^name=/dev/pts/0'
        like "$call: consoleSize is there before the program" "$out" '^size=33 99'
        like "$call: ttyname inside" "$out" '^/dev/pts/0'
        like "$call: size inside" "$out" '^33 99'
        like "$call: /dev/console is the terminal, which is the user's" "$out" '^console 88:0 tty 88:0 owner 1000'
        like "$call: what is typed arrives" "$out" '^read:hello'
        ok "$call: delete" "${command[@]}" delete -f $id
done

# containerd's shim reads the output of create to its end before it calls start.
b=$(bundle piped '.process.terminal=true')
for call in "ctr-runtime --systemd-cgroup" "ctr-runtime"; do
        ok "$call: nothing that waits at the gate holds the caller's output" pty socket "$test_dir/pipe" sh -c \
                "$call create --bundle $b --console-socket $test_dir/pipe piped 2>&1 | timeout 120 cat; rc=\$?
                ctr-runtime delete -f piped; rm $test_dir/pipe; exit \$rc"
done

b=$(bundle notty '.')
exits "a console socket without a terminal" 1 ctr-runtime create --bundle "$b" --console-socket "$socket" notty
like "says so" "$output" 'cannot use console socket if the runtime will not detach or allocate tty'
b=$(bundle tty '.process.terminal=true')
exits "a terminal without a console socket" 1 ctr-runtime create --bundle "$b" tty
like "says so too" "$output" 'cannot allocate tty if the runtime will detach without setting console socket'
exits "the same for run --detach" 1 ctrctl run -d --bundle "$b" tty
exits "a console socket for an attached run" 1 ctrctl run --console-socket "$socket" --bundle "$b" tty
exits "a console socket that is not there" 1 ctrctl create --console-socket /nowhere --bundle "$b" tty
b=$(bundle nopts '.process.terminal=true | del(.mounts[] | select(.type == "devpts"))')
out=$(pty socket "$test_dir/np" ctrctl create --bundle "$b" --console-socket "$test_dir/np" nopts 2>&1)
like "a terminal without devpts" "$out" 'console: .*devpts'
ok "nothing is left of those" nothing_left tty
ok "nor of this" nothing_left nopts

# A window that changes its size while the container starts, which the hook makes slow: no reason not to start.
b=$(bundle slow ".hooks.createRuntime=[{path:\"/bin/sh\",args:[\"sh\",\"-c\",\"touch $test_dir/starting; sleep 1\"]}] | .process.args=[\"/bin/true\"]")
ctrctl run --bundle "$b" slow </dev/null >"$test_dir/slow-output" 2>&1 &
slow_pid=$!
ok "SIGWINCH while it starts: starting" eventually 10 test -e "$test_dir/starting"
kill -WINCH $slow_pid
wait $slow_pid
is "SIGWINCH while it starts: it runs to its end" "$? $(cat "$test_dir/slow-output")" "0 "
rm -f "$test_dir/starting"
ctrctl run --bundle "$b" slow </dev/null >"$test_dir/slow-output" 2>&1 &
slow_pid=$!
ok "SIGTERM while it starts: starting" eventually 10 test -e "$test_dir/starting"
kill -TERM $slow_pid
wait $slow_pid
is "SIGTERM while it starts: given up" "$?" 143
ok "SIGTERM while it starts: nothing is left" nothing_left slow

# ---- what an image does to the way ----

make_rootfs "$test_dir/evil"
echo canary >"$test_dir/evil/canary"
rm -rf "$test_dir/evil/dev" && mkdir "$test_dir/evil/dev" && ln -s /canary "$test_dir/evil/dev/console"
b=$(bundle evil ".root.path=\"$test_dir/evil\" | .process.terminal=true | .process.args=$(shell 'cat /canary; mount | grep -c canary; exit 0')
        | .mounts |= map(select(.destination | startswith(\"/dev\") | not)) + [{destination:\"/dev/pts\",type:\"devpts\",source:\"devpts\",options:[\"newinstance\",\"ptmxmode=0666\"]}]")
out=$(pty run 24 80 ctrctl run --bundle "$b" evil </dev/null)
ok "a link at /dev/console gets nothing mounted" test "$(cat "$test_dir/evil/canary")" = canary
ok "nor does the host" test ! -e /canary

# ---- attached ----

for call in "ctrctl" "ctr-runtime --systemd-cgroup"; do
        b=$(bundle att ".process.terminal=true | .process.args=$(shell 'stty size; echo ready; read line; echo "read:$line"; while [ "$(stty size)" = "25 90" ]; do sleep 0.05; done; stty size; exit 42')")
        read -ra command <<<"$call"
        out=$(echo hello | pty run 25 90 "${command[@]}" run --bundle "$b" att); rc=$?
        is "$call run: exit status" $rc 42
        like "$call run: size of the caller's terminal" "$out" '^25 90'
        like "$call run: what is typed arrives" "$out" '^read:hello'
        like "$call run: the size follows" "$out" '^50 100'
        like "$call run: our terminal is as before" "$out" '^restored=True'
        b=$(bundle brk ".process.terminal=true | .process.args=$(shell 'trap "echo caught; exit 9" INT; echo ready; while :; do sleep 0.1; done')")
        out=$(printf '\003' | pty run 25 90 "${command[@]}" run --bundle "$b" brk); rc=$?
        is "$call run: ^C is the payload's" $rc 9
        like "$call run: and its handler's" "$out" 'caught'
done
b=$(bundle pipe ".process.terminal=true | .process.args=$(shell 'cat; tty')")
is "run: standard input may be a pipe" "$(echo text | ctrctl run --bundle "$b" pipe | tr -d '\r' | grep -c text)" 2

# ---- exec ----

b=$(bundle ex '.')
ok "exec: a container" quiet ctr-runtime --systemd-cgroup run -d --bundle "$b" ex
out=$(echo hello | pty run 26 91 ctr-runtime exec -t ex /bin/sh -c 'tty; stty size; echo ready; read line; echo "read:$line"; exit 8'); rc=$?
is "exec -t: exit status" $rc 8
like "exec -t: a terminal of the container" "$out" '^/dev/pts/[0-9]'
like "exec -t: size" "$out" '^26 91'
like "exec -t: what is typed arrives" "$out" '^read:hello'
jq -n '{terminal:true, consoleSize:{height:20,width:70}, user:{uid:0,gid:0}, cwd:"/", env:["PATH=/bin"],
        args:["/bin/sh","-c","stty size; read line; echo read:$line"]}' >"$test_dir/process.json"
out=$(echo hello | pty socket "$test_dir/es" ctr-runtime exec --process "$test_dir/process.json" --detach --tty \
        --pid-file "$test_dir/ep" --console-socket "$test_dir/es" ex); rc=$?
is "exec --process --detach --console-socket" $rc 0
like "exec: consoleSize" "$out" '^size=20 70'
like "exec: what is typed arrives" "$out" '^read:hello'
like "exec: pid file" "$(cat "$test_dir/ep")" '^[0-9]+$'
exits "exec: a terminal, detached, without a socket" 255 ctr-runtime exec -t -d ex /bin/true
exits "exec: no terminal is left behind" 1 ctr-runtime exec ex /bin/sh -c 'test -e /dev/pts/3'
ctr-runtime delete -f ex

# ---- descriptors ----

for call in "ctrctl" "ctr-runtime --systemd-cgroup"; do
        read -ra command <<<"$call"
        b=$(bundle fds ".process.args=$(shell 'cat <&3; cat <&4; ls /proc/self/fd | wc -l; echo "fds=$LISTEN_FDS"')")
        echo three >"$test_dir/three"
        echo four >"$test_dir/four"
        out=$("${command[@]}" run --preserve-fds 2 --bundle "$b" fds 3<"$test_dir/three" 4<"$test_dir/four" 5</etc/passwd)
        is "$call: --preserve-fds 2" "$(head -2 <<<"$out" | xargs)" "three four"
        is "$call: and no others" "$(sed -n 3p <<<"$out")" 6
        is "$call: no LISTEN_FDS for those" "$(sed -n 4p <<<"$out")" "fds="
        exits "$call: a closed one is an error" 1 "${command[@]}" run --preserve-fds 7 --bundle "$b" fds
        b=$(bundle listen ".process.args=$(shell 'echo "$LISTEN_FDS $LISTEN_PID <$LISTEN_FDNAMES>"; cat <&3')")
        out=$(sh -c "LISTEN_FDS=1 LISTEN_PID=\$\$ exec $call run --bundle $b listen 3<$test_dir/three")
        is "$call: LISTEN_FDS goes through" "$(xargs <<<"$out")" "1 1 <> three"
        out=$(sh -c "LISTEN_FDS=2 LISTEN_FDNAMES=web:unix LISTEN_PID=\$\$ exec $call run --bundle $b listen 3<$test_dir/three 4<$test_dir/four")
        is "$call: LISTEN_FDNAMES goes through" "$(xargs <<<"$out")" "2 1 <web:unix> three"
        out=$(sh -c "LISTEN_FDS=1 LISTEN_FDNAMES=web:unix LISTEN_PID=\$\$ exec $call run --bundle $b listen 3<$test_dir/three")
        is "$call: LISTEN_FDNAMES of another number of sockets does not" "$(xargs <<<"$out")" "1 1 <> three"
        b=$(bundle nolisten ".process.args=$(shell 'echo "<$LISTEN_FDS$LISTEN_FDNAMES$LISTEN_PID>"')")
        is "$call: not when it is meant for another process" \
                "$(LISTEN_FDS=1 LISTEN_FDNAMES=a LISTEN_PID=1 "${command[@]}" run --bundle "$b" nolisten)" "<>"
        b=$(bundle pidfd '.')
        out=$(pty socket-fd "$test_dir/pf-${call%% *}" sh -c "$call run -d --bundle $b --pid-file $test_dir/pp \
                --pidfd-socket $test_dir/pf-${call%% *} pidfd >/dev/null 2>&1")
        like "$call: --pidfd-socket" "$out" '^Pid:'
        is "$call: it is the payload" "$(awk '{print $2}' <<<"$out")" "$(cat "$test_dir/pp")"
        "${command[@]}" delete -f pidfd
done
ok "exec --preserve-fds" quiet ctrctl run -d --bundle "$(bundle efd '.')" efd
is "exec --preserve-fds" "$(ctrctl exec --preserve-fds 1 efd /bin/sh -c 'cat <&3' 3<"$test_dir/three")" three
ctrctl delete -f efd
done_testing
