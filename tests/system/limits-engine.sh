#!/bin/bash
# needs: qemu
# Limits of engines' containers, in a scope and in a cgroup that systemd has no part in: all of linux.resources is read
# back from the cgroup, for a scope again after daemon-reload, set-property and daemon-reexec. Updates, out of memory,
# pids, device rules. What limits.sh, resources.sh and verbs-update.sh show of services one by one is here in few
# containers, which have many limits each.
. "$(dirname "$0")/lib.sh"

disk=$(lsblk -dno MAJ:MIN "$(findmnt -no SOURCE /)" | tr -d ' ')
major=${disk%:*}
minor=${disk#*:}
page=$(ls /sys/kernel/mm/hugepages | sed 's/hugepages-//;s/kB//' | sort -n | head -1)
size=$((page / 1024))MB

# ---- both managers: $manager, $runtime ----

path_of() { # ID: its linux.cgroupsPath
        case $manager in
        systemd) printf 'ctrlimits.slice:lim:%s' "$1" ;;
        *) printf '/ctrlimits/%s' "$1" ;;
        esac
}
directory_of() { # ID: of its cgroup
        case $manager in
        systemd) printf '/sys/fs/cgroup/ctrlimits.slice/lim-%s.scope' "$1" ;;
        *) printf '/sys/fs/cgroup/ctrlimits/%s' "$1" ;;
        esac
}
cgroup_file() { # ID FILE
        tr '\n' ';' <"$(directory_of "$1")/$2" 2>&1 | sed 's/;$//'
}
engine_bundle() { # ID JQ
        bundle "$1" ".linux.cgroupsPath=\"$(path_of "$1")\" | $2"
}
# What stays after the command must not hold our pipes.
start() { # ID JQ
        "${runtime[@]}" run -d --bundle "$(engine_bundle "$1" "$2")" "$1" </dev/null >"$test_dir/start.log" 2>&1 ||
                { cat "$test_dir/start.log"; return 1; }
}

# reads NAME ID FILE EXPECTED...: each file says so. All of them are looked at again by `again`.
remembered=
reads() {
        local name=$1 id=$2
        shift 2
        while [ $# -gt 0 ]; do
                is "$manager: $name: $1" "$(cgroup_file "$id" "$1")" "$2"
                remembered="$remembered$id $1 $2
"
                shift 2
        done
}
again() { # AFTER
        local id file expected wrong=
        while read -r id file expected; do
                [ -z "$id" ] || [ "$(cgroup_file "$id" "$file")" = "$expected" ] ||
                        wrong="$wrong$id: $file is $(cgroup_file "$id" "$file"), was $expected
"
        done <<<"$remembered"
        is "$manager: $1: every limit is as it was" "$wrong" ""
}
survives() {
        local id
        systemctl daemon-reload
        again "after daemon-reload"
        for id in "$@"; do
                systemctl set-property --runtime "lim-$id.scope" MemoryAccounting=yes
        done
        again "after set-property"
        systemctl daemon-reexec
        again "after daemon-reexec"
        is "$manager: nothing changed on disk" "$(for id in "$@"; do systemctl show -P NeedDaemonReload "lim-$id.scope"; done | sort -u)" no
}

rate() { printf '[{"major":%s,"minor":%s,"rate":%s}]' "$major" "$minor" "$1"; }
many="{\"memory\":{\"limit\":134217728,\"reservation\":8388608,\"swap\":167772160},
        \"cpu\":{\"shares\":512,\"quota\":12500,\"period\":50000,\"burst\":10000,\"cpus\":\"0\",\"mems\":\"0\"},\"pids\":{\"limit\":20},
        \"blockIO\":{\"weight\":500,\"throttleReadBpsDevice\":$(rate 1048576),\"throttleWriteBpsDevice\":$(rate 2097152),
        \"throttleReadIOPSDevice\":$(rate 200),\"throttleWriteIOPSDevice\":$(rate 100)},
        \"hugepageLimits\":[{\"pageSize\":\"$size\",\"limit\":4194304}],\"unified\":{\"memory.high\":\"50331648\",\"memory.oom.group\":\"1\"}}"
few='{"memory":{"limit":67108864,"swap":67108864},"cpu":{"idle":1,"quota":33333,"period":100000},"pids":{"limit":-1}}'
unified='{"unified":{"memory.max":"64M","memory.min":"1048576","memory.low":"2097152","memory.high":"50331648","memory.swap.max":"0",
        "memory.swap.high":"33554432","cpu.max":"25000 50000","cpu.weight":"200","cpuset.cpus":"0","cpuset.mems":"0","pids.max":"33",
        "io.max":"'"$disk"' rbps=1048576 wiops=100"}}'
