#!/bin/bash
# needs: qemu (fs.suid_dumpable is a setting of the whole machine)
# With fs.suid_dumpable=1 a process that changed its ids may be looked into by others of its user namespace. ctr-exec
# never is while it waits at the gate. Whom the files in /proc/PID belong to says which.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

[ "${CTRUNIT_TESTHOST:-}" = qemu ] || { skip "all" "not in QEMU"; done_testing; }
before=$(sysctl -n fs.suid_dumpable)
sysctl -qw fs.suid_dumpable=1
# What waits at its gate keeps a pipe open.
silently() { "$@" </dev/null >/dev/null 2>&1; }
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
        ok "$*: $name: create" silently "$@" create --bundle "$test_dir/$name" hidden
        pid=$("$@" state hidden | jq .pid)
        is "$*: $name: nobody looks into what waits at the gate" "$(owner "$pid")" 0
        ok "$*: $name: start" silently "$@" start hidden
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

ok "nothing is left" nothing_left hidden
sysctl -qw "fs.suid_dumpable=$before"
done_testing
