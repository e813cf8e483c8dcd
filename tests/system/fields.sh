#!/bin/bash
# Members of config.json that tell the kernel something: the payload finds each as asked.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)

fact() { # KEY: of $output
        printf '%s\n' "$output" | sed -n "s/^$1=//p"
}
n=0
run() { # JQ [ID]: a container to its end, output in $output
        n=$((n + 1))
        output=$(timeout 120 ctrctl run --bundle "$(bundle "b$n" "$1")" "${2:-f$n}" </dev/null 2>&1)
}
facts='.process.args=["/bin/ctr-probe","facts"]'
shell() { # COMMAND: a jq program
        printf '.process.args=["/bin/sh","-c",%s]' "$(jq -n --arg c "$1" '$c')"
}

# ---- namespaces that are the host's own ----

# joins TYPE JQ PATTERN: with the host's namespace of this type by its path.
joins() {
        run ".linux.namespaces|=map(if .type==\"$1\" then .path=\"/proc/1/ns/${1/network/net}\" else . end) | .process.args=[\"/bin/true\"] | $2" own
        like "the host's own $1 namespace: refused" "$output" "$3: /proc/1/ns/.* is the host's own namespace"
        ok "the host's own $1 namespace: nothing is left" nothing_left own
}
before=$(cat /proc/sys/{kernel/hostname,net/core/somaxconn,kernel/msgmax})
joins uts . hostname
joins uts 'del(.hostname) | .linux.sysctl={"kernel.domainname":"changed"}' 'linux.sysctl\["kernel.domainname"\]'
joins network '.linux.sysctl={"net.core.somaxconn":"123"}' 'linux.sysctl\["net.core.somaxconn"\]'
joins ipc '.linux.sysctl={"kernel.msgmax":"4096"}' 'linux.sysctl\["kernel.msgmax"\]'
is "the host is as it was" "$(cat /proc/sys/{kernel/hostname,net/core/somaxconn,kernel/msgmax})" "$before"

# ---- process ----

run "$facts | .process.user={uid:7,gid:8,umask:63,additionalGids:[9,10]} | .process.cwd=\"/made/here\" | .process.env+=[\"A=b c\"]
        | .process.oomScoreAdj=100 | .domainname=\"example.org\""
