#!/bin/bash
# exec: another process in a container has the container's policy, its caller's streams, and an exact exit status.
. "$(dirname "$0")/lib.sh"

dir=$(bundle x '.process.args=["/bin/sleep","1000"]|.process.rlimits=[{"type":"RLIMIT_NOFILE","soft":77,"hard":99}]
        |.linux.seccomp={"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"}]}')
exits "in nothing" 255 ctrctl exec x true
ok "run" ctrctl run -d --bundle "$dir" x

exits "exit code" 9 ctrctl exec x sh -c 'exit 9'
exits "a missing program" 255 ctrctl exec x /nope
like "says why" "$output" '/nope.*no such file or directory'
# shellcheck disable=SC2016
exits "killed by a signal" 137 ctrctl exec x sh -c 'kill -KILL $$'
is "streams" "$(echo in | ctrctl exec x sh -c 'cat; echo err >&2' 2>&1 | paste -sd' ')" "in err"
is "inside the container" "$(ctrctl exec x hostname)" test
# shellcheck disable=SC2016
is "in its pid namespace, as another process" "$(ctrctl exec x sh -c 'echo $PPID; cat /proc/1/comm' | paste -sd' ')" "0 sleep"
is "in its cgroup" "$(ctrctl exec x grep ^0:: /proc/self/cgroup)" "0::/"
is "only descriptors 0, 1, 2" "$(ctrctl exec x sh -c 'ls /proc/self/fd | wc -l' 7</etc/passwd)" 4

# ---- the policy of the container ----

status() { ctrctl exec x grep -E "^($1):" /proc/self/status | awk '{ print $2 }' | paste -sd' '; }
is "no_new_privs and seccomp" "$(status 'NoNewPrivs|Seccomp')" "1 2"
is "capabilities" "$(status 'CapInh|CapPrm|CapEff|CapBnd|CapAmb')" \
        "0000000000000000 0000000000000420 0000000000000420 0000000000000420 0000000000000000"
exits "the filter" 1 ctrctl exec x mkdir /tmp/new
is "limits" "$(ctrctl exec x sh -c 'ulimit -Sn; ulimit -Hn' | paste -sd' ')" "77 99"

