#!/bin/bash
# What a payload and what enters later has and has not: descriptors, environment, ids, capabilities, the policy of
# init; and the host's own program, which a container may see but never change.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

ulimit -f 65536
attacks=$test_build/tests/attack
make_rootfs "$test_dir/rootfs"
cp "$attacks/fdwatch" "$attacks/notify-attack" "$test_dir/rootfs/bin/"
printf '#!/proc/self/exe\n' >"$test_dir/rootfs/bin/reenter"
chmod 755 "$test_dir/rootfs/bin/reenter"
no_line() { # TEXT PATTERN
        ! printf '%s\n' "$1" | grep -E -- "$2"
}

# test_refused STATUS OUTPUT: a failure that printed no id.
test_refused() { # STATUS OUTPUT
        [ "$1" != 0 ] || { echo "ran as $2"; return 1; }
        ! printf '%s\n' "$2" | grep -qE '^[0-9]+$' || { echo "ran: $2"; return 1; }
}
test_payload() { [ "$(readlink "/proc/$(ctrctl state "$1" | jq .pid)/exe")" = /bin/ctr-probe ]; }
test_running() { [ "$(status_of "$1")" = running ]; }

# ---- t02, t16: descriptors and environment of the caller ----

dir=$(bundle leak '.process.args=["/bin/ctr-probe","facts"]')
hostile_env=(HOSTSECRET=1 NOTIFY_SOCKET=/run/x LISTEN_FDS=2 LISTEN_PID=1 LISTEN_FDNAMES=a:b INVOCATION_ID=deadbeef
        LD_BIND_NOW=1 GCONV_PATH=/x JOURNAL_STREAM=1:2 MAINPID=1 CREDENTIALS_DIRECTORY=/root)
output=$(env "${hostile_env[@]}" ctrctl run --bundle "$dir" sec-leak 9</etc 8</root 2>&1 </dev/null)
is "run: no descriptor of the caller" "$(printf '%s\n' "$output" | grep LEAKED_FD)" ""
# Of an engine's socket the container has one of its own, behind which the lines are read.
own_socket=
[ "${CTRUNIT_MODE:-}" != scope ] || own_socket="env=NOTIFY_SOCKET=/run/notify/notify.sock "
is "run: the environment is the configuration's" "$(printf '%s\n' "$output" | grep '^env=' | sort | tr '\n' ' ')" \
        "env=HOME=/root ${own_socket}env=PATH=/bin:/usr/bin "
dir=$(bundle enter)
ok "a container to enter" ctrctl run -d --bundle "$dir" sec-enter
output=$(env "${hostile_env[@]}" ctrctl exec sec-enter /bin/ctr-probe facts 9</etc 8</root 2>&1 </dev/null)
is "exec: no descriptor of the caller" "$(printf '%s\n' "$output" | grep LEAKED_FD)" ""
is "exec: the environment is the configuration's" "$(printf '%s\n' "$output" | grep '^env=' | sort | tr '\n' ' ')" \
        "env=HOME=/root env=PATH=/bin:/usr/bin "
printf '#!/bin/sh\nenv >%s\n' "$test_dir/hook-env" >"$test_dir/hook"
chmod 755 "$test_dir/hook"
hooked=$(bundle hooked ".process.args=[\"/bin/true\"]|.hooks={\"createRuntime\":[{\"path\":\"$test_dir/hook\"}]}")
env "${hostile_env[@]}" ctrctl run --bundle "$hooked" sec-hooked </dev/null
ok "hooks: nothing of the caller's environment" no_line "$(cat "$test_dir/hook-env")" '^(HOSTSECRET|LD_|GCONV_|LISTEN_|NOTIFY_|MAINPID)'

# ---- t10, t19: capabilities and policy ----

