#!/bin/bash
# The two configurations of tests/golden that have every member of the specification start for real, rootful and with a
# user namespace, as a service and as a scope, and the probe inside finds each value as asked. What this host has not
# (a security module, a controller, a kind of hardware) is taken out, each with a line that says so.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
hooks=/run/ctrunit-every-hooks
agent=/run/ctrunit-every-agent

fact() { # KEY: of $output
        printf '%s\n' "$output" | sed -n "s/^$1=//p"
}

# ---- what this host has ----

edit=.
without() { # JQ-PATHS REASON
        echo "# without $1: $2"
        edit="$edit | del($1)"
}
has_controller() { grep -qw "$1" /sys/fs/cgroup/cgroup.controllers; }
label=
if [ -e /sys/kernel/security/apparmor/profiles ]; then
        label="ctrunit-every (enforce)"
        printf 'profile ctrunit-every flags=(attach_disconnected,mediate_deleted) {\n%s\n}\n' \
                '  file, capability, network, mount, umount, pivot_root, signal, ptrace, unix, dbus,' |
                apparmor_parser --replace --skip-cache
else
        without .process.apparmorProfile "AppArmor is not enabled"
fi
if [ -e /sys/fs/selinux/enforce ]; then
        # Types of Debian's policy, which has no container_t.
        label=system_u:system_r:svirt_t:s0
        file_label=system_u:object_r:svirt_image_t:s0
        edit="$edit | .process.selinuxLabel=\"$label\" | .linux.mountLabel=\"$file_label\""
else
        without '.process.selinuxLabel,.linux.mountLabel' "SELinux is not enabled"
fi
[ -e /sys/fs/resctrl/info ] || without .linux.intelRdt "no resctrl"
ls /sys/class/infiniband/mlx5_1 >/dev/null 2>&1 || without .linux.resources.rdma "no such RDMA device"
[ -e /proc/self/numa_maps ] || without .linux.memoryPolicy "a kernel without NUMA"
for pair in 'cpu .linux.resources.cpu.burst' 'hugetlb .linux.resources.hugepageLimits'; do
        has_controller "${pair% *}" || without "${pair#* }" "no controller ${pair% *}"
done
make_link ctrevery0 || without .linux.netDevices "no network devices"
ip link del ctrevery0 2>/dev/null
disk=$(lsblk -dno MAJ:MIN "$(findmnt -no SOURCE /)" 2>/dev/null | tr -d ' ')
if [ -n "$disk" ]; then
        edit="$edit | (.linux.resources.blockIO[] | arrays | .[]) |= (.major=${disk%:*}|.minor=${disk#*:})"
else
        without '.linux.resources.blockIO' "no disk"
fi

# ---- what the probe says ----