# A command alone gets its program from the container's own, anything more from the configuration: both are one policy.
# shellcheck disable=SC2016
everything() { # CTRCTL OPTION...
        "$1" exec "${@:2}" x sh -c 'grep -E "^(Umask|Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|SigBlk|SigIgn|SigCgt|Cpus_allowed)" /proc/self/status
                cat /proc/self/limits /proc/self/cgroup /proc/self/oom_score_adj
                for n in /proc/self/ns/*; do readlink "$n"; done; env | sort; pwd; ls /proc/self/fd'
}
plain=$(everything ctrctl)
is "a plain exec and one of the whole program" "$plain" "$(everything /usr/lib/ctrunit/ctrctl)"
is "and one with an option" "$plain" "$(everything ctrctl --cwd /)"
like "it says something" "$plain" 'Seccomp:.*2'
sed -i '/plainExec/d' "$state_root/x/state.json"
is "of a container that an older version made" "$(everything ctrctl)" "$plain"
chmod 0 "$state_root/x/program"
printf damaged >"$state_root/x/program"
is "of one whose program is damaged" "$(everything ctrctl)" "$plain"

# ---- options ----

is "--cwd" "$(ctrctl exec --cwd /tmp x pwd)" /tmp
# shellcheck disable=SC2016
is "--env" "$(ctrctl exec -e A=1 --env B='two words' x sh -c 'echo "$A $B $PATH"')" "1 two words /bin:/usr/bin"
# shellcheck disable=SC2016
is "--env replaces" "$(ctrctl exec -e PATH=/bin x sh -c 'echo $PATH')" "/bin"
is "--user" "$(ctrctl exec --user 12:34 x sh -c 'id -u; id -g' | paste -sd' ')" "12 34"
is "--user without a group" "$(ctrctl exec -u 12 x sh -c 'id -u; id -g' | paste -sd' ')" "12 0"
for bad in 1x -1 4294967295 4294967296 "" : 1: root 0x10; do
        exits "--user \"$bad\" is refused" 255 ctrctl exec --user="$bad" x true
done
is "--additional-gids" "$(ctrctl exec -g 5 -g 6 x sh -c 'grep ^Groups /proc/self/status' | tr -s '\t ' ' ')" "Groups: 5 6 "
is "--cap" "$(ctrctl exec --cap CAP_SYS_CHROOT x grep CapEff /proc/self/status | awk '{ print $2 }')" 0000000000040420
exits "--cap of nothing known" 255 ctrctl exec --cap CAP_FOO x true
exits "a command is needed" 255 ctrctl exec x
exits "--env without a name" 255 ctrctl exec -e =x x true

cat >"$test_dir/process.json" <<'JSON'
{ "args": [ "sh", "-c", "id -u; pwd; exit 4" ], "cwd": "/tmp", "env": [ "PATH=/bin" ], "user": { "uid": 3, "gid": 4 } }
JSON
exits "--process" 4 ctrctl exec --process "$test_dir/process.json" x
is "its user and directory" "$output" $'3\n/tmp'
jq '.args=["sh","-c","ulimit -Sn; ulimit -Hn"]' "$test_dir/process.json" >"$test_dir/limits.json"
is "--process: limits that it leaves out are the container's" "$(ctrctl exec --process "$test_dir/limits.json" x | paste -sd' ')" "77 99"
jq '.rlimits=[{type:"RLIMIT_NOFILE",soft:55,hard:66}]' "$test_dir/limits.json" >"$test_dir/own-limits.json"
is "--process: its own limits" "$(ctrctl exec --process "$test_dir/own-limits.json" x | paste -sd' ')" "55 66"
echo '{ "args": 5 }' >"$test_dir/process.json"
exits "a wrong --process" 255 ctrctl exec --process "$test_dir/process.json" x
like "names the place" "$output" 'process.json:1:[0-9]+: .*args'

# ---- detached, signals ----

# Its streams are the caller's: nobody must wait for their end here.
ok "exec -d" sh -c "ctrctl exec -d --pid-file '$test_dir/pid' x sleep 1000 </dev/null >/dev/null 2>&1"
pid=$(cat "$test_dir/pid")
ok "goes on without us" kill -0 "$pid"
is "is in the unit's cgroup" "$(sed -n '/^0::/s/.*\///p' "/proc/$pid/cgroup")" ctr@x.service
is "ps shows both" "$(ctrctl ps -f json x | jq length)" 2
kill -KILL "$pid"
ctrctl exec x sh -c 'trap "exit 8" TERM; echo ready; while :; do sleep 0.02; done' >"$test_dir/out" &
pid=$!
eventually 5 grep -q ready "$test_dir/out"
kill -TERM $pid
wait $pid
is "SIGTERM is forwarded" "$?" 8

# ---- paused, stopped, created ----

ctrctl pause x
exits "in a paused container" 255 ctrctl exec x true
like "says so" "$output" 'paused'
ctrctl exec --ignore-paused x sh -c 'exit 6' &
pid=$!
sleep 0.3
ok "--ignore-paused waits" kill -0 $pid
ctrctl resume x
wait $pid
is "until it is resumed" "$?" 6
ctrctl kill x KILL
eventually 5 test_stopped x
exits "in a stopped container" 255 ctrctl exec x true
ctrctl delete x

# What the host's binary is called must not be writable from inside, whatever is executed.
ctrctl run -d --bundle "$(bundle self '.process.args=["/bin/sh","-c","while :; do for p in /proc/[0-9]*; do (: >>$p/exe) 2>/dev/null && echo opened $p; done; done"]')" self
for _ in 1 2 3 4 5 6 7 8 9 10; do
        ctrctl exec self true
done
is "the probe is alive" "$(status_of self)" running
is "nothing of ours can be opened for writing from inside" "$(journalctl -q -o cat -u ctr@self | grep -c '^opened')" 0
ctrctl delete -f self
ok "nothing is left" nothing_left self
done_testing