caps() { printf '%s\n' "$1" | grep -E '^Cap(Inh|Amb)=' | sort -u | tr '\n' ' '; }
is "exec: nothing inheritable or ambient" "$(caps "$output")" "CapAmb=0000000000000000 CapInh=0000000000000000 "
output=$(ctrctl exec --cap CAP_NET_RAW sec-enter /bin/ctr-probe facts </dev/null 2>&1)
is "exec --cap: nothing inheritable or ambient" "$(caps "$output")" "CapAmb=0000000000000000 CapInh=0000000000000000 "
like "exec --cap: it is there" "$output" '^CapEff=0000000000002[0-9a-f]{3}$'
ok "delete" ctrctl delete -f sec-enter
dir=$(bundle policy '.linux.seccomp={"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":42}]}
        |.process.oomScoreAdj=321|.process.rlimits=[{"type":"RLIMIT_NOFILE","soft":99,"hard":100}]')
ok "a container with a filter" ctrctl run -d --bundle "$dir" sec-policy
pid=$(ctrctl state sec-policy | jq .pid)
policy() { grep -E '^(NoNewPrivs|Seccomp|Seccomp_filters|Cap[A-Z][a-z][a-z]):' | tr -d '\t' | sort; }
of_init=$(policy <"/proc/$pid/status")
like "init: a filter" "$of_init" '^Seccomp:2$'
like "init: no new privileges" "$of_init" '^NoNewPrivs:1$'
of_exec=$(ctrctl exec sec-policy cat /proc/self/status </dev/null | policy)
is "exec: filter, no new privileges and capabilities as init" "$of_exec" "$of_init"
output=$(ctrctl exec sec-policy /bin/ctr-probe mkdir /tmp/x </dev/null 2>&1)
is "exec: the filter is the container's" "$output" "mkdir=No message of desired type"
output=$(ctrctl exec sec-policy /bin/ctr-probe facts </dev/null 2>&1)
like "exec: limits of init" "$output" '^rlimit_NOFILE=99 100$'
like "exec: oom_score_adj of init" "$output" '^oom_score_adj=321$'
for ns in cgroup ipc mnt net pid uts; do
        like "exec: $ns namespace of init" "$output" "^ns_$ns=$(readlink "/proc/$pid/ns/$ns" | sed 's/[][]/\\&/g')$"
done
is "exec: the control group of init" "$(printf '%s\n' "$output" | grep '^cgroup=0:')" "cgroup=0::/"
ok "delete" ctrctl delete -f sec-policy

# ---- t11: the control group file system ----

for edit in . '.linux.namespaces|=map(select(.type!="cgroup"))'; do
        dir=$(bundle cgroup "$edit|.process.args=[\"/bin/ctr-probe\",\"mkdir\",\"/sys/fs/cgroup/pwn\",\"open\",\"/sys/fs/cgroup/cgroup.procs\"]
                |.process.capabilities={\"bounding\":[\"CAP_DAC_OVERRIDE\"],\"effective\":[\"CAP_DAC_OVERRIDE\"],\"permitted\":[\"CAP_DAC_OVERRIDE\"]}")
        output=$(ctrctl run --bundle "$dir" sec-cgroup </dev/null 2>&1)
        is "control groups are read-only (${edit:0:30})" "$output" $'mkdir=Read-only file system\nopen=Read-only file system'
        ok "nothing was made" test -z "$(find /sys/fs/cgroup -name pwn)"
done

# ---- t12: users ----

dir=$(bundle user)
ok "a container to enter" ctrctl run -d --bundle "$dir" sec-user
for case in 1=1:0 1000=1000:0 1000:1000=1000:1000 0:5=0:5 4294967294=4294967294:0; do
        text=${case%%=*} expected=${case##*=}
        output=$(ctrctl exec --user "$text" sec-user sh -c 'echo $(id -u):$(id -g)' </dev/null 2>&1)
        is "exec --user $text" "$output" "$expected"
done
users=(4294967296 99999999999 4294967295 18446744073709551616 -1 1000x '' : 0x0 1000: :1000 +1 ' 1' '1 ' 01 1.0 1e3 root \
        1:2:3 1:4294967295 1:-1 $'1\n' ١)
! is_short || users=("${users[@]:0:6}")
for text in "${users[@]}"; do
        output=$(ctrctl exec --user "$text" sec-user id -u </dev/null 2>&1)
        rc=$?
        ok "exec --user $(printf %q "$text"): refused" test_refused $rc "$output"
done
for gid in -1 4294967295 4294967296 x 1x ''; do
        output=$(ctrctl exec --additional-gids "$gid" sec-user id -u </dev/null 2>&1)
        ok "exec --additional-gids \"$gid\": refused" test_refused $? "$output"
done

# ---- A21: output without end costs the caller no memory ----

if ! is_short; then
        ctrctl exec sec-user head -c 2000000000 /dev/zero >/dev/null </dev/null &
        runner=$! peak=0
        while [ -r "/proc/$runner/status" ] && now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$runner/status") && [ -n "$now" ]; do
                [ "$now" -le $peak ] || peak=$now
                sleep 0.02
        done
        wait $runner
        is "exec with 2 GB of output" "$?" 0
        ok "exec with 2 GB of output: the caller needs $peak KiB" test "$peak" -gt 0 -a "$peak" -lt 20000
fi
ok "delete" ctrctl delete -f sec-user

# ---- t17: namespaces of the wrong type ----

pairs=(pid=/proc/1/ns/net ipc=/etc/passwd network=/dev/null uts=/proc/1/ns/mnt cgroup=/proc/1/ns/user mount=/proc/1/ns/pid \
        network=/proc/1/ns/pid ipc=/proc/self ipc=/nonexistent network=/ uts=/proc/1/fd/0 pid=/proc/1/ns/pid_for_children/x)
! is_short || pairs=("${pairs[@]:0:3}")
for pair in "${pairs[@]}"; do
        type=${pair%%=*} path=${pair##*=}
        dir=$(bundle nspath ".linux.namespaces|=map(if .type==\"$type\" then .path=\"$path\" else . end)|.process.args=[\"/bin/true\"]")
        output=$(timeout 240 ctrctl run --bundle "$dir" sec-nspath </dev/null 2>&1)
        status=$?
        ok "$type namespace from $path: refused" test $status != 0 -a $status != 124
        ok "$type namespace from $path: nothing is left" nothing_left sec-nspath
done

# ---- t03: the host's program, seen from inside ----

program=/usr/lib/ctrunit/ctr-exec
before=$(stat -c '%i %s %Y' $program; md5sum <$program)
dir=$(bundle created)
ok "create" ctrctl create --bundle "$dir" sec-created
pid=$(ctrctl state sec-created | jq .pid)
exec 5<"/proc/$pid/exe"
(: >>"/proc/$pid/exe") 2>/dev/null
ok "created: the program cannot be opened for writing" test $? != 0
ok "created: it runs from a mount of its own" test "$(sed -n 's/^mnt_id:\t//p' /proc/self/fdinfo/5)" != \
        "$(sed -n 's/^mnt_id:\t//p' /proc/self/fdinfo/6 6<$program)"
ok "start" ctrctl start sec-created
ok "the payload has its own program" eventually 5 test_payload sec-created
(: >>/proc/self/fd/5) 2>/dev/null
ok "nor later, by a descriptor that was kept" test $? != 0
exec 5<&-
ok "delete" ctrctl delete -f sec-created

ptrace='"CAP_SYS_PTRACE","CAP_SYS_ADMIN","CAP_DAC_OVERRIDE","CAP_KILL"'
caps_of() { printf '.process.capabilities={"bounding":[%s],"effective":[%s],"permitted":[%s]}' "$1" "$1" "$1"; }
userns='.linux.namespaces+=[{"type":"user"}]|.linux.uidMappings=[{"containerID":0,"hostID":200000,"size":65536}]
        |.linux.gidMappings=[{"containerID":0,"hostID":200000,"size":65536}]'
chmod 755 "$test_dir"
kinds=(default userns powerful)
! is_short || kinds=(default)
for kind in "${kinds[@]}"; do
        case $kind in
        default) edit=. ;;
        userns) edit="$userns|$(caps_of "$ptrace")" ;;
        powerful) edit="$(caps_of "${ptrace/\"CAP_SYS_ADMIN\",/}")" ;;
        esac
        dir=$(bundle "watch-$kind" "$edit|.process.args=[\"/bin/fdwatch\",\"/enough\"]|.process.noNewPrivileges=false")
        rm -f "$test_dir/rootfs/enough"
        ctrctl run --bundle "$dir" "sec-watch-$kind" >"$test_dir/watch" 2>&1 </dev/null &
        runner=$!
        ok "$kind: a watching init" eventually 5 test_running "sec-watch-$kind"
        entered=0
        for i in $(seq 400); do
                [ $entered -le 10 ] || ! grep -q '^caught$' "$test_dir/watch" || break
                # Now and then a caller that lets go of everything late: the program's mount must not be anybody's by then.
                late=()
                [ $((i % 2)) = 0 ] || late=(strace -o /dev/null -e trace=close -e inject=close:delay_enter=40000)
                ctrctl exec "sec-watch-$kind" /bin/ctr-probe exit 0 </dev/null >/dev/null 2>&1 && entered=$((entered + 1))
                # The host's program itself as the interpreter of a script.
                "${late[@]}" ctrctl exec "sec-watch-$kind" /bin/reenter </dev/null >/dev/null 2>&1
        done
        touch "$test_dir/rootfs/enough"
        wait $runner
        ok "$kind: processes entered while init watched" test $entered -gt 10
        ok "$kind: init saw them" test "$(sed -n 's/^seen //p' "$test_dir/watch")" -gt 100
        ok "$kind: it had the program of the host in its hands" test "$(sed -n 's/^foreign //p' "$test_dir/watch")" -gt 0
        ok "$kind: the program of the host is never writable" no_line "$(cat "$test_dir/watch")" '^EXE-(WRITABLE|THAWED)'
        ok "$kind: no file of the host is within reach" no_line "$(sort -u -k3 "$test_dir/watch")" '^HOST-FD'
        echo "# $kind: entered $entered, $(tail -2 "$test_dir/watch" | tr '\n' ' ')"
        ctrctl delete -f "sec-watch-$kind" 2>/dev/null
done
is "the host's program is as it was" "$(stat -c '%i %s %Y' $program; md5sum <$program)" "$before"
done_testing
