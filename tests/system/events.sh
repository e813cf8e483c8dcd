#!/bin/bash
# needs: qemu
# events: the values are the cgroup's, and an out-of-memory kill is one line.
. "$(dirname "$0")/lib.sh"

ok "start" ctrctl run -d --bundle "$(bundle ev '.linux.resources={"memory":{"limit":67108864,"swap":67108864},"pids":{"limit":20}}')" ev
output=$(ctrctl events --stats ev)
ok "memory is used" test "$(jq .data.memory.usage.usage <<<"$output")" -gt 0
is "memory limit" "$(jq .data.memory.usage.limit <<<"$output")" 67108864
is "memory and swap limit" "$(jq .data.memory.swap.limit <<<"$output")" 67108864
is "numbers of memory.stat" "$(jq '.data.memory.raw|length' <<<"$output")" "$(wc -l <"$(cgroup_of ev)/memory.stat")"
is "pids" "$(jq -c '[.data.pids.current,.data.pids.limit]' <<<"$output")" '[1,20]'
ok "pressure" jq -e '.data.cpu.psi.some.avg10>=0 and .data.memory.psi.full.total>=0' <<<"$output"
ok "delete" ctrctl delete -f ev

ok "without limits: start" ctrctl run -d --bundle "$(bundle evn)" evn
output=$(ctrctl events --stats evn)
like "without limits" "$output" '"usage":\{"limit":18446744073709551615,'
ok "delete" ctrctl delete -f evn

test_gone() { ! kill -0 "$1" 2>/dev/null; }
ok "oom: start" ctrctl run -d --bundle "$(bundle evo '.linux.resources={"memory":{"limit":16777216,"swap":16777216}}|.process.args=["/bin/sh","-c","while [ ! -e /tmp/go ]; do sleep 0.1; done; /bin/ctr-probe alloc 64; sleep 1000"]')" evo
ctrctl events --interval 1h evo >"$test_dir/stream" &
stream=$!
test_listens() { grep -qs '^inotify' /proc/$stream/fdinfo/*; }
ok "oom: events listens" eventually 10 test_listens
touch "$test_dir/rootfs/tmp/go"
ok "oom: the line comes" eventually 30 grep -q oom "$test_dir/stream"
is "oom: it is the only one" "$(cat "$test_dir/stream")" '{"type":"oom","id":"evo"}'
is "oom: the container goes on" "$(status_of evo)" running
ok "oom: delete" ctrctl delete -f evo
ok "oom: the stream ends" eventually 10 test_gone $stream
wait $stream
is "oom: well" $? 0
ok "nothing is left" nothing_left evo

done_testing
