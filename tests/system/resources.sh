#!/bin/bash
# needs: qemu
# linux.resources that limits.sh does not have: limits that systemd knows no property for, weights of devices, unified
# keys, device rules, and what cgroup2 cannot do.
. "$(dirname "$0")/lib.sh"

cgroup_file() { # ID FILE
        tr '\n' ';' <"$(cgroup_of "$1")/$2" 2>&1 | sed 's/;$//'
}

# limit NAME RESOURCES-JSON FILE EXPECTED...: starts a container; each file says so. All of them are looked at again
# after daemon-reload, set-property and daemon-reexec.
limit() {
        local name=$1 resources=$2 id=res-$((++limit_number))
        shift 2
        ok "$name: starts" ctrctl run -d --bundle "$(bundle "$id" ".linux.resources=$resources")" "$id" || return
        while [ $# -gt 0 ]; do
                is "$name: $1" "$(cgroup_file "$id" "$1")" "$2"
                limited="$limited$id $1 $2
"
                shift 2
        done
}
all_again() { # AFTER
        local id file expected
        while read -r id file expected; do
                [ -z "$id" ] || is "$1: $file of $id" "$(cgroup_file "$id" "$file")" "$expected"
        done <<<"$limited"
}
limit_number=0
limited=

page=$(ls /sys/kernel/mm/hugepages | sed 's/hugepages-//;s/kB//' | sort -n | head -1)
size=$((page / 1024))MB

limit "hugepageLimits" "{\"hugepageLimits\":[{\"pageSize\":\"$size\",\"limit\":4194304}]}" \
        "hugetlb.$size.max" 4194304 "hugetlb.$size.rsvd.max" 4194304
limit "cpu.burst" '{"cpu":{"quota":50000,"period":100000,"burst":10000}}' cpu.max.burst 10000
limit "unified memory" '{"unified":{"memory.max":"64M","memory.min":"1048576","memory.low":"2097152","memory.high":"50331648","memory.swap.max":"0","memory.swap.high":"33554432","memory.oom.group":"1"}}' \
        memory.max 67108864 memory.min 1048576 memory.low 2097152 memory.high 50331648 memory.swap.max 0 \
        memory.swap.high 33554432 memory.oom.group 1
limit "unified cpu" '{"unified":{"cpu.max":"25000 50000","cpu.weight":"200","cpuset.cpus":"0","cpuset.mems":"0","pids.max":"33"}}' \
        cpu.max "25000 50000" cpu.weight 200 cpuset.cpus 0 cpuset.mems 0 pids.max 33
limit "unified cpu.idle" '{"unified":{"cpu.idle":"1"}}' cpu.idle 1
limit "unified wins" '{"memory":{"limit":67108864},"unified":{"memory.max":"33554432"}}' memory.max 33554432
limit "memory.swap -1" '{"memory":{"limit":67108864,"swap":-1}}' memory.swap.max max
limit "empty objects mean nothing" '{"memory":{},"cpu":{"shares":0},"blockIO":{"weight":0},"pids":{}}' \
        memory.max max cpu.weight 100 pids.max "$(property res-1 TasksMax | sed 's/infinity/max/')"

systemctl daemon-reload
all_again "after daemon-reload"
for n in $(seq $limit_number); do
        systemctl set-property --runtime "ctr@res-$n" MemoryAccounting=yes
done
all_again "after set-property"
systemctl daemon-reexec
all_again "after daemon-reexec"
is "nothing changed on disk" "$(for n in $(seq $limit_number); do property "res-$n" NeedDaemonReload; done | sort -u)" no
ok "delete" ctrctl delete -f --regex '^res-'

# ---- devices by number ----

disk=$(lsblk -dno MAJ:MIN "$(findmnt -no SOURCE /)" | tr -d ' ')
major=${disk%:*}
minor=${disk#*:}
ok "weightDevice: starts" ctrctl run -d --bundle "$(bundle wd ".linux.resources={\"blockIO\":{\"weight\":500,\"weightDevice\":[{\"major\":$major,\"minor\":$minor,\"weight\":1000,\"leafWeight\":10}]}}")" wd
like "weightDevice: systemd's word" "$(property wd IODeviceWeight)" " 10000$"
is "weightDevice: the default" "$(property wd IOWeight)" 4950
systemctl daemon-reload
like "weightDevice: after daemon-reload" "$(property wd IODeviceWeight)" " 10000$"
ok "weightDevice: delete" ctrctl delete -f wd
ok "unified io.max: starts" ctrctl run -d --bundle "$(bundle iom ".linux.resources={\"unified\":{\"io.max\":\"$disk rbps=1048576 wiops=100\"}}")" iom
is "unified io.max" "$(cgroup_file iom io.max)" "$disk rbps=1048576 wbps=max riops=max wiops=100"
ok "unified io.max: delete" ctrctl delete -f iom

# ---- what cannot be ----

# refused NAME RESOURCES-JSON PATTERN
refused() {
        exits "$1: refused" 1 ctrctl create --bundle "$(bundle ref ".linux.resources=$2")" ref
        like "$1: says why" "$output" "$3"
        ok "$1: nothing is left" nothing_left ref
}
refused "rdma without a device" '{"rdma":{"mlx5_1":{"hcaHandles":3}}}' 'rdma\.max.*(RDMA device|no such file)'
refused "hugepageLimits of no such size" '{"hugepageLimits":[{"pageSize":"3MB","limit":0}]}' 'hugetlb\.3MB\.max.*no such page size'
refused "swappiness" '{"memory":{"limit":1000000,"swappiness":60}}' 'linux\.resources\.memory\.swappiness'
refused "realtimeRuntime" '{"cpu":{"realtimeRuntime":5000}}' 'linux\.resources\.cpu\.realtimeRuntime'
refused "network.classID" '{"network":{"classID":7}}' 'linux\.resources\.network\.classID'
refused "network.priorities" '{"network":{"priorities":[{"name":"eth0","priority":1}]}}' 'network\.priorities'
refused "unified: no controller" '{"unified":{"foo.bar":"1"}}' 'unified\["foo\.bar"\]'
refused "unified: a path" '{"unified":{"../memory.max":"1"}}' 'unified'
refused "unified: cgroup.procs" '{"unified":{"cgroup.procs":"1"}}' 'unified\["cgroup\.procs"\]'
refused "unified: no such file" '{"unified":{"memory.nonsense":"1"}}' 'memory\.nonsense'
refused "memory.swap below the limit" '{"memory":{"limit":67108864,"swap":1000}}' 'memory\.swap'

for field in kernel kernelTCP; do
        ok "memory.$field is accepted" ctrctl create --bundle "$(bundle warn ".linux.resources={\"memory\":{\"$field\":1048576}}")" warn
        ok "memory.$field: delete" ctrctl delete warn
        output=$(ctrctl create --bundle "$test_dir/warn" warn 2>&1)
        like "memory.$field: with a warning" "$output" "warning: linux.resources.memory.$field: ignored"
        ctrctl delete warn
done
output=$(ctrctl create --bundle "$(bundle warn '.linux.resources={"memory":{"disableOOMKiller":true}}')" warn 2>&1)
like "disableOOMKiller: with a warning" "$output" "warning: linux.resources.memory.disableOOMKiller: ignored"
ctrctl delete warn

# ---- device rules ----

all='["CAP_MKNOD","CAP_DAC_OVERRIDE"]'
script="mknod /dev/disk b $major $minor 2>/dev/null && echo node=made || echo node=denied; head -c1 /dev/disk >/dev/null 2>&1 && echo read=open || echo read=denied; [ -b /dev/disk ] && (: >>/dev/disk) 2>/dev/null && echo write=open || echo write=denied; head -c1 /dev/zero >/dev/null && echo zero=open; (: >/dev/null) && echo null=open"
# devices NAME RULES EXPECTED: what the payload can do with the disk.
devices() {
        local got
        got=$(ctrctl run --bundle "$(bundle dev ".process.capabilities={bounding:$all,effective:$all,permitted:$all}|.process.args=[\"/bin/sh\",\"-c\",\"$script\"]|.linux.resources={\"devices\":$2}")" dev 2>&1 | sed -n 's/^\(node\|read\|write\)=//p' | tr '\n' ' ')
        is "devices: $1" "$got" "$3 "
}
rule() { printf '{"allow":%s,"type":"b","major":%s,"minor":%s,"access":"%s"}' "$1" "$2" "$3" "$4"; }
none='{"allow":false,"access":"rwm"}'
devices "none" "[$none]" "denied denied denied"
devices "all" '[{"allow":true,"access":"rwm"}]' "made open open"
devices "made only" "[$none,$(rule true "$major" "$minor" m)]" "made denied denied"
devices "read" "[$none,$(rule true "$major" "$minor" rm)]" "made open denied"
devices "write taken back" "[$none,$(rule true "$major" "$minor" rwm),$(rule false "$major" "$minor" w)]" "made open denied"
devices "any minor" "[$none,$(rule true "$major" -1 rwm)]" "made open open"
devices "any block device" "[$none,$(rule true -1 -1 rm)]" "made open denied"
devices "the whole list taken back" "[$(rule true "$major" "$minor" rwm),$none]" "denied denied denied"
devices "a part of what is allowed" "[$none,$(rule true "$major" -1 rwm),$(rule false "$major" "$minor" w)]" "made open denied"
devices "denied after everything" "[{\"allow\":true,\"access\":\"rwm\"},$(rule false "$major" "$minor" rw)]" "made denied denied"
devices "one minor of every major" "[$none,$(rule true -1 "$minor" rm)]" "made open denied"
devices "another minor of every major" "[$none,$(rule true -1 77 rm)]" "denied denied denied"
# The kernel keeps the program whatever systemd does with its own.
ok "devices: after daemon-reload: start" ctrctl run -d --bundle "$(bundle dev ".process.capabilities={bounding:$all,effective:$all,permitted:$all}
        |.linux.resources={\"devices\":[{\"allow\":true,\"access\":\"rwm\"},$(rule false "$major" "$minor" w)]}")" dev
systemctl daemon-reload
systemctl set-property --runtime ctr@dev.service DeviceAllow="block-* rwm" DeviceAllow="char-* rwm"
exits "devices: after daemon-reload" 0 ctrctl exec dev /bin/sh -c "$script"
like "devices: after daemon-reload: read" "$output" '^read=open'
like "devices: after daemon-reload: write" "$output" '^write=denied'
ok "devices: after daemon-reload: delete" ctrctl delete -f dev
# Engines: a scope, and a directory that systemd has no part in.
for manager in systemd cgroupfs; do
        engine_devices() { # NAME RULES EXPECTED
                local got
                got=$(ctr-runtime --cgroup-manager=$manager run --bundle "$(bundle dev ".process.capabilities={bounding:$all,effective:$all,permitted:$all}|.process.args=[\"/bin/sh\",\"-c\",\"$script\"]|.linux.resources={\"devices\":$2}")" dev 2>&1 | sed -n 's/^\(node\|read\|write\)=//p' | tr '\n' ' ')
                is "devices, $manager: $1" "$got" "$3 "
        }
        engine_devices "none: made, and not opened" "[$none]" "made denied denied"
        engine_devices "all" '[{"allow":true,"access":"rwm"}]' "made open open"
        engine_devices "read" "[$none,$(rule true "$major" "$minor" rm)]" "made open denied"
        engine_devices "a part of what is allowed" "[$none,$(rule true "$major" -1 rwm),$(rule false "$major" "$minor" w)]" "made open denied"
done

done_testing
