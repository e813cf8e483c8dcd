#!/bin/bash
# events: the numbers of a container as engines decode them, the stream and its end. Controllers that this host
# lacks leave zeros: values are tested where there are all (events.sh).
. "$(dirname "$0")/lib.sh"

exits "events of nothing" 1 ctrctl events nope
ok "start" ctrctl run -d --bundle "$(bundle ev)" ev
output=$(ctrctl events --stats ev)
is "--stats: one line" "$(printf '%s\n' "$output" | wc -l)" 1
is "type and id" "$(jq -r '.type+" "+.id' <<<"$output")" "stats ev"
is "its parts" "$(jq -rc '.data|keys_unsorted' <<<"$output")" '["cpu","cpuset","memory","pids","blkio","hugetlb","intel_rdt","network_interfaces"]'
is "cpu" "$(jq -rc '.data.cpu.usage|keys_unsorted' <<<"$output")" '["total","kernel","user"]'
is "throttling" "$(jq -rc '.data.cpu.throttling|keys_unsorted' <<<"$output")" '["periods","throttledPeriods","throttledTime"]'
is "cpuset: nine zeros" "$(jq -rc '.data.cpuset|[length,add]' <<<"$output")" '[9,0]'
is "memory" "$(jq -rc '.data.memory|keys_unsorted|.[:6]' <<<"$output")" '["cache","usage","swap","kernel","kernelTCP","raw"]'
is "memory.usage" "$(jq -rc '.data.memory.usage|keys_unsorted' <<<"$output")" '["limit","usage","max","failcnt"]'
is "pids" "$(jq -rc '.data.pids|keys_unsorted' <<<"$output")" '["current","limit"]'
is "network_interfaces" "$(jq -rc .data.network_interfaces <<<"$output")" null
ok "cpu time is nanoseconds and grows" test "$(jq .data.cpu.usage.total <<<"$output")" -gt 10000

timeout 240 ctrctl events --interval 200ms ev >"$test_dir/stream" &
stream=$!
ok "the stream has several numbers" eventually 5 sh -c "[ \"\$(wc -l <'$test_dir/stream')\" -ge 3 ]"
is "each line is an object" "$(jq -r .type "$test_dir/stream" | sort -u)" stats
ok "kill" ctrctl kill ev KILL
wait $stream
is "the stream ends with the container" $? 0
exits "events of a stopped container" 1 ctrctl events ev
like "says so" "$output" 'container not running'
exits "events --stats of a stopped container" 1 ctrctl events --stats ev
ok "delete" ctrctl delete ev
for interval in 0s -1s x ""; do
        exits "--interval '$interval'" 1 ctrctl events --interval "$interval" ev
done

# Nobody reads: the end of the pipe is the end of it.
ok "start" ctrctl run -d --bundle "$(bundle evp)" evp
ok "ends with its reader" within 3000 sh -c 'ctrctl events --interval 100ms evp | head -1 >/dev/null'
ok "delete" ctrctl delete -f evp
ok "nothing is left" nothing_left evp

done_testing
