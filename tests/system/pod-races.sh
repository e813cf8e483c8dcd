#!/bin/bash
# Pods under many callers at a time, and callers that are killed at any point.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"

# ---- readers beside a writer: never half a state ----
ok "run" pod_run r
for i in $(seq 20); do
        for _ in 1 2 3; do ctrctl pod status r; done >"$test_dir/status.$i" 2>&1 &
done
ok "stop beside 20 readers" ctrctl pod stop r
wait
torn=$(cat "$test_dir"/status.* | jq -c '[.State, .ContainersStatus[].State]' | sort -u)
is "every reader saw it whole" \
        "$(grep -vxE '\["(running)","running","running"\]|\["stopped","stopped","stopped"\]' <<<"$torn")" ""
is "no reader failed" "$(cat "$test_dir"/status.* | jq -s length)" 60
ok "delete" ctrctl pod delete r
ok "nothing is left" pod_nothing_left r

# ---- many that want the same ----
for i in $(seq 8); do
        (pod_make same >/dev/null 2>&1; echo $?) >"$test_dir/rc.$i" &
done
wait
is "of eight creators one wins" "$(cat "$test_dir"/rc.* | sort | uniq -c | tr -s ' ' | paste -sd,)" " 1 0, 7 1"
is "and its pod is whole" "$(pod_state same)" ready
for i in $(seq 4); do
        ctrctl pod start same >/dev/null 2>&1 &
        ctrctl pod pause same >/dev/null 2>&1 &
        ctrctl pod resume same >/dev/null 2>&1 &
        ctrctl pod stop same >/dev/null 2>&1 &
done
wait
like "after any order of verbs it is in a state" "$(pod_state same)" '^(ready|running|paused|stopped)$'
for i in $(seq 4); do ctrctl pod delete -f same >/dev/null 2>&1 & done
wait
ok "nothing is left" pod_nothing_left same

# A container and a pod that want the same ids: one of them, never both.
dir=$(bundle c)
both=0
for i in $(seq 8); do
        ctrctl run -d --bundle "$dir" duel.a >/dev/null 2>&1 &
        one=$!
        pod_make duel >/dev/null 2>&1 &
        two=$!
        wait $one && first=1 || first=0
        wait $two && second=1 || second=0
        [ $((first + second)) -le 1 ] || both=$((both + 1))
        ctrctl pod delete -f duel
        ctrctl delete -f duel.a
done
is "of a container and a pod of its name at most one wins" $both 0
ok "nothing is left" pod_nothing_left duel

# ---- killed callers ----
kill_at() { # MILLISECONDS COMMAND...
        local ms=$1 pid
        shift
        "$@" >/dev/null 2>&1 </dev/null &
        pid=$!
        sleep "$(printf '0.%03d' "$ms")"
        kill -9 $pid 2>/dev/null
        wait $pid 2>/dev/null
}
pod_config k >"$test_dir/k.json"
failed=0
for ms in 2 5 8 12 18 25 35 50 70 90 120 160; do
        kill_at $ms ctrctl pod create "$test_dir/k.json"
        # Either it was made, or the id is free.
        if [ "$(pod_state k 2>/dev/null)" != ready ]; then
                out=$(ctrctl pod create "$test_dir/k.json" 2>&1) || {
                        echo "# create after $ms ms: $out"
                        failed=$((failed + 1))
                }
        fi
        kill_at $ms ctrctl pod start k
        case $(pod_state k) in
        running) ;;
        *) out=$(ctrctl pod start k 2>&1) || { echo "# start after $ms ms: $out"; failed=$((failed + 1)); } ;;
        esac
        kill_at $ms ctrctl pod stop k
        case $(pod_state k) in
        stopped) out=$(ctrctl pod start k 2>&1) || { echo "# start again after $ms ms: $out"; failed=$((failed + 1)); } ;;
        esac
        kill_at $ms ctrctl pod delete -f k
        ctrctl pod delete -f k || failed=$((failed + 1))
        pod_nothing_left k || failed=$((failed + 1))
done 2>&1
is "after a kill of create, start, stop or delete at any moment all goes on" $failed 0
done_testing