check_process() { # NAME
        is "$1: hostname, domainname" "$(fact hostname) $(fact domainname)" "every example.org"
        is "$1: user, umask" "$(fact uid) $(fact gid) $(fact groups) $(fact umask)" "7 8 9,10 0077"
        is "$1: cwd" "$(fact cwd)" /tmp
        is "$1: terminal, consoleSize" "$(fact terminal)" "25 81"
        like "$1: args" "$(fact argv)" '^personality$'
        like "$1: env" "$(fact env)" '^A=b c$'
        for set in CapBnd CapEff CapInh CapPrm CapAmb; do
                is "$1: $set" "$(fact $set)" 0000000000000420
        done
        is "$1: rlimits" "$(fact rlimit_NOFILE), $(fact rlimit_CORE)" "100 200, 0 0"
        is "$1: noNewPrivileges, seccomp" "$(fact NoNewPrivs) $(fact Seccomp)" "1 2"
        is "$1: oomScoreAdj" "$(fact oom_score_adj)" 100
        is "$1: scheduler" "$(fact scheduler)" "3 nice 5 priority 0 flags 0x1"
        is "$1: ioPriority" "$(fact io_priority)" "2 6"
        is "$1: personality" "$(fact machine)" i686
        [ ! -e /proc/self/numa_maps ] || is "$1: memoryPolicy" "$(fact memory_policy)" "0x8002 nodes 0x1"
        like "$1: timeOffsets" "$(fact timens_offsets | tr -s ' ')" '^monotonic 100 7$'
        like "$1: timeOffsets" "$(fact timens_offsets | tr -s ' ')" '^boottime 864000 0$'
        is "$1: no descriptor of ours" "$(fact LEAKED_FD)" ""
        [ -z "$label" ] || is "$1: apparmorProfile or selinuxLabel" "$(fact label | tr -d '\0')" "$label"
}
# A namespace of its own of each type that is asked for, the host's of no other.
check_namespaces() { # NAME
        local type file own
        for type in pid:pid network:net ipc:ipc uts:uts mount:mnt cgroup:cgroup time:time user:user; do
                file=${type#*:}
                own=no
                [ "$(fact "ns_$file")" = "$(readlink /proc/self/ns/$file)" ] || own=yes
                is "$1: namespace ${type%:*}" "$own" "$(jq -r --arg t "${type%:*}" 'if any(.linux.namespaces[];.type==$t) then "yes" else "no" end' "$dir/config.json")"
        done
}
check_mounts() { # NAME
        like "$1: root is read-only" "$(fact mount)" '^/ [^ ]+ ro'
        like "$1: rootfsPropagation" "$(fact mount)" '^/ .* slave$'
        like "$1: volume" "$(fact mount)" '^/volume [^ ]+ ro,nosuid,nodev,noexec[^ ]*nosymfollow'
        like "$1: tmpcopyup" "$(fact mount)" '^/tmp tmpfs rw'
        [ -z "${file_label:-}" ] || like "$1: mountLabel" "$(fact mount)" "^/tmp tmpfs .*context=\"?$file_label"
        like "$1: proc" "$(fact mount)" '^/proc proc rw,nosuid,nodev,noexec'
        like "$1: read-only path" "$(fact mount)" '^/proc/sys proc ro'
        like "$1: masked path" "$(fact mount)" '^/proc/interrupts tmpfs ro'
        like "$1: sysctl" "$output" '^line=1$'
        like "$1: fifo" "$output" '^stat=/dev/fifo 0010600 0:0'
        like "$1: a device that the rules allow" "$output" '^open=ok'
        [ "${edit/netDevices/}" != "$edit" ] || like "$1: netDevices" "$output" '^list=/sys/class/net net7$'
}
check_limits() { # NAME: in the cgroup that the container sees; those of controllers that this host has
        local controller key expected
        while read -r controller key expected; do
                has_controller "$controller" && [ -e "/sys/fs/cgroup/system.slice/$key" ] || continue
                [ "$key" != cpu.max.burst ] || [ "${edit/burst/}" = "$edit" ] || continue
                is "$1: $key" "$(fact "cgroup_$key")" "$expected"
        done <<END
memory memory.max 268435456
memory memory.low 67108864
memory memory.swap.max 67108864
memory memory.high 134217728
memory memory.oom.group 1
cpu cpu.weight 59
cpu cpu.idle 0
cpu cpu.max 50000 100000
cpu cpu.max.burst 10000
cpuset cpuset.cpus 0-1
cpuset cpuset.mems 0
pids pids.max 100
hugetlb hugetlb.2MB.max 4194304
END
        ! has_controller io || [ -z "$disk" ] ||
                like "$1: io.weight" "$(fact cgroup_io.weight)" '^default 4950$'
        ! has_controller io || [ -z "$disk" ] ||
                is "$1: io.max" "$(fact cgroup_io.max)" "$disk rbps=10485760 wbps=5242880 riops=1000 wiops=500"
}
check_ids() { # NAME: of the configuration
        if [ "${1%% *}" = every ]; then
                like "$1: device with owner and mode" "$output" '^dev=again c 1:3 0600 7:8'
                like "$1: unbuffered device" "$output" '^dev=unbuffered c 1:5 0666 0:0'
                like "$1: block device" "$output" '^dev=block b 7:7 0660 0:0'
                [ $can_map = no ] || like "$1: id-mapped mount" "$output" '^stat=/volume/file 0100644 7:8 '
        else
                is "$1: uid_map" "$(fact uid_map | tr -s ' ' | tr '\n' ';')" " 0 200000 1000; 1000 300000 1;"
                is "$1: gid_map" "$(fact gid_map | tr -s ' ' | tr '\n' ';')" " 0 200000 1000; 1000 300000 1;"
                like "$1: device of the host" "$output" '^dev=full c 1:7 0666'
                [ $can_map = no ] || like "$1: id-mapped mount" "$output" '^stat=/volume/file 0100644 0:0 '
        fi
}
check_others() { # NAME
        is "$1: hooks, in their order" "$(tr '\n' ' ' <$hooks)" \
                "prestart v createRuntime v createContainer v poststart v poststop v "
        like "$1: startContainer, inside" "$output" '^line=startContainer v$'
        like "$1: seccomp, by arguments" "$output" '^personality=Disk quota exceeded$'
        like "$1: seccomp, the agent answers" "$output" '^mkdir=Inappropriate ioctl'
        like "$1: the agent got the metadata" "$(cat "$dir/agent.log")" '"metadata":"every"'
        like "$1: the agent got the annotations" "$(cat "$dir/agent.log")" '"org.example.key":"value"'
}
check_exec() { # NAME COMMAND...: execCPUAffinity is for exec; a second container that waits
        local name=$1
        shift
        jq '.process.terminal=false | del(.process.consoleSize,.hooks,.linux.seccomp,.linux.netDevices) | .process.args=["/bin/ctr-probe","sleep","100"]' \
                "$dir/config.json" >"$dir/exec.json"
        ok "$name: create, start" sh -c "$* create -f exec.json --bundle $dir $id </dev/null >/dev/null 2>$dir/err && $* start $id"
        is "$name: annotations, in the state" "$("$@" state "$id" | jq -r '.annotations["org.example.key"]')" value
        is "$name: cgroupsPath, the slice" "$(systemctl show -P Slice "$("$@" state "$id" | jq -r .unit)")" ctr-every.slice
        exits "$name: exec" 0 "$@" exec "$id" /bin/sh -c 'cat /proc/self/status; id -u; pwd'
        like "$name: execCPUAffinity, final" "$output" "Cpus_allowed_list:.0-1\$"
        like "$name: exec has init's capabilities" "$output" "CapEff:.0000000000000420\$"
        like "$name: exec is who init is" "$output" "^7\$"
        ok "$name: delete" "$@" delete -f "$id"
}

# ---- both, in both modes ----

start_it() { # COMMAND...: the container at a terminal, output in $output; restarts the agent
        rm -f $agent "$dir/agent.log"
        : >$hooks
        chmod 666 $hooks
        [ "${edit/netDevices/}" != "$edit" ] || make_link ctrevery0
        "$here/agent.py" $agent "$dir/agent.log" 1 &
        agent_pid=$!
        eventually 5 test -S $agent
        output=$(timeout --foreground 240 script -qec "$* run --bundle $dir $id" /dev/null <&8 2>&1)
        rc=$?
        output=${output//$'\r'/}
        [ $rc = 0 ] || kill $agent_pid 2>/dev/null
        wait $agent_pid 2>/dev/null
        ip link del ctrevery0 2>/dev/null
}

# Somebody sits at the terminal and types nothing: the end of the input would be typed.
mkfifo "$test_dir/input"
exec 8<>"$test_dir/input"
can_map=yes
for name in every every-userns; do
        dir=$test_dir/$name
        make_rootfs "$dir/rootfs"
        mkdir -p "$dir/volume" "$dir/rootfs/volume"
        touch "$dir/volume/file" "$dir/rootfs/tmp/copied"
        [ $name = every ] || chown -R 200000:200000 "$dir/rootfs"
        jq "$edit" "$here/../golden/$name.json" >"$dir/config.json"
        for mode in service scope; do
                id=$name-$mode
                command=(ctrctl)
                [ $mode = service ] || command=(ctr-runtime --systemd-cgroup)
                start_it "${command[@]}"
                case $output in
                *'no id-mapped mounts'*)
                        can_map=no
                        jq '(.mounts[]|select(.destination=="/volume"))|=(del(.uidMappings,.gidMappings)|.options-=["ridmap"])' \
                                "$dir/config.json" >"$dir/new" && mv "$dir/new" "$dir/config.json"
                        start_it "${command[@]}"
                        ;;
                esac
                ok "$name, $mode: run" test_code "$rc" 1 "$output" run
                for check in check_process check_namespaces check_mounts check_limits check_ids check_others; do
                        $check "$name $mode"
                done
                check_exec "$name $mode" "${command[@]}"
                ok "$name, $mode: nothing is left" nothing_left "$id"
        done
done
rm -f $agent $hooks
if [ $can_map = yes ]; then
        ok "id-mapped mounts were part of it" true
else
        skip "id-mapped mounts were part of it" "no id-mapped mounts of $(stat -f -c %T "$test_dir") on $(uname -r)"
fi
done_testing