none='{"memory":{"limit":-1,"swap":-1},"cpu":{"shares":1024,"quota":-1},"blockIO":{"weight":0}}'

check_limits() {
        ok "$manager: many limits: starts" start many ".linux.resources=$many"
        reads "many limits" many memory.max 134217728 memory.low 8388608 memory.swap.max 33554432 memory.high 50331648 \
                memory.oom.group 1 cpu.weight 59 cpu.max "12500 50000" cpu.max.burst 10000 cpuset.cpus 0 cpuset.mems 0 pids.max 20 \
                io.weight "default 4950" io.max "$disk rbps=1048576 wbps=2097152 riops=200 wiops=100" \
                "hugetlb.$size.max" 4194304 "hugetlb.$size.rsvd.max" 4194304
        ok "$manager: few limits: starts" start few ".linux.resources=$few"
        # Units have whole percents; the kernel's own number is what systemd is not asked for.
        local quota=34000
        [ $manager = systemd ] || quota=33333
        reads "few limits" few memory.max 67108864 memory.swap.max 0 cpu.idle 1 cpu.max "$quota 100000" pids.max max
        ok "$manager: unified: starts" start unified ".linux.resources=$unified"
        reads unified unified memory.max 67108864 memory.min 1048576 memory.low 2097152 memory.high 50331648 memory.swap.max 0 \
                memory.swap.high 33554432 cpu.max "25000 50000" cpu.weight 200 cpuset.cpus 0 cpuset.mems 0 pids.max 33 \
                io.max "$disk rbps=1048576 wbps=max riops=max wiops=100"
        ok "$manager: no limits: starts" start none ".linux.resources=$none"
        reads "no limits" none memory.max max memory.swap.max max cpu.weight 100 cpu.max "max 100000"
        [ $manager != systemd ] || survives many few unified none
}

# ---- update ----

check_update() {
        remembered=
        ok "$manager: update: options" "${runtime[@]}" update --memory 64M --memory-swap 80M --pids-limit 30 --cpu-share 1024 --cpuset-cpus 0-1 none
        reads update none memory.max 67108864 memory.swap.max 16777216 pids.max 30 cpu.weight 100 cpuset.cpus 0-1
        ok "$manager: update: JSON" sh -c "echo '{\"cpu\":{\"quota\":20000,\"period\":100000,\"burst\":5000},\"unified\":{\"memory.high\":\"40001536\"},\"hugepageLimits\":[{\"pageSize\":\"$size\",\"limit\":2097152}]}' | ${runtime[*]} update -r - none"
        reads "update: JSON" none cpu.max "20000 100000" cpu.max.burst 5000 memory.high 40001536 "hugetlb.$size.max" 2097152
        exits "$manager: update: refused" 1 "${runtime[@]}" update --memory 32m --memory-swap 16m none
        is "$manager: update: refused: nothing changes" "$(cgroup_file none memory.max)" 67108864
        ok "$manager: update: idle" "${runtime[@]}" update --cpu-idle 1 few
        is "$manager: update: idle: cpu.idle" "$(cgroup_file few cpu.idle)" 1
        ok "$manager: update: a weight again" "${runtime[@]}" update --cpu-share 512 few
        reads "update: a weight again" few cpu.idle 0 cpu.weight 59
        [ $manager != systemd ] || survives none few
        [ $manager != systemd ] || check_before_update
        for id in many few unified none big; do
                [ -e "$(directory_of $id)" ] || continue
                ok "$manager: $id: delete" "${runtime[@]}" delete -f $id
                ok "$manager: $id: the cgroup is gone" eventually 5 test ! -e "$(directory_of $id)"
        done
}
check_before_update() {
        ok "$manager: checkBeforeUpdate: a larger payload" start big '.linux.resources={"memory":{"limit":134217728}}|.process.args=["/bin/ctr-probe","alloc","48","sleep","1000"]'
        ok "$manager: checkBeforeUpdate: it uses memory" eventually 60 uses_memory big
        exits "$manager: checkBeforeUpdate: below the use is refused" 1 sh -c "echo '{\"memory\":{\"limit\":16777216,\"checkBeforeUpdate\":true}}' | ${runtime[*]} update -r - big"
        like "$manager: checkBeforeUpdate: says why" "$output" 'below the [0-9]+ bytes in use'
        is "$manager: checkBeforeUpdate: its limit stays" "$(cgroup_file big memory.max)" 134217728
}
uses_memory() { [ "$(cgroup_file "$1" memory.current)" -gt 48000000 ]; }

# ---- at work ----

