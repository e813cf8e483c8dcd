#!/bin/bash
# The D-Bus service from Python: containers and pods, 100 in 10.
. "$(dirname "$0")/lib.sh"
if ! python3 -c 'import dbus' 2>/dev/null; then
        echo "1..0 # SKIP python3-dbus is missing (tools/testhost --packages python3-dbus)"
        exit 0
fi
dir=$(bundle py '.process.args=["/bin/sleep","1000"]')
output=$(timeout 500 python3 /src/tests/client/orchestrator.py "$dir" "$test_dir/rootfs" 10 10 2>&1)
ok "an orchestrator in Python: 100 containers in 10 pods" test $? = 0 || sed 's/^/#   /' <<<"$output"
like "did its work" "$output" '^ok [0-9]+ - orchestrator.py: nothing is left'
like "and with pods" "$output" '^ok [0-9]+ - orchestrator.py: no pod is left'
ok "nothing is left" test -z "$(ctrctl list -q)"
done_testing
