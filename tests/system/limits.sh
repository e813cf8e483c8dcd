#!/bin/bash
# needs: qemu
# linux.resources as unit properties: every limit is read back from the container's cgroup, at once and again after
# daemon-reload, and systemd never says that the unit changed on disk. OOM, pids and device rules at work.
. "$(dirname "$0")/lib.sh"

for controller in cpu cpuset io memory pids; do
        ok "the host has the $controller controller" grep -qw "$controller" /sys/fs/cgroup/cgroup.controllers
done

# cgroup_file ID FILE: the content of a file of the container's cgroup on one line.
cgroup_file() {
        tr '\n' ';' <"$(cgroup_of "$1")/$2" 2>&1 | sed 's/;$//'
}

# limit NAME RESOURCES-JSON FILE EXPECTED: starts a container with these resources; reload looks at all of them again.
limit() {
        local name=$1 resources=$2 file=$3 expected=$4 id=lim-$((++limit_number))
        ok "$name: starts" ctrctl run -d --bundle "$(bundle "$id" ".linux.resources=$resources")" "$id" || return
        is "$name: $file" "$(cgroup_file "$id" "$file")" "$expected"
        limited="$limited$id|$name|$file|$expected
"
}
reload() {
        local id name file expected
        systemctl daemon-reload
        while IFS='|' read -r id name file expected; do
                [ -n "$id" ] || continue
                is "$name: $file after daemon-reload" "$(cgroup_file "$id" "$file")" "$expected"
                is "$name: NeedDaemonReload" "$(property "$id" NeedDaemonReload)" no
        done <<<"$limited"
        ok "limits: delete" ctrctl delete -f --regex '^lim-'
}
limited=
limit_number=0

