#!/bin/bash
# needs: qemu (fs.suid_dumpable is a setting of the whole machine)
# With fs.suid_dumpable=1 a process that changed its ids may be looked into by others of its user namespace. ctr-exec
# never is: not at the gate, and not on its way into a container. Whom the files in /proc/PID belong to says which.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

[ "${CTRUNIT_TESTHOST:-}" = qemu ] || { skip "all" "not in QEMU"; done_testing; }
before=$(sysctl -n fs.suid_dumpable)
sysctl -qw fs.suid_dumpable=1
owner() { stat -c %u "/proc/$1/environ"; }
user='.process.user={uid:1000,gid:1000}'
maps='|.linux.namespaces+=[{type:"user"}]
        |.linux.uidMappings=[{containerID:0,hostID:100000,size:65536}]|.linux.gidMappings=.linux.uidMappings'
make_rootfs "$test_dir/rootfs"
chmod 755 "$test_dir"

# hidden_at_gate NAME USER COMMAND...: of bundle NAME; the payload's user owns its files, ctr-exec's are root's.
hidden_at_gate() {
        local name=$1 user=$2 pid
        shift 2
        ok "$*: $name: create" "$@" create --bundle "$test_dir/$name" hidden
        pid=$("$@" state hidden | jq .pid)
        is "$*: $name: nobody looks into what waits at the gate" "$(owner "$pid")" 0
        ok "$*: $name: start" "$@" start hidden
        is "$*: $name: the payload is its user's" "$(owner "$pid")" "$user"
        "$@" delete -f hidden
}
bundle plain "$user" >/dev/null
bundle mapped "$user$maps" >/dev/null
for command in ctrctl "ctr-runtime --root $test_dir/root --systemd-cgroup"; do
        # shellcheck disable=SC2086  # words
        hidden_at_gate plain 1000 $command
        # shellcheck disable=SC2086
        hidden_at_gate mapped 101000 $command
done

# An exec is held where it has all its ids and only the filter's agent is missing, which takes no more connections.
cat >"$test_dir/agent.py" <<'PY'
import signal, socket, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(0)
first, _ = server.accept()
filler = socket.socket(socket.AF_UNIX)
filler.connect(sys.argv[1])
open(sys.argv[1] + ".full", "w").close()
signal.sigwait([signal.SIGTERM])
while True:
    server.accept()
PY
python3 "$test_dir/agent.py" "$test_dir/agent" &
agent=$!
ok "an agent listens" eventually 20 test -S "$test_dir/agent"
filter="|.linux.seccomp={defaultAction:\"SCMP_ACT_ALLOW\",listenerPath:\"$test_dir/agent\",architectures:[\"SCMP_ARCH_X86_64\"],
        syscalls:[{names:[\"sethostname\"],action:\"SCMP_ACT_NOTIFY\"}]}"
ok "a container with its filter" ctrctl run -d --bundle "$(bundle agent "$user$maps$filter")" hidden
ok "it takes no more" eventually 20 test -e "$test_dir/agent.full"
ctrctl exec hidden /bin/true &
exec_pid=$!
held() { # the process of ctr-exec inside
        local pid
        for pid in $(cat "$(cgroup_of hidden)/cgroup.procs"); do
                [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = ctr-exec ] && grep -q '^Seccomp:.2' "/proc/$pid/status" && echo "$pid" && return
        done
        return 1
}
ok "exec waits for the agent" eventually 30 held
held_pid=$(held)
is "it has the user's ids" "$(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' "/proc/$held_pid/status")" 101000
is "and nobody looks into it" "$(owner "$held_pid")" 0
kill -TERM $agent
wait $exec_pid
is "exec ends well" $? 0
kill -KILL $agent
ctrctl delete -f hidden
ok "nothing is left" nothing_left hidden
sysctl -qw "fs.suid_dumpable=$before"
done_testing
