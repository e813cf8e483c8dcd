#!/bin/bash
# Network models of pods without plugins: the host's, and a given namespace.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"

# ---- noop ----
ok "noop" pod_run n '.NetworkModel = "noop"'
is "is the host's network" "$(namespace_of "$(member_pid n a)" net)" "$(namespace_of 1 net)"
is "no namespace is shown" "$(ctrctl pod status n | jq -c '[.NetNSPath, .Network]')" '[null,null]'
ok "delete -f" ctrctl pod delete -f n
ip netns add given
ok "noop with a namespace" pod_run n '.NetworkModel = "noop" | .NetworkConfig = { NetNSPath: "/run/netns/given" }'
is "is that one" "$(namespace_of "$(member_pid n a)" net)" "$(stat -L -c %i /run/netns/given)"
ok "delete -f" ctrctl pod delete -f n
ok "and it stays" test -e /run/netns/given
ok "nothing is left" pod_nothing_left n

exits "CNI without a network" 1 pod_run n '.NetworkModel = "CNI"'
like "says where it looked" "$output" 'no CNI network: /etc/cni/net.d has no file'
ok "nothing is left" pod_nothing_left n
ip netns delete given
done_testing
