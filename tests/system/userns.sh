#!/bin/bash
# Containers with a user namespace: new ones and ones that are there, alone and with joined namespaces, what the
# payload and a second process are in them, and the privileged steps that only the host can do.
. "$(dirname "$0")/lib.sh"

maps='.linux.namespaces+=[{"type":"user"}]
        | .linux.uidMappings=[{"containerID":0,"hostID":200000,"size":65536}]
        | .linux.gidMappings=[{"containerID":0,"hostID":300000,"size":65536}]'
facts='.process.args=["/bin/ctr-probe","facts"]'
# What the root of the container may write to belongs to it.
make_rootfs "$test_dir/rootfs"
chown -R 200000:300000 "$test_dir/rootfs"
chmod 755 "$test_dir"

fact() { # KEY: of $output
        printf '%s\n' "$output" | sed -n "s/^$1=//p"
}

# ---- a new one ----

exits "run" 0 ctrctl run --bundle "$(bundle new "$maps | $facts | .process.user={uid:33,gid:44,additionalGids:[5,6]}
        | .process.capabilities|=map_values([\"CAP_KILL\",\"CAP_SYS_ADMIN\"])")" new
is "uid and gid inside" "$(fact uid) $(fact gid) $(fact groups)" "33 44 5,6"
is "uid_map" "$(fact uid_map | tr -s ' ')" " 0 200000 65536"
is "gid_map" "$(fact gid_map | tr -s ' ')" " 0 300000 65536"
is "bounding set" "$(fact CapBnd)" 0000000000200020
like "its own namespace" "$(test "$(fact ns_user)" != "$(readlink /proc/self/ns/user)" && echo other)" other
like "device node: null is the device" "$output" '^dev=null c 1:3 0666'
like "device node: tty is the device" "$output" '^dev=tty c 5:0 0666'
like "link ptmx" "$output" '^dev=ptmx l pts/ptmx'
is "no descriptor of ours" "$(fact LEAKED_FD)" ""
for mount in '/proc proc' '/dev tmpfs' '/dev/pts devpts' '/dev/mqueue mqueue' '/sys sysfs ro' '/sys/fs/cgroup cgroup2 ro'; do
        like "mounted: $mount" "$(fact mount)" "^$mount"
done

ctrctl run -d --bundle "$(bundle held "$maps | .process.user={uid:33,gid:44}")" held
pid=$(property held MainPID)
is "owner of the payload outside" "$(stat -c %u:%g "/proc/$pid")" 200033:300044
exits "exec" 0 ctrctl exec held /bin/ctr-probe facts
is "exec: uid inside" "$(fact uid) $(fact gid)" "33 44"
is "exec: the payload's user namespace" "$(fact ns_user)" "$(readlink "/proc/$pid/ns/user")"
is "exec: the payload's pid namespace" "$(fact ns_pid)" "$(readlink "/proc/$pid/ns/pid")"
is "exec: no descriptor of ours" "$(fact LEAKED_FD)" ""
exits "exec as root of the namespace" 0 ctrctl exec --user 0:0 held /bin/ctr-probe facts
is "exec as root: uid_map" "$(fact uid_map | tr -s ' ')" " 0 200000 65536"
is "exec as root: uid" "$(fact uid)" 0
exits "the payload's root cannot change a device of the host" 1 \
        ctrctl exec --user 0:0 held /bin/sh -c 'chmod 600 /dev/null'
is "the host's null is as it was" "$(stat -c %a /dev/null)" 666

# ---- what only the host can do ----

# CAP_SYS_RESOURCE is not everywhere that tests run.
has_resource=$(prlimit --nproc=1000:1000 prlimit --nproc=1000:2000 true 2>/dev/null && echo yes)
score=10
[ -z "$has_resource" ] || score=-10
exits "oom_score_adj" 0 ctrctl run --bundle "$(bundle low "$maps | $facts | .process.oomScoreAdj=$score")" low
is "oom_score_adj inside" "$(fact oom_score_adj)" $score
limit=$(ulimit -Hn)
exits "rlimits" 0 ctrctl run --bundle "$(bundle lim "$maps | $facts
        | .process.rlimits=[{type:\"RLIMIT_NOFILE\",soft:100,hard:$limit},{type:\"RLIMIT_CORE\",soft:0,hard:0}]")" lim
is "RLIMIT_NOFILE" "$(fact rlimit_NOFILE)" "100 $limit"
is "RLIMIT_CORE" "$(fact rlimit_CORE)" "0 0"
if [ -n "$has_resource" ]; then
        mkdir -p /run/systemd/system/ctr@raise.service.d
        printf '[Service]\nLimitNPROC=1000\n' >/run/systemd/system/ctr@raise.service.d/nproc.conf
        systemctl daemon-reload
        exits "a hard limit above systemd's" 0 ctrctl run --bundle "$(bundle raise "$maps | $facts
                | .process.rlimits=[{type:\"RLIMIT_NPROC\",soft:1500,hard:2000}]")" raise
        is "RLIMIT_NPROC" "$(fact rlimit_NPROC)" "1500 2000"
        rm -r /run/systemd/system/ctr@raise.service.d
        systemctl daemon-reload
else
        skip "a hard limit above systemd's" "no CAP_SYS_RESOURCE here"
        skip "RLIMIT_NPROC" "no CAP_SYS_RESOURCE here"
fi
# Below the nice value of who starts it: the host's privilege, which a process of the namespace has not got.
exits "scheduler and ioPriority beyond its own privilege" 0 ctrctl run --bundle "$(bundle sched "$maps | $facts
        | .process.scheduler={policy:\"SCHED_BATCH\",nice:-5} | .process.ioPriority={class:\"IOPRIO_CLASS_RT\",priority:3}")" sched
is "scheduler" "$(fact scheduler)" "3 nice -5 priority 0 flags 0"
is "ioPriority" "$(fact io_priority)" "1 3"
exits "one to execute in" 0 ctrctl run -d --bundle "$(bundle sched-exec "$maps")" sched-exec
jq "$maps | $facts | .process | .scheduler={policy:\"SCHED_BATCH\",nice:-5}" "$test_dir/sched-exec/config.json" >"$test_dir/process.json"
exits "exec with a scheduler beyond its privilege" 0 ctrctl exec --process "$test_dir/process.json" sched-exec
is "scheduler of exec" "$(fact scheduler)" "3 nice -5 priority 0 flags 0"
ctrctl delete -f sched-exec
exits "sysctl of its network namespace" 0 ctrctl run --bundle "$(bundle sys "$maps
        | .linux.sysctl={\"net.ipv4.ip_forward\":\"1\"} | .process.args=[\"/bin/ctr-probe\",\"cat\",\"/proc/sys/net/ipv4/ip_forward\"]")" sys
is "sysctl" "$output" line=1
exits "time namespace" 0 ctrctl run --bundle "$(bundle time "$maps | $facts | .linux.namespaces+=[{type:\"time\"}]
        | .linux.timeOffsets={boottime:{secs:86400,nanosecs:5}}")" time
like "timens_offsets" "$(fact timens_offsets | tr -s ' ')" '^boottime 86400 5$'
exits "writable cgroup" 0 ctrctl run --bundle "$(bundle cg "$maps | .mounts|=map(if .type==\"cgroup\" then .options=[\"rw\"] else . end)
        | .process.args=[\"/bin/ctr-probe\",\"cat\",\"/proc/self/cgroup\",\"stat\",\"/sys/fs/cgroup\"]")" cg
like "root of its cgroup namespace" "$output" '^line=0::/$'
# config-linux.md, "Cgroup ownership": what it can write of it is what cgroups(7) delegates, and no limit.
own="$maps | .mounts|=map(if .type==\"cgroup\" then .options=[\"rw\"] else . end)"
nests='cd /sys/fs/cgroup && mkdir inner inner/most && echo $$ >inner/most/cgroup.procs && grep ^0: /proc/self/cgroup
        for file in cgroup.freeze cgroup.kill cgroup.max.descendants; do { echo 1 >$file; } 2>/dev/null && echo wrote $file; done; stat -c %u . cgroup.procs cgroup.freeze'
for program in ctrctl "ctr-runtime --systemd-cgroup" ctr-runtime; do
        exits "cgroup of its own: $program" 0 $program run --bundle "$(bundle nest "$own | .process.args=[\"/bin/sh\",\"-c\",\"$nests\"]")" nest
        is "cgroup of its own: $program: nested ones, and no limit" "$output" $'0::/inner/most\n0\n0\n65534'
        exits "cgroup of its own: $program: read-only" 1 $program run --bundle "$(bundle nest "$maps | .process.args=[\"/bin/mkdir\",\"/sys/fs/cgroup/inner\"]")" nest
        exits "cgroup of its own: $program: its user's" 0 $program run \
                --bundle "$(bundle nest "$own | .process.user={uid:33,gid:44} | .process.args=[\"/bin/stat\",\"-c\",\"%u %g\",\"/sys/fs/cgroup\"]")" nest
        is "cgroup of its own: $program: the user's alone" "$output" "33 65534"
done
ctrctl run -d --bundle "$(bundle nest "$own | .process.args=[\"/bin/sh\",\"-c\",\"mkdir /sys/fs/cgroup/a /sys/fs/cgroup/a/b; exec /bin/ctr-probe sleep 1000\"]")" nest
is "cgroup of its own: outside" "$(stat -c %u:%g "/sys/fs/cgroup$(property nest ControlGroup)")" 200000:0
exits "cgroup of its own: exec" 0 ctrctl exec nest /bin/sh -c 'mkdir /sys/fs/cgroup/a/c && cat /proc/self/cgroup'
ok "cgroup of its own: delete" ctrctl delete -f nest
ok "cgroup of its own: nothing is left" nothing_left nest

# ---- without namespaces of the other kinds ----

exits "on the host's network, ipc and pid namespaces" 0 ctrctl run --bundle "$(bundle host "$maps | $facts
        | .linux.namespaces|=map(select(.type|IN(\"network\",\"ipc\",\"pid\")|not))")" host
for kind in net ipc pid; do
        is "the host's $kind namespace" "$(fact ns_$kind)" "$(readlink /proc/self/ns/$kind)"
done
for mount in '/proc proc' '/dev/mqueue mqueue' '/sys sysfs ro'; do
        like "mounted all the same: $mount" "$(fact mount)" "^$mount"
done

# ---- joined ones ----

exits "namespaces of another container, in a user namespace of its own" 0 ctrctl run --bundle "$(bundle mixed "$maps | $facts
        | .linux.namespaces|=map(if .type|IN(\"network\",\"ipc\",\"pid\") then .path=\"/proc/$pid/ns/\"+({network:\"net\"}[.type]//.type) else . end)")" mixed
for kind in net ipc pid; do
        is "joined: $kind" "$(fact ns_$kind)" "$(readlink "/proc/$pid/ns/$kind")"
done
like "joined: another user namespace" "$(test "$(fact ns_user)" != "$(readlink "/proc/$pid/ns/user")" && echo other)" other
like "joined: proc is mounted" "$(fact mount)" '^/proc proc'
exits "joined: proc shows the other container" 0 ctrctl run --bundle "$(bundle mixed2 "$maps
        | .process.args=[\"/bin/ctr-probe\",\"cat\",\"/proc/1/comm\"]
        | .linux.namespaces|=map(if .type==\"pid\" then .path=\"/proc/$pid/ns/pid\" else . end)")" mixed2
is "joined: process 1 is the other's" "$output" line=ctr-probe

path_of='.linux.namespaces+=[{"type":"user","path":"/proc/'$pid'/ns/user"}]'
exits "a user namespace by path" 0 ctrctl run --bundle "$(bundle joined "$path_of | $facts
        | .process.user={uid:7,gid:8} | .hooks={createRuntime:[{path:\"/bin/sh\",args:[\"sh\",\"-c\",\"readlink /proc/self/ns/user /proc/self/ns/pid >$test_dir/hook\"]}]}")" joined
is "by path: user namespace" "$(fact ns_user)" "$(readlink "/proc/$pid/ns/user")"
is "by path: uid_map" "$(fact uid_map | tr -s ' ')" " 0 200000 65536"
is "by path: uid and gid" "$(fact uid) $(fact gid)" "7 8"
is "by path: process 1 of a pid namespace of its own" "$(fact pid)" 1
like "by path: proc" "$(fact mount)" '^/proc proc'
like "by path: device node" "$output" '^dev=null c 1:3 0666'
is "by path: runtime hooks are on the host" "$(tr '\n' ' ' <"$test_dir/hook")" \
        "$(readlink /proc/self/ns/user) $(readlink /proc/self/ns/pid) "
exits "the namespaces of a pod, all by path" 0 ctrctl run --bundle "$(bundle pod "$path_of | $facts
        | .linux.namespaces|=map(if .type|IN(\"network\",\"ipc\",\"uts\",\"pid\") then .path=\"/proc/$pid/ns/\"+({network:\"net\"}[.type]//.type) else . end) | del(.hostname)")" pod
for kind in net ipc pid uts user; do
        is "pod: $kind" "$(fact ns_$kind)" "$(readlink "/proc/$pid/ns/$kind")"
done
for mount in '/proc proc' '/dev/mqueue mqueue' '/sys sysfs ro'; do
        like "pod: mounted: $mount" "$(fact mount)" "^$mount"
done
ctrctl run -d --bundle "$(bundle podd "$path_of")" podd
exits "exec in a container with a user namespace by path" 0 ctrctl exec podd /bin/ctr-probe facts
is "exec: user namespace" "$(fact ns_user)" "$(readlink "/proc/$pid/ns/user")"

# ---- many mappings, bad ones ----

many='.linux.uidMappings=[range(340)|{containerID:.,hostID:(1000+2*.),size:1}] | .linux.gidMappings=.linux.uidMappings'
exits "340 mappings" 0 ctrctl run --bundle "$(bundle many "$maps | $many | $facts")" many
is "340 mappings: lines of uid_map" "$(fact uid_map | wc -l)" 340
is "340 mappings: the last one" "$(fact uid_map | tail -1 | tr -s ' ')" " 339 1678 1"
exits "341 mappings are refused" 1 ctrctl create --bundle "$(bundle more "$maps | ${many/340/341}")" more
like "with the place" "$output" 'linux.uidMappings'
exits "mappings that the kernel does not take are refused" 1 \
        ctrctl create --bundle "$(bundle longer "$maps | ${many/1000+/4000000000+}")" longer
like "with the place and the limit" "$output" 'linux.uidMappings.*4096'
exits "a user that is not mapped is refused" 1 ctrctl create --bundle "$(bundle odd "$maps | .process.user={uid:70000,gid:0}")" odd
like "with the place" "$output" 'process.user.uid'
exits "a mount namespace is joined with its own root only" 1 ctrctl create --bundle "$(bundle mnt \
        ".linux.namespaces|=map(if .type==\"mount\" then .path=\"/proc/$pid/ns/mnt\" else . end)")" mnt
like "with the reason" "$output" 'root.path: must be "/" with a joined mount namespace'

for id in held podd; do ctrctl delete -f $id; done
for id in new held low lim raise sys time cg host mixed mixed2 joined pod podd many more longer odd mnt; do
        ok "nothing is left of $id" nothing_left $id
done
done_testing
