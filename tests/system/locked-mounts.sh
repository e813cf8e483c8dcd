#!/bin/bash
# A payload with every capability of its user namespace cannot undo the mounts of its container, in no mode and no kind
# of user namespace, by itself or by a second process; its own mounts are its own. Without a user namespace nothing is
# locked: such a payload is the host's root.
# shellcheck source-path=SCRIPTDIR disable=SC2154
. "$(dirname "$0")/lib.sh"

make_rootfs "$test_dir/rootfs"
cp "$test_build/tests/attack/mount-attack" "$test_dir/rootfs/bin/"
chown -R 200000:300000 "$test_dir/rootfs"
chmod 755 "$test_dir"
mkdir -p "$test_dir/volume/inner" "$test_dir/other"
echo bound >"$test_dir/other/file"
mount --bind "$test_dir/volume" "$test_dir/volume"
mount --make-shared "$test_dir/volume"
mount --bind "$test_dir/other" "$test_dir/volume/inner"

maps='.linux.namespaces+=[{"type":"user"}]
        | .linux.uidMappings=[{"containerID":0,"hostID":200000,"size":65536}]
        | .linux.gidMappings=[{"containerID":0,"hostID":300000,"size":65536}]'
all=$(jq -nc '"CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW
        IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE
        AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
        | [splits("[ \n]+")|"CAP_"+.]')
attack=".process.args=[\"/bin/mount-attack\"] | .process.capabilities={bounding:$all,effective:$all,permitted:$all}
        | .process.noNewPrivileges=false | .linux.maskedPaths+=[\"/etc\"] | .linux.readonlyPaths+=[\"/bin\"]
        | .mounts+=[{destination:\"/ro\",type:\"bind\",source:\"$test_dir/volume\",options:[\"rbind\",\"rro\",\"nosuid\",\"nodev\"]},
                {destination:\"/data\",type:\"bind\",source:\"$test_dir/other\",options:[\"bind\",\"ro\",\"noexec\",\"nosuid\"]},
                {destination:\"/tmp\",type:\"tmpfs\",source:\"tmpfs\",options:[\"nosuid\",\"nodev\",\"mode=1777\"]}]"
# Attempts that succeeded, and whether there were as many as there are mounts and flags.
undone() { printf '%s\n' "$output" | grep '^UNDONE'; }
refused_all() { # NAME
        is "$1: nothing is undone" "$(undone)" ""
        like "$1: hundreds of attempts" "$output" '^tried [1-9][0-9][0-9] on [1-9][0-9]$'
        is "$1: its own mounts are its own" "$(printf '%s\n' "$output" | sed -n 's/^own //p' | grep -v ' ok$')" ""
        is "$1: all of them were tried" "$(printf '%s\n' "$output" | grep -c '^own ')" 10
        if [ -z "$has_hidden_proc" ]; then
                is "$1: no new proc without the masks" "$(again proc)" "Operation not permitted"
                is "$1: no new sysfs that is writable" "$(again sysfs)" "Operation not permitted"
        else
                skip "$1: no new proc without the masks" "this host has another proc below its root"
                skip "$1: no new sysfs that is writable" "this host has another sysfs below its root"
        fi
}
again() { # TYPE
        printf '%s\n' "$output" | sed -n "s/^again $1 //p"
}
# The kernel mounts a new proc in a user namespace only when one is fully visible. A host that was started without
# pivot_root has another one below its root.
mkdir -p "$test_dir/proc"
has_hidden_proc=$(unshare -m sh -c "mount -t tmpfs tmpfs /proc/sys && unshare -Urpfm mount -t proc proc '$test_dir/proc' 2>/dev/null && echo yes")

exits "service" 0 ctrctl run --bundle "$(bundle service "$maps | $attack")" locked-service
refused_all "service"
exits "read-only root" 0 ctrctl run --bundle "$(bundle rootro "$maps | $attack | .root.readonly=true")" locked-rootro
refused_all "read-only root"
exits "one to execute in" 0 ctrctl run -d --bundle "$(bundle held "$maps | $attack | .process.args=[\"/bin/ctr-probe\",\"sleep\",\"1000\"]")" locked-held
exits "exec" 0 ctrctl exec locked-held /bin/mount-attack
refused_all "exec"
exits "of a namespace of the container's own" 0 ctrctl exec locked-held /bin/busybox unshare -m /bin/mount-attack
refused_all "unshared mounts"
pid=$(property locked-held MainPID)
is "exec joins the payload's mounts" "$(ctrctl exec locked-held /bin/busybox readlink /proc/self/ns/mnt)" "$(readlink "/proc/$pid/ns/mnt")"
is "the mounts belong to the payload's user namespace" "$(ctrctl exec locked-held /bin/busybox stat -c %u /tmp)" 0
exits "a user namespace by path" 0 ctrctl run --bundle "$(bundle joined "$attack | .linux.namespaces+=[{type:\"user\",path:\"/proc/$pid/ns/user\"}]")" locked-joined
refused_all "a user namespace by path"
ctrctl delete -f locked-held
exits "no-pivot" 0 ctr-runtime run --no-pivot --bundle "$(bundle nopivot "$maps | $attack")" locked-nopivot
refused_all "no-pivot"
exits "scope" 0 ctr-runtime --systemd-cgroup run --bundle "$(bundle scope "$maps | $attack | .linux.cgroupsPath=\"system.slice:ctr:locked-scope\"")" locked-scope
refused_all "scope"
exits "cgroupfs" 0 ctr-runtime run --bundle "$(bundle cgroupfs "$maps | $attack")" locked-cgroupfs
refused_all "cgroupfs"

# ---- what a container gets from its mounts is as it was ----

exits "working directory that had to be made" 0 ctrctl run --bundle "$(bundle cwd "$maps | .process.cwd=\"/made/here\"
        | .process.args=[\"/bin/busybox\",\"pwd\"]")" locked-cwd
is "it is there" "$output" /made/here
ctrctl run -d --bundle "$(bundle slave "$maps | .mounts+=[{destination:\"/m\",type:\"bind\",source:\"$test_dir/volume\",options:[\"rbind\",\"rslave\"]}]")" locked-slave
mkdir -p "$test_dir/volume/late"
mount --bind "$test_dir/other" "$test_dir/volume/late"
is "what the host mounts later arrives in an rslave mount" "$(ctrctl exec locked-slave /bin/busybox cat /m/late/file)" bound
umount "$test_dir/volume/late"
is "and goes again" "$(ctrctl exec locked-slave /bin/busybox ls /m/late)" ""
ctrctl delete -f locked-slave
ctrctl run -d --bundle "$(bundle shared "$maps | .mounts+=[{destination:\"/m\",type:\"bind\",source:\"$test_dir/volume\",options:[\"rbind\",\"rshared\"]}]")" locked-shared
line=$(grep ' /m ' "/proc/$(property locked-shared MainPID)/mountinfo")
like "rshared: shared inside, a slave of the host" "$line" 'shared:[0-9]+ master:[0-9]+'
mount --bind "$test_dir/other" "$test_dir/volume/late"
is "rshared: what the host mounts later arrives" "$(ctrctl exec locked-shared /bin/busybox cat /m/late/file)" bound
umount "$test_dir/volume/late"
ctrctl delete -f locked-shared
exits "terminal" 0 timeout --foreground 60 script -qec "ctrctl run --bundle '$(bundle tty "$maps | .process.terminal=true
        | .process.args=[\"/bin/sh\",\"-c\",\"tty; readlink /proc/self/fd/0; readlink /proc/self/fd/2; : >/dev/tty && echo controlling\"]")' locked-tty" /dev/null
like "the terminal has its name" "$(printf '%s' "$output" | tr -d '\r' | tr '\n' ' ')" "/dev/pts/0 /dev/pts/0 /dev/pts/0 controlling"

# ---- without a user namespace ----

exits "without a user namespace" 0 ctrctl run --bundle "$(bundle plain "$attack | del(.mounts[]|select(.destination==\"/ro\")) | .process.args+=[\"inner\"]")" locked-plain
like "nothing is locked: remount" "$(undone)" '^UNDONE remount-without-ro /proc/sys$'
like "nothing is locked: umount" "$(undone)" '^UNDONE (umount|move) /proc/keys$'

for id in service rootro held joined nopivot scope cgroupfs cwd slave shared tty plain; do
        ok "nothing is left of $id" nothing_left locked-$id
done
umount -R "$test_dir/volume"
done_testing
