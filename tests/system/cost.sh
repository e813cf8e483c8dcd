#!/bin/bash
# What one attached run costs in things that can be counted: system calls and bus messages, which no load of the
# machine changes. Bounds are a little above what it takes; doc/performance.md says what they are made of.
. "$(dirname "$0")/lib.sh"

exec 3>&1
dir=$(bundle cost '.process.args=["/bin/true"]')
trace=$test_dir/trace

at_most() { # LIMIT NUMBER
        echo "# $2, at most $1" >&3
        echo "$2, at most $1"
        [ "$2" -gt 0 ] && [ "$2" -le "$1" ]
}

# The first run of a boot makes directories; it does not count.
ok "it runs" ctrctl run --bundle "$dir" cost-0

strace -f -o "$trace" ctrctl run --bundle "$dir" cost-1
ok "system calls of ctrctl run" at_most 260 "$(grep -c '(' "$trace")"
# The thread that makes PID 1's wait for a move begin early has descriptors of its own: none is taken for the caller's.
mover=$(awk '/cgroup\.procs", O_WRONLY/ { print $1 }' "$trace")
is "one thread begins the wait for a move" "$(wc -w <<<"$mover")" 1
is "which has no descriptor in common with us" "$(awk -v mover="$mover" '$1 == mover && /unshare\(CLONE_FILES/ { own = 1 } $1 == mover && /cgroup\.procs/ { print own + 0; exit }' "$trace")" 1
is "a run needs no library" "$(grep -c 'execve(' "$trace")" 1
# Who closes an inotify watch, or ends with one, waits 10 to 25 ms for the kernel.
is "a run watches nothing by inotify" "$(grep -c 'inotify' "$trace")" 0
# An engine's: ctr-runtime, ctr-exec from its read-only clone, the payload. A caller that is late has ctr-exec executed anew.
strace -f -o "$trace" ctr-runtime --systemd-cgroup run --bundle "$dir" cost-scope
late=$(grep -c 'execve("[^"]*/ctr-exec"' "$trace")
is "a run of an engine executes three programs" "$(($(grep -cE 'execve(at)?\(' "$trace") - 2 * late))" 3
is "ctr-exec among them from a clone" "$(grep -c 'execve("/proc/self/fd/[0-9]*", \["[^"]*/ctr-exec", "--cloned"' "$trace")" 1

# ctr-exec is PID 1's child and its clone too: trace them there, from the execve of ctr-exec on.
strace -f -o "$trace" -p 1 2>/dev/null &
tracer=$!
eventually 5 grep -q TracerPid:.*[1-9] /proc/1/status
ctrctl run --bundle "$dir" cost-2
sleep 0.2
kill $tracer
wait $tracer 2>/dev/null
helper=$(awk '/execve\("[^"]*ctr-exec"/ { print $1; exit }' "$trace")
clone=$(awk -v helper="$helper" '$1 == helper && /clone3\(/ { match($0, /=> \{parent_tid|= [0-9]+/); print $NF; exit }' "$trace")
[[ $clone =~ ^[0-9]+$ ]] || clone=$(awk -v helper="$helper" '$1 > helper && /pivot_root/ { print $1; exit }' "$trace")
calls_of() { # PID FROM-PATTERN
        awk -v pid="$1" -v from="$2" '$1 == pid && $0 ~ from { on = 1 } $1 == pid && on && /[a-z0-9_]+\(/ { n++ } END { print n + 0 }' "$trace"
}
# Seven ask whether the device rules are there.
ok "system calls of ctr-exec" at_most 195 "$(calls_of "$helper" 'execve\(')"
ok "system calls of its clone" at_most 420 "$(calls_of "$clone" '.')"

# The bus keeps the order: when the monitor has heard the question that follows, it has heard all that was before. The
# question is a connection of its own: two calls, two signals before it.
busctl monitor --system >"$trace" 2>"$test_dir/monitor" &
monitor=$!
eventually 5 grep -q 'Monitoring bus message stream' "$test_dir/monitor"
ctrctl run --bundle "$dir" cost-3
busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus NameHasOwner s the.end >/dev/null
ok "the monitor heard all" eventually 5 grep -q 'the\.end' "$trace"
kill "$monitor"
wait "$monitor" 2>/dev/null
heard=$(sed '/the\.end/q' "$trace")
ok "method calls on the bus, of all" at_most 8 "$(($(grep -c 'Type=method_call' <<<"$heard") - 2))"
ok "signals on the bus" at_most 28 "$(($(grep -c 'Type=signal' <<<"$heard") - 2))"

# The verbs of every day load no library, and start no other program; a bus they need is two writes away.
ctrctl run --detach --bundle "$(bundle sleeper)" cost-verbs
calls_of_verb() { # LIMIT VERB...
        local limit=$1
        shift
        strace -f -o "$trace" ctrctl "$@" >/dev/null || return 1
        [ "$(grep -c 'execve(' "$trace")" = 1 ] && at_most "$limit" "$(grep -c '(' "$trace")"
}
ok "system calls of state" calls_of_verb 45 state cost-verbs
ok "system calls of kill" calls_of_verb 45 kill cost-verbs CONT
ok "system calls of ps" calls_of_verb 60 ps --format json cost-verbs
ok "system calls of pause" calls_of_verb 60 pause cost-verbs
is "it is paused" "$(status_of cost-verbs)" paused
ok "system calls of resume" calls_of_verb 60 resume cost-verbs
is "and runs again" "$(status_of cost-verbs)" running
# exec: ctr-exec is born in the container's cgroup, as a move waits for the kernel; its clone, which others in the
# container see, must not be born with a descriptor of a host's directory.
strace -f -o "$trace" ctrctl exec cost-verbs /bin/true </dev/null
is "exec moves nobody" "$(grep -c 'write(.*"0", 1)' "$trace")" 0
caller=$(head -1 "$trace" | cut -d' ' -f1)
is "one clone is born in the cgroup, by the caller" "$(awk '/CLONE_INTO_CGROUP/ { print $1 }' "$trace")" "$caller"
is "a plain exec needs no library" "$(grep -cE 'ctrunit/ctrctl|\.so' "$trace")" 0
strace -f -o "$trace" ctrctl exec --env A=B cost-verbs /bin/true </dev/null
is "nor does one with options" "$(grep -c 'write(.*"0", 1)' "$trace")" 0
is "in the container's cgroup" "$(ctrctl exec cost-verbs /bin/cat /proc/self/cgroup)" "$(ctrctl exec cost-verbs /bin/cat /proc/1/cgroup)"
# delete: the processes are dead before the bus is connected to.
strace -f -s 300 -o "$trace" ctrctl delete -f cost-verbs
killed=$(grep -nE 'pidfd_send_signal.*SIGKILL|cgroup\.kill' "$trace" | head -1 | cut -d: -f1)
connected=$(grep -n 'connect(.*system_bus_socket' "$trace" | head -1 | cut -d: -f1)
ok "delete kills before it connects" test "${killed:-0}" -gt 0 -a "${killed:-0}" -lt "${connected:-0}"
ok "writes to the bus of delete -f" at_most 2 "$(grep -cE 'send(msg|to)\(' "$trace")"
is "and it needs no library" "$(grep -cE 'ctrunit/ctrctl|\.so' "$trace")" 0
is "delete -f watches nothing by inotify" "$(grep -c 'inotify' "$trace")" 0
ok "delete -f begins the wait for a move" grep -q 'cgroup\.procs", O_WRONLY' "$trace"
# One that ended well is gone from PID 1 already: nobody needs to be asked.
ctrctl run --detach --bundle "$(bundle ended '.process.args=["/bin/true"]')" cost-ended
ok "systemd forgets a unit that ended well" eventually 5 test ! -e /run/systemd/transient/ctr@cost-ended.service
is "the container is still known" "$(status_of cost-ended)" stopped
strace -f -o "$trace" ctrctl delete cost-ended
is "its deletion asks nobody" "$(grep -c 'connect(' "$trace")" 0
ok "nothing is left of it" nothing_left cost-ended
# One that failed is kept by PID 1 for people to look at, until it is deleted.
ctrctl run --detach --bundle "$(bundle failed '.process.args=["/bin/ctr-probe","exit","3"]')" cost-failed
ok "systemd keeps a failed one" eventually 5 systemctl is-failed --quiet ctr@cost-failed.service
ok "it is deleted" ctrctl delete cost-failed
ok "systemd does not know it any more" test ! -e /run/systemd/transient/ctr@cost-failed.service
is "its name is free" "$(systemctl show -p LoadState --value ctr@cost-failed.service)" not-found
ok "nothing is left of it either" nothing_left cost-failed

# A list asks nobody: a record, a process and a file of a cgroup for each container, however many there are.
for i in 1 2 3 4 5 6 7 8; do ctrctl run --detach --bundle "$(bundle sleeper)" "cost-list-$i"; done
strace -f -o "$trace" ctrctl list >/dev/null
few=$(grep -c '(' "$trace")
is "no connection and no process for a list" "$(grep -cE '(connect|clone3?|v?fork)\(' "$trace")" 0
for i in 9 10 11 12 13 14 15 16; do ctrctl run --detach --bundle "$(bundle sleeper)" "cost-list-$i"; done
strace -f -o "$trace" ctrctl list >/dev/null
is "nor a look at all locks of the machine, for which the kernel waits" "$(grep -c '/proc/locks' "$trace")" 0
ok "system calls of a list for each container" at_most 9 $((($(grep -c '(' "$trace") - few + 7) / 8))
is "it has all of them" "$(ctrctl list | grep -c '^cost-list-[0-9]* .* running ')" 16
for i in $(seq 1 16); do ctrctl delete -f "cost-list-$i"; done

# Cheap must not mean wrong: the status is exact however soon the payload ends.
wrong=0
for i in $(seq 1 150); do
        jq --argjson code $((i % 256)) '.process.args=["/bin/ctr-probe","exit",($code|tostring)]' "$dir/config.json" >"$dir/exit.json"
        ctrctl run --bundle "$dir" --config exit.json "cost-exit-$i" >/dev/null
        [ $? = $((i % 256)) ] || wrong=$((wrong + 1))
done
is "exit status of 150 payloads that end at once" "$wrong" 0
ok "nothing of the last is left" nothing_left cost-exit-150

# And whoever kills ctrctl at any moment gets rid of the rest by the id alone.
left=0
for i in $(seq 1 20); do
        ctrctl run --bundle "$dir" "cost-kill-$i" 2>/dev/null &
        sleep "0.0$((i * 4 % 60 / 10))$((i * 4 % 10))"
        kill -KILL $! 2>/dev/null
        wait $! 2>/dev/null
        eventually 5 ctrctl delete -f "cost-kill-$i" >/dev/null 2>&1
        nothing_left "cost-kill-$i" || left=$((left + 1))
done
is "nothing is left after 20 killed callers" "$left" 0

# An attached container has no journal stream, and a failed start is in the journal all the same.
dir=$(bundle missing '.process.args=["/bin/no-such-program"]')
exits "a program that does not exist" 127 ctrctl run --bundle "$dir" cost-missing
said() { journalctl -q --no-pager -o cat -u ctr@cost-missing.service | grep -q 'ctrunit: cost-missing: .*no-such-program'; }
ok "the unit's journal says why" eventually 5 said

# Filters are compiled once.
dir=$(bundle filtered '.process.args=["/bin/true"] | .linux.seccomp={defaultAction:"SCMP_ACT_ALLOW",
        syscalls:[{names:["kexec_load","ptrace"],action:"SCMP_ACT_ERRNO"}]}')
rm -rf /run/ctrunit/bpf
ok "a filtered container runs" ctrctl run --bundle "$dir" cost-filter-1
is "its filter is kept" "$(find /run/ctrunit/bpf -type f | wc -l)" 1
is "for root alone" "$(stat -c %a:%u /run/ctrunit/bpf)" 700:0
entry=$(find /run/ctrunit/bpf -type f)
inode=$(stat -c %i "$entry")
ok "another one runs" ctrctl run --bundle "$dir" cost-filter-2
is "with the same" "$(stat -c %i "$entry")" "$inode"
truncate -s 20 "$entry"
ok "with a damaged one it runs too" ctrctl run --bundle "$dir" cost-filter-3
ok "and it is whole again" test "$(stat -c %s "$entry")" -gt 20
ok "--root has its own" ctrctl --root "$test_dir/root" run --bundle "$dir" cost-filter-4
is "kept there" "$(find "$test_dir/root/bpf" -type f | wc -l)" 1

done_testing