is "uid, gid, additionalGids" "$(fact uid) $(fact gid) $(fact groups)" "7 8 9,10"
is "umask" "$(fact umask)" 0077
is "cwd, made when missing" "$(fact cwd)" /made/here
like "env" "$(fact env)" '^A=b c$'
is "oomScoreAdj" "$(fact oom_score_adj)" 100
is "hostname, domainname" "$(fact hostname) $(fact domainname)" "test example.org"
run "$facts | .process.capabilities={bounding:[\"CAP_KILL\",\"CAP_CHOWN\",\"CAP_SYS_TIME\"],permitted:[\"CAP_KILL\",\"CAP_CHOWN\"],
        effective:[\"CAP_KILL\"],inheritable:[\"CAP_KILL\",\"CAP_CHOWN\"],ambient:[\"CAP_CHOWN\"]} | .process.user={uid:5,gid:5} | .process.noNewPrivileges=false"
is "capabilities: bounding" "$(fact CapBnd)" 0000000002000021
is "capabilities: permitted, those that execve leaves" "$(fact CapPrm)" 0000000000000001
is "capabilities: inheritable" "$(fact CapInh)" 0000000000000021
is "capabilities: ambient" "$(fact CapAmb)" 0000000000000001
is "noNewPrivileges false" "$(fact NoNewPrivs)" 0
run "$facts | .process.noNewPrivileges=true"
is "noNewPrivileges true" "$(fact NoNewPrivs)" 1
run "$facts | .process.rlimits=[{type:\"RLIMIT_NOFILE\",soft:100,hard:200},{type:\"RLIMIT_STACK\",soft:8388608,hard:8388608},{type:\"RLIMIT_CPU\",soft:50,hard:60}]"
is "rlimits" "$(fact rlimit_NOFILE), $(fact rlimit_STACK), $(fact rlimit_CPU)" "100 200, 8388608 8388608, 50 60"
run "$(shell 'cat /proc/self/stat') | .process.scheduler={policy:\"SCHED_BATCH\",nice:7}"
is "scheduler: SCHED_BATCH, nice" "$(echo "$output" | awk '{ print $19, $41 }')" "7 3"
run "$facts | .process.scheduler={policy:\"SCHED_OTHER\",flags:[\"SCHED_FLAG_RESET_ON_FORK\"]}"
is "scheduler: SCHED_OTHER with a flag" "$(fact scheduler)" "0 nice 0 priority 0 flags 0x1"
run "$facts | .process.ioPriority={class:\"IOPRIO_CLASS_BE\",priority:5}"
is "ioPriority" "$(fact io_priority)" "2 5"
run "$facts | .process.ioPriority={class:\"IOPRIO_CLASS_IDLE\",priority:0}"
is "ioPriority idle" "$(fact io_priority)" "3 0"
run "$(shell 'uname -m') | .linux.personality={domain:\"LINUX32\"}"
is "personality" "$output" i686

# ---- execCPUAffinity ----

ok "affinity: a container" ctrctl run -d --bundle "$(bundle aff '.process.execCPUAffinity={initial:"0",final:"1"}')" aff
exits "execCPUAffinity: exec" 0 ctrctl exec aff /bin/grep Cpus_allowed_list /proc/self/status
like "execCPUAffinity: final" "$output" 'Cpus_allowed_list:.1$'
like "execCPUAffinity: init has all" "$(cat "/proc/$(property aff MainPID)/status")" 'Cpus_allowed_list:.0-1$'
ctrctl delete -f aff
ok "affinity: another" ctrctl run -d --bundle "$(bundle aff '.process.execCPUAffinity={initial:"0"}')" aff
exits "execCPUAffinity: initial only" 0 ctrctl exec aff /bin/grep Cpus_allowed_list /proc/self/status
like "execCPUAffinity: stays" "$output" 'Cpus_allowed_list:.0$'
ctrctl delete -f aff
ok "affinity: a processor that is not here" ctrctl run -d --bundle "$(bundle aff '.process.execCPUAffinity={initial:"777"}')" aff
exits "execCPUAffinity: refused" 255 ctrctl exec aff /bin/true
like "execCPUAffinity: says which" "$output" 'processors 777'
ctrctl delete -f aff

# ---- memoryPolicy ----

run "$(shell 'head -1 /proc/self/numa_maps') | .linux.memoryPolicy={mode:\"MPOL_BIND\",nodes:\"0\"}"
if [ -e /proc/self/numa_maps ]; then
        like "memoryPolicy: bind" "$output" 'bind:0'
        run "$(shell 'head -1 /proc/self/numa_maps') | .linux.memoryPolicy={mode:\"MPOL_INTERLEAVE\",nodes:\"0\",flags:[\"MPOL_F_STATIC_NODES\"]}"
        like "memoryPolicy: interleave with a flag" "$output" 'interleave=static:0'
        run "$(shell 'head -1 /proc/self/numa_maps') | .linux.memoryPolicy={mode:\"MPOL_PREFERRED\"}"
        like "memoryPolicy: without nodes" "$output" '(prefer|local|default)'
        run ".linux.memoryPolicy={mode:\"MPOL_BIND\",nodes:\"77\"}"
        like "memoryPolicy: a node that is not here" "$output" 'memory-policy: .*nodes 77'
else
        like "memoryPolicy: without NUMA a clear error" "$output" 'memory-policy: mode 0x2'
fi

# ---- time namespace ----

run "$(shell 'cat /proc/uptime; cat /proc/self/timens_offsets') | .linux.namespaces+=[{type:\"time\"}]
        | .linux.timeOffsets={monotonic:{secs:100,nanosecs:7},boottime:{secs:864000,nanosecs:0}}"
like "timeOffsets: uptime is ten days more" "$(echo "$output" | awk 'NR == 1 { print ($1 > 864000) }')" 1
like "timeOffsets: monotonic" "$(echo "$output" | tr -s ' ')" '^monotonic 100 7$'
hook_time=$test_dir/hook-time
run ".process.args=[\"/bin/true\"] | .linux.namespaces+=[{type:\"time\"}] | .hooks={createRuntime:[{path:\"/bin/sh\",args:[\"sh\",\"-c\",\"readlink /proc/self/ns/time /proc/self/ns/time_for_children >$hook_time\"]}]}"
is "time: hooks are in the host's" "$(sort -u "$hook_time")" "$(readlink /proc/self/ns/time)"

# ---- mounts ----

src=$test_dir/src
mkdir -p "$src/sub" "$test_dir/copy"
mount -t tmpfs sub "$src/sub"
touch "$src/file" "$src/sub/file"
ln -s file "$src/link"
mount_of() { # TARGET: its line
        fact mount | grep "^$1 "
}
options() { # OPTIONS: a bind of $src to /m
        run "$facts | .mounts+=[{destination:\"/m\",source:\"$src\",options:$1}]"
}
options '["bind"]'
is "bind: not what is mounted below" "$(mount_of /m/sub)" ""
options '["rbind","rro"]'
like "rro: the top" "$(mount_of /m)" ' ro'
like "rro: below" "$(mount_of /m/sub)" ' ro'
options '["rbind","ro"]'
like "ro: the top" "$(mount_of /m)" ' ro'
like "ro: not below" "$(mount_of /m/sub)" ' rw'
for pair in 'rnosuid nosuid' 'rnodev nodev' 'rnoexec noexec' 'rnoatime noatime' 'rnodiratime nodiratime' 'rnosymfollow nosymfollow'; do
        options "[\"rbind\",\"${pair% *}\"]"
        like "${pair% *}: the top" "$(mount_of /m)" "[ ,]${pair#* }[ ,]"
        like "${pair% *}: below" "$(mount_of /m/sub)" "[ ,]${pair#* }[ ,]"
done
mount -o remount,bind,nosuid,nodev,noexec,noatime "$src/sub"
for pair in 'rsuid nosuid' 'rdev nodev' 'rexec noexec' 'rstrictatime noatime' 'rrelatime noatime'; do
        options "[\"rbind\",\"${pair% *}\"]"
        ok "${pair% *}: taken back below" sh -c "! echo '$(mount_of /m/sub)' | grep -q '[ ,]${pair#* }[ ,]'"
done
mount -o remount,bind,ro "$src/sub"
options '["rbind","rrw"]'
like "rrw: below" "$(mount_of /m/sub)" ' rw'
run ".process.args=[\"/bin/ctr-probe\",\"open\",\"/m/link\"] | .mounts+=[{destination:\"/m\",source:\"$src\",options:[\"bind\",\"nosymfollow\"]}]"
like "nosymfollow: a link is not followed" "$output" 'open=Too many levels'
run ".process.args=[\"/bin/ctr-probe\",\"open\",\"/m/link\"] | .mounts+=[{destination:\"/m\",source:\"$src\",options:[\"bind\",\"symfollow\"]}]"
like "symfollow: it is" "$output" 'open=ok'
for pair in 'rshared shared' 'rslave slave' 'runbindable unbindable'; do
        options "[\"rbind\",\"${pair% *}\"]"
        like "${pair% *}: below" "$(mount_of /m/sub)" "${pair#* }"
done
options '["rbind","rprivate"]'
ok "rprivate" sh -c "! echo '$(mount_of /m/sub)' | grep -qE 'shared|slave'"
umount "$src/sub"
for pair in 'shared shared' 'slave slave' 'unbindable unbindable' 'private' 'rshared shared' 'rslave slave'; do
        run "$facts | .linux.rootfsPropagation=\"${pair% *}\""
        case $pair in
        private) ok "rootfsPropagation private" sh -c "! echo '$(mount_of /)' | grep -qE 'shared|slave|unbindable'" ;;
        *) like "rootfsPropagation ${pair% *}" "$(mount_of /)" "${pair#* }" ;;
        esac
