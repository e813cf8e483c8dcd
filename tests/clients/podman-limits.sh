#!/bin/bash
# Limits and devices of podman's containers, with every controller: QEMU. See run.sh and lib.sh.
# shellcheck disable=SC2016,SC2317,SC1091  # $ is for shells in containers; functions are called by name
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/podman-lib.sh"
if ! has_controller memory || ! has_controller pids; then
        skip "limits" "this host's cgroup tree has no memory and pids controllers"
        done_testing
fi
podman_begin systemd

group_of() { echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(pid_of "$1")/cgroup")"; }
limit() { cat "$group/$1"; }

p run -d --name l "${none[@]}" --memory 64m --memory-swap 96m --memory-reservation 32m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 0 \
        --pids-limit 99 --blkio-weight 300 --cgroup-conf memory.high=50000000 box sleep 1000 >/dev/null
group=$(group_of l)
unit=$(basename "$group")
is "--memory" "$(limit memory.max)" 67108864
is "--memory-swap" "$(limit memory.swap.max)" 33554432
is "--memory-reservation" "$(limit memory.low)" 33554432
is "--cpus" "$(limit cpu.max)" "50000 100000"
like "--cpu-shares" "$(limit cpu.weight)" '^(19|20|59)$'
is "--cpuset-cpus" "$(limit cpuset.cpus.effective)" 0
is "--pids-limit" "$(limit pids.max)" 99
like "--cgroup-conf" "$(limit memory.high)" '^4999(9|8)|^50000000'
is "limits are the scope's" "$(systemctl show -P TasksMax "$unit") $(systemctl show -P MemoryMax "$unit")" "99 67108864"
systemctl daemon-reload
is "they survive a reload" "$(limit memory.max) $(limit pids.max) $(limit cpu.max)" "67108864 99 50000 100000"
ok "update --cpus" p update --cpus 0.25 l
is "update: cpu.max" "$(limit cpu.max)" "25000 100000"
ok "update --memory" p update --memory 80m --memory-swap 80m l
is "update: memory.max" "$(limit memory.max)" 83886080
systemctl daemon-reload
is "updates survive a reload" "$(limit memory.max) $(limit cpu.max)" "83886080 25000 100000"
is "update leaves the others" "$(limit pids.max)" 99
like "stats: memory and its limit" "$(p stats --no-stream --format '{{.MemUsage}} {{.PIDs}}' l)" '/ 83\.89MB 1'
is "an exec is limited, too" "$(p exec l sh -c 'for i in $(seq 200); do sleep 5 & done 2>&1 | grep -c -m1 "fork"')" 1
p rm -f -t 0 l >/dev/null
is "--pids-limit: fork fails" "$(run --pids-limit 20 box ctr-probe fork 100 | sed -n 's/forked=//p' | awk '{ print ($1 < 20) }')" 1
exits "--memory: the payload is killed" 137 p run --name oom "${none[@]}" --memory 20m --memory-swap 20m box ctr-probe alloc 100
is "inspect: OOMKilled" "$(p inspect oom --format '{{.State.OOMKilled}}')" true
p rm oom >/dev/null
oom_of_one() { run --init --memory 30m --memory-swap 30m box sh -c 'ctr-probe alloc 100; echo "child $?"; exit 5'; }
exits "--memory: a killed child is not the end" 5 oom_of_one
like "--memory: its parent sees it" "$output" 'child 137'
is "--oom-kill-disable is no error" "$(run --memory 64m --oom-score-adj 100 box echo fine)" fine
is "a pod's limit" "$(p pod create --name lp --network none --memory 100m >/dev/null; p run -d --pod lp --name lm box sleep 100 >/dev/null
        cat "$(dirname "$(group_of lm)")/memory.max")" 104857600
p pod rm -f -t 0 lp >/dev/null

# ---- devices ----

is "--device :r: it can be read, not written" \
        "$(run --device /dev/kmsg:/dev/k:r box sh -c 'dd if=/dev/k of=/dev/null bs=8k count=1 2>/dev/null && echo read; sh -c "echo x >/dev/k" 2>/dev/null || echo no' | xargs)" \
        "read no"
like "a device that was not given cannot be opened" "$(run --cap-add mknod box sh -c 'mknod /k c 1 11 && dd if=/k of=/dev/null bs=8k count=1' 2>&1)" 'not permitted'
is "--device-cgroup-rule" \
        "$(run --cap-add mknod --device-cgroup-rule 'c 1:11 rm' box sh -c 'mknod /k c 1 11 && dd if=/k of=/dev/null bs=8k count=1 2>/dev/null && echo read')" read
is "--privileged: every device" "$(run --privileged box sh -c 'dd if=/dev/kmsg of=/dev/null bs=8k count=1 2>/dev/null && echo read')" read
p run -d --name d "${none[@]}" --cap-add mknod box sleep 1000 >/dev/null
systemctl daemon-reload
like "devices stay refused after a reload" "$(p exec d sh -c 'mknod /k c 1 11 && dd if=/k of=/dev/null bs=8k count=1' 2>&1)" 'not permitted'
p rm -f -t 0 d >/dev/null

podman_end
