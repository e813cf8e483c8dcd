#!/bin/bash
# Built without networking (meson -Dnetwork=false): the lives of containers and pods are the same, and what asks for a
# network is refused by name. Containers: no-network-lifecycle.sh.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"
. "$(dirname "$0")/no-network.inc"

ok "the ctrctl of this test" test "$(dirname "$(readlink -f "$(command -v ctrctl)")")" = "$bare"

# ---- what is refused ----
exits "a published port" 1 ctrctl run -d --publish 8080:80 --bundle "$(bundle n1)" n1
like "says why" "$output" 'this ctrunit was built without networking \(meson option "network"\)'
exits "a port of the configuration" 1 ctrctl run -d --bundle "$(bundle n1 '.annotations["org.ctrunit.publish"] = "8080:80"')" n1
like "says where" "$output" 'org.ctrunit.publish.*built without networking'
ok "nothing is left" nothing_left n1
for model in CNM CNI; do
        exits "a pod with $model" 1 pod_make n ".NetworkModel = \"$model\""
        like "says what to use" "$output" "network model $model, use \"noop\": .*built without networking"
        ok "nothing is left" pod_nothing_left n
done

# ---- pods without one ----
ok "a pod in a namespace that is there" ip netns add no-network
ok "run" pod_run n '.NetworkModel = "noop" | .NetworkConfig.NetNSPath = "/run/netns/no-network"'
is "runs there" "$(namespace_of "$(member_pid n a)" net)" "$(stat -L -c %i /run/netns/no-network)"
ok "pause" ctrctl pod pause n
ok "resume" ctrctl pod resume n
ok "delete" ctrctl pod delete -f n
ok "nothing is left" pod_nothing_left n
ip netns delete no-network
done_testing