check_at_work() {
        local hooks
        ok "$manager: pids.limit 1 does not hit the set-up" start one '.linux.resources={"pids":{"limit":1}}'
        is "$manager: pids.limit 1 is in force" "$(cgroup_file one pids.max)" 1
        hooks=$(jq -nc '{createRuntime:[{path:"/bin/sh",args:["sh","-c","exec /bin/dd if=/dev/zero of=/dev/null bs=30M count=2 2>/dev/null"]}]}')
        ok "$manager: nor 4 MiB of memory, nor its hook of 30 MB" start small ".linux.resources={\"memory\":{\"limit\":4194304}}|.hooks=$hooks"
        is "$manager: 4 MiB are in force" "$(cgroup_file small memory.max)" 4194304
        exits "$manager: a payload over its limit is killed" 137 "${runtime[@]}" run --bundle "$(engine_bundle oom \
                '.linux.resources={"memory":{"limit":16777216,"swap":16777216}}|.process.args=["/bin/ctr-probe","alloc","64"]')" oom
        ok "$manager: a killed worker: start" start oomw '.linux.resources={"memory":{"limit":16777216,"swap":16777216}}|.process.args=["/bin/sh","-c","/bin/ctr-probe alloc 64; sleep 1000"]'
        ok "$manager: a killed worker: the kernel killed one" eventually 20 grep -q '^oom_kill [1-9]' "$(directory_of oomw)/memory.events"
        is "$manager: a killed worker: the container runs on" "$("${runtime[@]}" state oomw | jq -r .status)" running
        # What set the container up counts until it has ended.
        output=$("${runtime[@]}" run --bundle "$(engine_bundle fork '.linux.resources={"pids":{"limit":5}}
                |.process.args=["/bin/sh","-c","n=2; while [ $n != 1 ]; do sleep 0.1; read n </sys/fs/cgroup/pids.current; done; exec /bin/ctr-probe fork 20"]')" fork 2>&1)
        like "$manager: forks stop at pids.limit" "$output" '^forked=4$'
        ok "$manager: device rules: start" start dev ".process.capabilities={bounding:[\"CAP_MKNOD\"],effective:[\"CAP_MKNOD\"],permitted:[\"CAP_MKNOD\"]}
                |.linux.resources={\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]}"
        systemctl daemon-reload
        exits "$manager: device rules hold after daemon-reload" 0 "${runtime[@]}" exec dev /bin/sh -c \
                "mknod /tmp/disk b $major $minor; head -c1 /tmp/disk >/dev/null 2>&1 && echo disk=open; head -c1 /dev/zero >/dev/null && echo zero=open; true"
        is "$manager: device rules hold after daemon-reload: the disk stays closed" "$(grep open <<<"$output")" zero=open
        for id in one small oomw dev; do
                ok "$manager: $id: delete" "${runtime[@]}" delete -f $id
        done
}

# ---- what the kernel refuses; what no cgroup2 can do is refused before there is a cgroup, as for services ----

check_refused() {
        local name resources pattern
        while IFS='|' read -r name resources pattern; do
                exits "$manager: $name: refused" 1 "${runtime[@]}" create --bundle "$(engine_bundle ref ".linux.resources=$resources")" ref
                like "$manager: $name: says why" "$output" "$pattern"
                ok "$manager: $name: no cgroup is left" eventually 5 test ! -e "$(directory_of ref)"
        done <<'END'
rdma without a device|{"rdma":{"mlx5_1":{"hcaHandles":3}}}|rdma\.max.*(RDMA device|no such file)
hugepageLimits of no such size|{"hugepageLimits":[{"pageSize":"3MB","limit":0}]}|hugetlb\.3MB\.max.*no such page size
unified: no such file|{"unified":{"memory.nonsense":"1"}}|memory\.nonsense
END
        output=$("${runtime[@]}" run --bundle "$(engine_bundle warn '.process.args=["/bin/true"]|.linux.resources={"memory":{"kernel":1048576,"kernelTCP":1048576,"disableOOMKiller":true}}')" warn 2>&1)
        is "$manager: kernel, kernelTCP, disableOOMKiller: a warning each" \
                "$(grep -oE 'warning: linux\.resources\.memory\.[A-Za-z]+: ignored' <<<"$output" | sort -u | wc -l)" 3
}

for manager in systemd cgroupfs; do
        runtime=(ctr-runtime --cgroup-manager=$manager)
        remembered=
        check_limits
        check_update
        check_at_work
        check_refused
done
rmdir /sys/fs/cgroup/ctrlimits
ok "nothing is left" test -z "$(systemctl list-units --all --no-legend --plain 'lim-*')"
done_testing