disk=$(lsblk -dno MAJ:MIN "$(findmnt -no SOURCE /)" | tr -d ' ')
major=${disk%:*}
minor=${disk#*:}

limit memory.limit '{"memory":{"limit":67108864}}' memory.max 67108864
limit memory.reservation '{"memory":{"reservation":8388608}}' memory.low 8388608
limit "memory.swap is memory and swap" '{"memory":{"limit":67108864,"swap":100663296}}' memory.swap.max 33554432
limit "memory.swap equal to the limit" '{"memory":{"limit":67108864,"swap":67108864}}' memory.swap.max 0
limit "memory.limit -1" '{"memory":{"limit":-1}}' memory.max max
limit "cpu.shares 1024" '{"cpu":{"shares":1024}}' cpu.weight 100
limit "cpu.shares 512" '{"cpu":{"shares":512}}' cpu.weight 59
limit "cpu.quota and period" '{"cpu":{"quota":12500,"period":50000}}' cpu.max "12500 50000"
limit "cpu.quota in a fraction of a percent is rounded up" '{"cpu":{"quota":33333,"period":100000}}' cpu.max "34000 100000"
limit cpu.cpus '{"cpu":{"cpus":"0"}}' cpuset.cpus 0
limit cpu.mems '{"cpu":{"mems":"0"}}' cpuset.mems 0
limit cpu.idle '{"cpu":{"idle":1}}' cpu.idle 1
limit cpu.burst '{"cpu":{"quota":50000,"period":100000,"burst":10000}}' cpu.max.burst 10000
limit pids.limit '{"pids":{"limit":20}}' pids.max 20
limit "pids.limit -1" '{"pids":{"limit":-1}}' pids.max max
limit blockIO.weight '{"blockIO":{"weight":500}}' io.weight "default 4950"
limit "blockIO throttles" "{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":$major,\"minor\":$minor,\"rate\":1048576}],\"throttleWriteIOPSDevice\":[{\"major\":$major,\"minor\":$minor,\"rate\":100}]}}" \
        io.max "$major:$minor rbps=1048576 wbps=max riops=max wiops=100"
limit "unified memory.high" '{"unified":{"memory.high":"50331648"}}' memory.high 50331648
reload

# ---- limits that must not hit the set-up ----

ok "pids.limit 1 starts" ctrctl run -d --bundle "$(bundle one '.linux.resources={"pids":{"limit":1}}')" one
is "pids.limit 1 is in force" "$(cgroup_file one pids.max)" 1
exits "pids.limit 1: no exec" 255 ctrctl exec one /bin/true
like "pids.limit 1: says why" "$output" 'cannot clone: one process more than pids.limit'
ok "pids.limit 1: delete" ctrctl delete -f one

hook_json() { # COMMAND
        jq -nc --arg c "$1" '{"createRuntime":[{"path":"/bin/sh","args":["sh","-c",$c]}]}'
}
hooks=$(hook_json 'exec /bin/dd if=/dev/zero of=/dev/null bs=30M count=2 2>/dev/null')
ok "memory 4 MiB and a 30 MB hook start" \
        ctrctl run -d --bundle "$(bundle small ".linux.resources={\"memory\":{\"limit\":4194304}}|.hooks=$hooks|.process.args=[\"/bin/ctr-probe\",\"sleep\",\"1000\"]")" small
is "memory 4 MiB is in force" "$(cgroup_file small memory.max)" 4194304
is "memory 4 MiB: running" "$(status_of small)" running
ok "memory 4 MiB: delete" ctrctl delete -f small

mkdir -p /etc/ctrunit/containers
ln -s "$(bundle gen '.linux.resources={"memory":{"limit":4194304},"pids":{"limit":1}}|.process.args=["/bin/ctr-probe","sleep","1000"]')" /etc/ctrunit/containers/gen
systemctl daemon-reload
ok "a generated unit with pids 1 and 4 MiB starts" systemctl start ctr@gen
is "generated: memory.max" "$(cgroup_file gen memory.max)" 4194304
is "generated: pids.max" "$(cgroup_file gen pids.max)" 1
systemctl stop ctr@gen
rm /etc/ctrunit/containers/gen
systemctl daemon-reload

# ---- OOM ----

exits "a payload over its limit is killed" 137 \
        ctrctl run --bundle "$(bundle oom '.linux.resources={"memory":{"limit":16777216,"swap":16777216}}|.process.args=["/bin/ctr-probe","alloc","64"]')" oom
ok "a killed worker leaves the container alone: start" ctrctl run -d --bundle "$(bundle oomw '.linux.resources={"memory":{"limit":16777216,"swap":16777216}}|.process.args=["/bin/sh","-c","/bin/ctr-probe alloc 64; sleep 1000"]')" oomw
ok "a killed worker: the kernel killed one" eventually 20 grep -q '^oom_kill [1-9]' "$(cgroup_of oomw)/memory.events"
is "a killed worker: still active" "$(property oomw ActiveState)" active
ok "a killed worker: delete" ctrctl delete -f oomw

# ---- pids ----

# ctr-exec counts until it has ended.
output=$(ctrctl run --bundle "$(bundle fork '.linux.resources={"pids":{"limit":5}}|.process.args=["/bin/sh","-c","n=2; while [ $n != 1 ]; do sleep 0.1; read n </sys/fs/cgroup/pids.current; done; exec /bin/ctr-probe fork 20"]')" fork 2>&1)
like "forks stop at pids.limit" "$output" '^forked=4$'

# ---- device rules ----

device_probe='.process.capabilities.bounding+=["CAP_MKNOD"]|.process.capabilities.effective+=["CAP_MKNOD"]|.process.capabilities.permitted+=["CAP_MKNOD"]'
script="mknod /dev/disk b $major $minor; head -c1 /dev/disk >/dev/null 2>&1 && echo disk=open || echo disk=denied; head -c1 /dev/zero >/dev/null && echo zero=open; mknod /dev/k c 1 11 && head -c1 /dev/k >/dev/null 2>&1 && echo kmsg=open || echo kmsg=denied"
run_devices() { # ID RULES
        ctrctl run --bundle "$(bundle "$1" "$device_probe|.process.args=[\"/bin/sh\",\"-c\",\"$script\"]|.linux.resources={\"devices\":$2}")" "$1" 2>&1
}
output=$(run_devices dev-deny '[{"allow":false,"access":"rwm"}]')
like "denied: the disk" "$output" '^disk=denied$'
like "denied: kmsg" "$output" '^kmsg=denied$'
like "default devices stay open" "$output" '^zero=open$'
output=$(run_devices dev-allow "[{\"allow\":false,\"access\":\"rwm\"},{\"allow\":true,\"type\":\"b\",\"major\":$major,\"minor\":$minor,\"access\":\"rm\"}]")
like "allowed by rule: the disk" "$output" '^disk=open$'
like "still denied: kmsg" "$output" '^kmsg=denied$'

ok "device rules: start" ctrctl run -d --bundle "$(bundle dev-reload "$device_probe|.linux.resources={\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]}")" dev-reload
systemctl daemon-reload
exits "device rules hold after daemon-reload" 1 ctrctl exec dev-reload /bin/sh -c "mknod /tmp/disk b $major $minor && head -c1 /tmp/disk"
ok "device rules: delete" ctrctl delete -f dev-reload

# ---- update ----

ok "update: start" ctrctl run -d --bundle "$(bundle upd '.linux.resources={"memory":{"limit":134217728},"pids":{"limit":50}}')" upd
ok "update: memory and pids" ctrctl update --memory 64M --pids-limit 30 upd
is "update: memory.max" "$(cgroup_file upd memory.max)" 67108864
is "update: pids.max" "$(cgroup_file upd pids.max)" 30
systemctl daemon-reload
is "update: memory.max after daemon-reload" "$(cgroup_file upd memory.max)" 67108864
is "update: NeedDaemonReload" "$(property upd NeedDaemonReload)" no
ok "update: from JSON" sh -c 'echo "{\"cpu\":{\"shares\":1024}}" | ctrctl update -r - upd'
is "update: cpu.weight" "$(cgroup_file upd cpu.weight)" 100
ok "systemctl set-property" systemctl set-property --runtime ctr@upd MemoryMax=32M
is "set-property: memory.max" "$(cgroup_file upd memory.max)" 33554432
ok "update: delete" ctrctl delete -f upd
ok "nothing is left" nothing_left upd

done_testing