done
# What the host mounts below the root file system is seen by a slave, and by nobody else.
mkdir -p "$test_dir/rootfs/run/late"
for pair in 'slave late' 'rslave late' 'private' 'shared' ''; do
        ok "rootfsPropagation ${pair% *}: start" ctrctl run -d --bundle "$(bundle late ".linux.rootfsPropagation=\"${pair% *}\"")" late
        mount -t tmpfs late "$test_dir/rootfs/run/late"
        touch "$test_dir/rootfs/run/late/late"
        is "rootfsPropagation ${pair% *}: what the host mounts later" "$(ctrctl exec late ls /run/late)" "$(sed -n 's/.* //p' <<<"$pair")"
        umount "$test_dir/rootfs/run/late"
        ctrctl delete -f late
done
rmdir "$test_dir/rootfs/run/late"
run "$(shell 'ls /tmp; touch /tmp/new && echo writable') | .mounts+=[{destination:\"/tmp\",type:\"tmpfs\",source:\"tmpfs\",options:[\"tmpcopyup\",\"mode=1777\"]}]"
is "tmpcopyup: an empty directory" "$output" "writable"
touch "$test_dir/rootfs/tmp/copied" && chmod 640 "$test_dir/rootfs/tmp/copied"
run "$(shell 'stat -c %a /tmp/copied; touch /tmp/new && echo writable') | .mounts+=[{destination:\"/tmp\",type:\"tmpfs\",source:\"tmpfs\",options:[\"tmpcopyup\",\"mode=1777\"]}]"
is "tmpcopyup: what the image has" "$(echo "$output" | tr '\n' ' ')" "640 writable "
ok "tmpcopyup: nothing written to the image" test ! -e "$test_dir/rootfs/tmp/new"
options '["bind"]' # /m is a directory now
run ".process.args=[\"/bin/true\"] | .mounts+=[{destination:\"/m\",source:\"$src/file\",options:[\"bind\"]}]"
like "a file onto a directory: says so" "$output" 'bind to /m: the source is a file, and the root file system has a directory there'
run ".process.args=[\"/bin/true\"] | .mounts+=[{destination:\"/etc/passwd\",source:\"$src\",options:[\"bind\"]}]"
like "a directory onto a file: says so" "$output" 'bind to /etc/passwd: the source is a directory, and the root file system has a file there'
run "$facts | .mounts+=[{destination:\"/t\",type:\"tmpfs\",source:\"tmpfs\",options:[\"size=64k\",\"mode=700\"]}]"
like "options of the file system" "$(mount_of /t)" 'size=64k,mode=700'

