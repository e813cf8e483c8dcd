#!/bin/bash
# needs: cni
# Pods with CNI and Debian's plugins (bridge where the kernel has bridges, else ptp): whole chains, name servers, several
# interfaces, failures, and that nothing stays. tools/testhost --packages containernetworking-plugins has them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"

if [ ! -x /usr/lib/cni/host-local ]; then
        skip "CNI plugins" "containernetworking-plugins is not in this host (tools/testhost --packages containernetworking-plugins)"
        done_testing
fi
ip netns add given
mkdir -p /etc/cni/net.d
kind=ptp
if ip link add ctrtest0 type bridge 2>/dev/null; then
        ip link delete ctrtest0
        kind=bridge
fi
links_before=$(ip -o link | awk -F': ' '{ print $2 }' | sed 's/@.*//' | sort)
reservations() { find /var/lib/cni/networks/podnet -name '10.*' 2>/dev/null | wc -l; }
cni_conf() { # JQ-PROGRAM
        jq -n --arg kind $kind '{ cniVersion: "0.4.0", name: "podnet", plugins: [
                { type: $kind, ipMasq: false,
                  ipam: { type: "host-local", subnet: "10.99.0.0/24", routes: [ { dst: "0.0.0.0/0" } ] },
                  dns: { nameservers: [ "10.99.0.1" ], search: [ "pod.test" ] } },
                { type: "tuning", sysctl: { "net.ipv4.conf.eth0.arp_filter": "1" } } ] } |
                if $kind == "bridge" then .plugins[0] += { bridge: "ctrcni0", isGateway: true } else . end' |
                jq "${1:-.}" >/etc/cni/net.d/10-pod.conflist
}
cni_conf
ok "CNI with a chain of $kind and tuning" pod_run n '.NetworkModel = "CNI"'
pid=$(member_pid n a)
address=$(nsenter -t "$pid" -n ip -o -4 addr show dev eth0 | awk '{ print $4 }')
like "eth0 has an address" "$address" '^10\.99\.0\.[0-9]+/24$'
is "the result is kept" "$(ctrctl pod status n | jq -r '.Network.Interfaces[0].Result.ips[0].address')" "$address"
is "and the link is listed as the kernel has it" \
        "$(ctrctl pod status n | jq -r '.Network.Endpoints[] | select(.Name == "eth0") | .Addresses[]' | grep -F 10.)" "$address"
is "the second plugin has done its part" "$(nsenter -t "$pid" -n cat /proc/sys/net/ipv4/conf/eth0/arp_filter)" 1
like "a route" "$(nsenter -t "$pid" -n ip route)" '^default via 10.99.0.1'
ok "the gateway answers" nsenter -t "$pid" -n bash -c 'ping -c1 -W2 10.99.0.1 || echo >/dev/tcp/10.99.0.1/1 2>&1 | grep -q refused || timeout 2 bash -c "exec 3<>/dev/udp/10.99.0.1/9; echo x >&3"'
is "name servers" "$(ctrctl pod enter n b cat /etc/resolv.conf | paste -sd,)" "nameserver 10.99.0.1,search pod.test"
is "members share it" "$(namespace_of "$(member_pid n b)" net)" "$(namespace_of "$pid" net)"
is "one reservation" "$(reservations)" 1

# The configuration changes meanwhile: what was made is what goes.
mv /etc/cni/net.d/10-pod.conflist "$test_dir/kept"
ok "stop" ctrctl pod stop n
is "no reservation" "$(reservations)" 0
is "no link but a bridge" "$(ip -o link | awk -F': ' '{ print $2 }' | sed 's/@.*//' | grep -vx ctrcni0 | sort)" "$links_before"
is "no network is shown" "$(ctrctl pod status n | jq -c .Network)" null
mv "$test_dir/kept" /etc/cni/net.d/10-pod.conflist
ok "start again" ctrctl pod start n
is "has an address again" "$(reservations)" 1
ok "delete -f" ctrctl pod delete -f n
is "no reservation" "$(reservations)" 0
ok "nothing is left" pod_nothing_left n

# More interfaces, a given namespace, a single plugin.
cni_conf '.plugins |= [ .[0] | del(.ipam.routes) ]'
ok "two interfaces" pod_make n '.NetworkModel = "CNI" | .NetworkConfig.NumInterfaces = 2'
is "are two" "$(ctrctl pod status n | jq -c '[.Network.Endpoints[].Name] | sort')" '["eth0","eth1"]'
is "with two addresses" "$(reservations)" 2
ok "delete" ctrctl pod delete n
is "no reservation" "$(reservations)" 0
cni_conf '{ cniVersion, name } + .plugins[0]'
ok "a single plugin, in a given namespace" pod_make n \
        '.NetworkModel = "CNI" | .NetworkConfig.NetNSPath = "/run/netns/given"'
ok "there it is" ip netns exec given ip link show dev eth0
ok "delete" ctrctl pod delete n
ok "there it is no more" bash -c '! ip netns exec given ip link show dev eth0 2>/dev/null'
is "no reservation" "$(reservations)" 0

# A chain whose last plugin fails, and one that is not there.
cni_conf '.plugins[1].sysctl = { "net.ipv4.conf.eth0.no_such": "1" }'
exits "a plugin that fails" 1 pod_run n '.NetworkModel = "CNI"'
like "says which and why" "$output" 'CNI plugin tuning ADD of eth0 failed: .*no_such'
is "no reservation" "$(reservations)" 0
ok "nothing is left" pod_nothing_left n
cni_conf '.plugins[1].type = "no-such-plugin"'
exits "a plugin that is not there" 1 pod_run n '.NetworkModel = "CNI"'
like "says where it looked" "$output" 'CNI plugin no-such-plugin is not in /opt/cni/bin'
is "no reservation" "$(reservations)" 0
ok "nothing is left" pod_nothing_left n
echo '{"name":"podnet","plugins":[{}]}' >/etc/cni/net.d/10-pod.conflist
exits "a configuration that is none" 1 pod_run n '.NetworkModel = "CNI"'
like "says what is missing" "$output" 'every plugin needs a "type"'

# A caller that is killed leaves what delete clears away. What the service was asked for it does nevertheless: it has read
# that before it answers, and what it does is a unit.
no_jobs() { [ -z "$(systemctl list-units --plain --no-legend 'ctr-job-*')" ]; }
service_settles() {
        busctl call org.ctrunit1 /org/ctrunit1 org.freedesktop.DBus.Peer Ping
        eventually 20 no_jobs
}
cni_conf
pod_config n '.NetworkModel = "CNI"' >"$test_dir/n.json"
for ms in 20 60 100 150 220; do
        ctrctl pod run "$test_dir/n.json" >/dev/null 2>&1 &
        pid=$!
        sleep "$(printf '0.%03d' $ms)"
        kill -9 $pid 2>/dev/null
        wait $pid 2>/dev/null
        [ -z "${CTR_POD_BUS:-}" ] || service_settles
        ctrctl pod delete -f n
done
is "no reservation after kills" "$(reservations)" 0
ok "nothing is left" pod_nothing_left n
is "no link but a bridge" "$(ip -o link | awk -F': ' '{ print $2 }' | sed 's/@.*//' | grep -vx ctrcni0 | sort)" "$links_before"
ip netns delete given
rm -r /etc/cni/net.d
ip link delete ctrcni0 2>/dev/null
done_testing
