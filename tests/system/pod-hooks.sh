#!/bin/bash
# Hooks of pods: order, network namespace, state on standard input, failures, timeouts.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"

log=$test_dir/log
cat >"$test_dir/hook" <<HOOK
#!/bin/bash
state=\$(cat)
printf '%s %s %s %s\n' "\$1" "\$(jq -r '.id + " " + .status' <<<"\$state")" "\${VALUE:-}" \
        "\$(stat -L -c %i /proc/self/ns/net)" >>$log
[ "\$1" != prestart ] || [ -e /sys/class/net/eth7 ] || ip link add eth7 type dummy 2>/dev/null || ip link add eth7 type veth peer name eth8
HOOK
printf '#!/bin/sh\necho "what went wrong" >&2\nexit 3\n' >"$test_dir/fail"
printf '#!/bin/sh\nsleep 1000 & echo $! >%s; sleep 1000\n' "$test_dir/slow-pid" >"$test_dir/slow"
chmod +x "$test_dir"/{hook,fail,slow}

hooks='def h(w): [ { Path: "'$test_dir'/hook", Args: [ "hook", w ], Env: [ "VALUE=" + w, "PATH=/usr/sbin:/usr/bin:/sbin:/bin" ] } ];
        .Hooks = { PreStartHooks: h("prestart"), PostStartHooks: h("poststart"), PostStopHooks: h("poststop") }'

ok "create" pod_make h "$hooks"
net=$(stat -L -c %i $pods_root/h/ns/net)
is "prestart hooks run at create, in the pod's network namespace" "$(cat "$log")" "prestart h creating prestart $net"
is "what they put there is listed" "$(ctrctl pod status h | jq -c '[.Network.Endpoints[].Name] | contains(["eth7"])')" true
ok "start" ctrctl pod start h
is "poststart hooks run then" "$(tail -n +2 "$log")" "poststart h running poststart $net"
ok "containers see the link" ctrctl pod enter h a ls /sys/class/net/eth7
ok "stop" ctrctl pod stop h
is "poststop hooks run, still there" "$(tail -n +3 "$log")" "poststop h stopped poststop $net"
ok "delete" ctrctl pod delete h
is "and once only" "$(wc -l <"$log")" 3
ok "nothing is left" pod_nothing_left h

exits "a prestart hook that fails" 1 pod_run h ".Hooks.PreStartHooks = [ { Path: \"$test_dir/fail\" } ]"
like "says which, how and why" "$output" "prestart hook $test_dir/fail exited with status 3: what went wrong"
ok "nothing is left" pod_nothing_left h
exits "one that is not there" 1 pod_run h '.Hooks.PreStartHooks = [ { Path: "/nowhere/hook" } ]'
like "says so" "$output" 'prestart hook /nowhere/hook cannot be executed: No such file or directory'
ok "nothing is left" pod_nothing_left h

start=$SECONDS
exits "one that hangs" 1 pod_run h ".Hooks.PreStartHooks = [ { Path: \"$test_dir/slow\", Timeout: 1 } ]"
like "is killed" "$output" "prestart hook $test_dir/slow was killed after its timeout of 1000 ms"
ok "not at its own end" test $((SECONDS - start)) -le 500
test_slow_gone() { ! kill -0 "$(cat "$test_dir/slow-pid")" 2>/dev/null; }
ok "with its children" eventually 5 test_slow_gone
ok "nothing is left" pod_nothing_left h

exits "poststart and poststop hooks that fail" 0 pod_run h \
        ".Hooks = { PostStartHooks: [ { Path: \"$test_dir/fail\" } ], PostStopHooks: [ { Path: \"$test_dir/fail\" } ] }"
like "are warnings" "$output" "warning: .*poststart hook $test_dir/fail exited with status 3"
is "the pod runs" "$(pod_state h)" running
exits "stop" 0 ctrctl pod stop h
like "warns too" "$output" "poststop hook $test_dir/fail exited with status 3"
ok "delete" ctrctl pod delete h
ok "nothing is left" pod_nothing_left h
done_testing