# ---- links as sources and targets ----

ln -sfn /bin/busybox "$test_dir/rootfs/target-link"
run "$(shell 'readlink /copied; readlink /copied-file || echo no link; cat /copied-file') | .mounts+=[
        {destination:\"/copied\",source:\"$src/link\",options:[\"bind\",\"copy-symlink\"]},
        {destination:\"/copied-file\",source:\"$src/said\",options:[\"bind\",\"copy-symlink\",\"ro\"]}]"
like "copy-symlink: a source that is not there" "$output" "open-source: .*$src/said"
echo said >"$src/said"
run "$(shell 'readlink /copied; readlink /copied-file || echo no link; cat /copied-file') | .mounts+=[
        {destination:\"/copied\",source:\"$src/link\",options:[\"bind\",\"copy-symlink\"]},
        {destination:\"/copied-file\",source:\"$src/said\",options:[\"bind\",\"copy-symlink\",\"ro\"]}]"
is "copy-symlink: the link is made again, a file is bound" "$(echo "$output" | tr '\n' ' ')" "file no link said "
run ".process.args=[\"/bin/true\"] | .mounts+=[{destination:\"/copied\",source:\"$src/link\",options:[\"bind\",\"copy-symlink\"]}]"
is "copy-symlink: the same link is there already" "$output" ""
ln -sfn other "$test_dir/rootfs/copied"
run ".process.args=[\"/bin/true\"] | .mounts+=[{destination:\"/copied\",source:\"$src/link\",options:[\"bind\",\"copy-symlink\"]}]"
like "copy-symlink: another link is there" "$output" 'bind: link /copied: File exists'
run "$(shell 'cat /target-link; cat /bin/busybox | head -c4 | tail -c3') | .mounts+=[{destination:\"/target-link\",source:\"$src/said\",options:[\"bind\",\"dest-nofollow\",\"ro\"]}]"
is "dest-nofollow: onto the link itself" "$(echo "$output" | tr '\n' ' ')" "said ELF "
run "$(shell 'readlink /target-link; readlink /plain') | .mounts+=[{destination:\"/target-link\",source:\"$src/link\",options:[\"bind\",\"src-nofollow\",\"dest-nofollow\"]}]"
is "src-nofollow, dest-nofollow: a link onto a link" "$output" "file"
rm -f "$test_dir"/rootfs/{target-link,copied,copied-file}

# ---- id-mapped mounts ----

mkdir -p "$test_dir/owned" && touch "$test_dir/owned/file" && chown 1000:2000 "$test_dir/owned/file"
run ".process.args=[\"/bin/ctr-probe\",\"stat\",\"/m/file\"] | .mounts+=[{destination:\"/m\",source:\"$test_dir/owned\",options:[\"bind\"],
        uidMappings:[{containerID:1000,hostID:5,size:1}],gidMappings:[{containerID:2000,hostID:6,size:1}]}]"
case $output in
*'no id-mapped mounts'*) skip "idmap: owners as mapped" "$(stat -f -c %T "$test_dir") on $(uname -r) has none" ;;
*) like "idmap: owners as mapped" "$output" '^stat=/m/file 0100644 5:6 ' ;;
esac
maps='.linux.namespaces+=[{"type":"user"}] | .linux.uidMappings=[{"containerID":0,"hostID":200000,"size":65536}] | .linux.gidMappings=.linux.uidMappings'
for option in idmap ridmap; do
        run "$maps | .process.args=[\"/bin/ctr-probe\",\"stat\",\"/m/file\"] | .mounts+=[{destination:\"/m\",source:\"$test_dir/owned\",options:[\"rbind\",\"$option\"]}]"
        case $output in
        *'no id-mapped mounts'*) skip "$option: the container's mapping" "$(stat -f -c %T "$test_dir") on $(uname -r) has none" ;;
        *) like "$option: the container's mapping" "$output" '^stat=/m/file 0100644 1000:2000 ' ;;
        esac
