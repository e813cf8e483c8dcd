#!/bin/bash
# podman with cgroup manager cgroupfs: no unit, a directory of the cgroup tree. See run.sh and lib.sh.
# shellcheck disable=SC2016,SC2317,SC1091  # $ is for shells in containers; functions are called by name
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/podman-lib.sh"
podman_begin cgroupfs

is "info" "$(p info --format '{{.Host.CgroupManager}}')" cgroupfs
exits "run" 7 run box sh -c 'echo out; exit 7'
is "run: output" "$output" out
exits "a program that is not there" 127 run box /nope
ok "run -d" p run -d --name life "${none[@]}" box sh -c 'echo logged; trap "exit 3" TERM; while :; do sleep 0.05; done'
id=$(p inspect life --format '{{.Id}}')
group=$(sed -n 's/^0:://p' "/proc/$(pid_of life)/cgroup")
is "its group" "${group%/container}" "/libpod_parent/libpod-$id"
is "no unit" "$(systemctl list-units --all --no-legend "libpod-$id*" | wc -l)" 0
exits "exec" 5 p exec life sh -c 'exit 5'
is "exec -i" "$(echo typed | p exec -i life cat)" typed
exits "exec -it" 6 in_terminal 30 "podman exec -it life sh -c 'tty; exit 6'"
ok "exec -d" p exec -d life sleep 55
ok "exec -d: it is in the group" eventually 5 sh -c "cat /sys/fs/cgroup$group/cgroup.procs | xargs -n1 ps -o args= -p | grep -q 'sleep 55'"
ok "top" eventually 5 sh -c "podman top life args | grep -q 'sleep 55'"
ok "pause" p pause life
is "pause: status" "$(state_of life)" paused
is "pause: the kernel's word" "$(cat "/sys/fs/cgroup$group/cgroup.freeze")" 1
ok "unpause" p unpause life
is "logs" "$(p logs life)" logged
ok "stats" p stats --no-stream life
ok "restart" p restart -t 3 life
ok "kill" p kill life
is "wait" "$(p wait life)" 137
ok "start" p start life
ok "stop" within 8000 p stop -t 5 life
is "exit status" "$(p wait life)" 3
ok "rm" p rm life
group_gone() { [ ! -d "/sys/fs/cgroup/libpod_parent/libpod-$id" ]; }
ok "the group is gone" eventually 5 group_gone
exits "run -it" 4 in_terminal 30 "podman run --rm -it --network none box sh -c 'tty; exit 4'"
is "--cgroup-parent" "$(p run -d --name parent --cgroup-parent /libpod-test "${none[@]}" box sleep 100 >/dev/null
        sed -n 's/^0:://p' "/proc/$(pid_of parent)/cgroup" | cut -d/ -f2)" libpod-test
ok "rm -f" p rm -f -t 0 parent
rmdir /sys/fs/cgroup/libpod-test 2>/dev/null
if has_controller memory; then
        ok "a pod" p pod create --name pod --network none
        is "a container of it" "$(p run --rm --pod pod box echo member)" member
        ok "pod rm" p pod rm -f -t 0 pod
else
        skip "a pod" "podman wants the controllers of this host's root, which it has not"
fi
is "a payload that ends at once, ten times" "$(for _ in $(seq 10); do run box true || echo failed; done)" ""
rmdir /sys/fs/cgroup/libpod_parent/* /sys/fs/cgroup/libpod_parent /sys/fs/cgroup/conmon 2>/dev/null

podman_end
