#!/bin/bash
# needs: qemu
# The D-Bus service with every controller: limits, a pause, and a container killed for want of memory, by signals.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/manager-lib.sh"

listen
subscriber

# memory.oom.group: the whole container goes.
dir=$(bundle oom '.process.args=["/bin/sh","-c","sleep 1; exec dd if=/dev/zero of=/dev/null bs=200M count=2"] |
        .linux.resources.memory={"limit":33554432,"swap":33554432}')
works "CreateContainer" manager CreateContainer 'ssa{sv}' oom "$dir" 0
works "Start" container oom Start
ok "Oom" eventually 60 saw 'Oom oom [1-9][0-9]*'
ok "Exited" eventually 30 saw 'Exited oom (oom-kill|signal|success) killed 9'
works "Delete" container oom Delete b true
ok "Removed" eventually 10 saw 'Removed oom'

dir=$(bundle limits '.process.args=["/bin/sleep","1000"]')
works "another" manager CreateContainer 'ssa{sv}' lim "$dir" 0
works "Start" container lim Start
works "Update" container lim Update s '{"memory":{"limit":67108864},"pids":{"limit":20},"cpu":{"shares":512}}'
cgroup=$(cgroup_of lim)
is "memory.max" "$(cat "$cgroup/memory.max")" 67108864
is "pids.max" "$(cat "$cgroup/pids.max")" 20
systemctl daemon-reload
is "memory.max after a reload" "$(cat "$cgroup/memory.max")" 67108864
works "Stats" container lim Stats
like "has the limit" "$output" '67108864'
works "Pause" container lim Pause
ok "Paused" eventually 10 saw 'Paused lim'
is "the kernel's word" "$(awk '/frozen/ { print $2 }' "$cgroup/cgroup.events")" 1
works "Delete of a paused one" container lim Delete b true
ok "nothing is left" nothing_left lim
release_subscriber
kill "$monitor"
# Everything is slow here: what counts is that each signal comes.
ok "4 containers by signals only" "$test_build/tests/client/orchestrator" "$dir" 4 2 60000
done_testing