done
# In words of another runtime's: one range, and one whose host id is the container's.
for option in idmap=uids=1000-5-1\;gids=2000-6-1 ridmap=uids=@1000-5-1\;gids=@2000-6-1; do
        relative=
        case $option in *@*) relative="$maps | " ;; esac
        run "$relative .process.args=[\"/bin/ctr-probe\",\"stat\",\"/m/file\"] | .mounts+=[{destination:\"/m\",source:\"$test_dir/owned\",options:[\"rbind\",\"$option\"]}]"
        case $output in
        *'no id-mapped mounts'*) skip "$option" "$(stat -f -c %T "$test_dir") on $(uname -r) has none" ;;
        *) like "$option" "$output" '^stat=/m/file 0100644 5:6 ' ;;
        esac
done
exits "idmap: without any mapping" 1 ctrctl create --bundle "$(bundle bad ".mounts+=[{destination:\"/m\",source:\"$src\",options:[\"bind\",\"idmap\"]}]")" bad
like "idmap: says what is missing" "$output" 'mounts\[7\].options.*uidMappings'
ok "idmap: no process is left" none_runs ctr-exec

# ---- network devices ----

make_link dummy7 && ip addr add 10.77.0.1/24 dev dummy7 && ip -6 addr add fd00:77::1/64 dev dummy7 nodad && ip link set dummy7 up
if [ -d /sys/class/net/dummy7 ]; then
        run "$(shell 'ip addr show eth9; ls /sys/class/net') | .linux.netDevices={dummy7:{name:\"eth9\"}}"
        like "netDevices: the device with its new name is up" "$output" 'eth9[:@].*[<,]UP[,>]'
        like "netDevices: its address" "$output" 'inet 10.77.0.1/24'
        like "netDevices: its IPv6 address" "$output" 'inet6 fd00:77::1/64'
        make_link dummy8
        ok "netDevices: joined namespace" ip netns add fields
        run "$(shell 'ls /sys/class/net') | .linux.namespaces|=map(if .type==\"network\" then .path=\"/run/netns/fields\" else . end) | .linux.netDevices={dummy8:{}}"
        like "netDevices: in a joined namespace, with its own name" "$output" '^dummy8$'
        ip netns del fields
        make_link dummy9
        make_link dummy10
        run "$(shell 'ls /sys/class/net') | .linux.netDevices={dummy9:{name:\"net%d\"},dummy10:{name:\"net%d\"}}"
        is "netDevices: %d is the first free number" "$(echo "$output" | grep net | sort | tr '\n' ' ')" "net0 net1 "
else
        skip "netDevices: the device with its new name is up" "this kernel has no devices to move"
fi
run ".linux.netDevices={nosuch0:{}}"
like "netDevices: one that is not there" "$output" 'nosuch0'

# ---- seccomp ----

run ".process.args=[\"/bin/ctr-probe\",\"mkdir\",\"/x\",\"mkdir\",\"/y\"] | .linux.seccomp={defaultAction:\"SCMP_ACT_ALLOW\",
        syscalls:[{names:[\"mkdir\",\"mkdirat\"],action:\"SCMP_ACT_ERRNO\",errnoRet:122}]}"
like "seccomp: errnoRet" "$output" 'mkdir=Disk quota exceeded'
agent=$test_dir/agent
rm -f "$agent.log"
"$here/agent.py" "$agent" "$agent.log" 5 &
agent_pid=$!
ok "seccomp notify: agent" eventually 5 test -S "$agent"
notify=".linux.seccomp={defaultAction:\"SCMP_ACT_ALLOW\",listenerPath:\"$agent\",listenerMetadata:\"meta \\\"data\\\"\",
        syscalls:[{names:[\"mkdir\",\"mkdirat\"],action:\"SCMP_ACT_NOTIFY\"}]}"
mkdirs='.process.args=["/bin/ctr-probe","mkdir","/x"]'
run "$mkdirs | $notify | .annotations={a:\"b\"}" notified
like "seccomp notify: the agent answered" "$output" 'mkdir=Inappropriate ioctl'
state=$(sed -n 1p "$agent.log")
is "seccomp notify: state" "$(echo "${state% *}" | jq -c '[.ociVersion,.fds,.metadata,.state.id,.state.status,.state.bundle,.state.annotations.a,(.pid==.state.pid and .pid>1)]')" \
        "[\"1.0.2\",[\"seccompFd\"],\"meta \\\"data\\\"\",\"notified\",\"creating\",\"$test_dir/b$n\",\"b\",true]"
is "seccomp notify: one descriptor" "${state##* }" 1
run "$mkdirs | $notify | .process.noNewPrivileges=false | .linux.seccomp.flags=[\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_TSYNC\"]"
like "seccomp notify: without noNewPrivileges, TSYNC" "$output" 'mkdir=Inappropriate ioctl'
run "$mkdirs | $notify | .linux.seccomp.flags=[\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]"
like "seccomp notify: WAIT_KILLABLE_RECV" "$output" 'mkdir=Inappropriate ioctl'
ok "seccomp notify: create" ctrctl create --bundle "$(bundle held "$notify")" held
ok "seccomp notify: start" ctrctl start held
exits "seccomp notify: exec" 1 ctrctl exec held /bin/ctr-probe mkdir /x
like "seccomp notify: exec is asked about too" "$output" 'mkdir=Inappropriate ioctl'
state=$(sed -n 5p "$agent.log")
is "seccomp notify: exec: state of the container, pid of the process" \
        "$(echo "${state% *}" | jq -c '[.state.status,.state.id,.state.pid,(.pid!=.state.pid)]')" "[\"running\",\"held\",$(property held MainPID),true]"
ctrctl delete -f held
wait $agent_pid
run "$mkdirs | $notify" noagent
like "seccomp notify: no agent" "$output" 'send-listener.*is the agent running'
ok "seccomp notify: nothing is left" nothing_left noagent
exits "seccomp notify: of write is refused" 1 ctrctl create --bundle "$(bundle bad "$notify | .linux.seccomp.syscalls[0].names=[\"write\"]")" bad
like "seccomp notify: with the place" "$output" 'linux.seccomp.syscalls\[0\].names\[0\]'
ok "seccomp notify: stopped at the gate" ctrctl create --bundle "$(bundle gated "$notify")" gated
ok "seccomp notify: stop does not wait for a timeout" within 1000 systemctl stop ctr@gated
ctrctl delete -f gated

# ---- security modules ----

if [ ! -e /sys/kernel/security/apparmor/profiles ]; then
        run '.process.apparmorProfile="nosuch"'
        like "apparmorProfile without AppArmor" "$output" 'process.apparmorProfile: AppArmor is not enabled'
else
        run '.process.apparmorProfile="nosuch-profile"'
        like "apparmorProfile that is not loaded" "$output" 'nosuch-profile'
fi
run '.process.selinuxLabel="system_u:system_r:svirt_lxc_net_t:s0"'
like "selinuxLabel without SELinux" "$output" 'process.selinuxLabel: SELinux is not enabled'
run '.linux.mountLabel="system_u:object_r:svirt_sandbox_file_t:s0"'
like "mountLabel without SELinux" "$output" 'linux.mountLabel: SELinux is not enabled'
exits "intelRdt without resctrl" 1 ctrctl create --bundle "$(bundle rdt '.linux.intelRdt={closID:"x"}')" rdt
like "intelRdt without resctrl: clear error" "$output" 'linux.intelRdt: no resctrl file system at /sys/fs/resctrl'

for id in aff held noagent notified gated bad rdt; do
        ctrctl delete -f $id 2>/dev/null
        ok "nothing is left of $id" nothing_left $id
done
done_testing
