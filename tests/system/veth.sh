#!/bin/bash
# Networks of type veth, as nsinit and libcontainer had them: convert, and a pair of devices between a bridge and the
# container, gone with it.
. "$(dirname "$0")/lib.sh"

if ! ip link add ctrbr0 type bridge 2>"$test_dir/why"; then
        skip "networks of type veth" "this kernel has no bridge: $(cat "$test_dir/why")"
        done_testing
fi
ip address add 172.31.7.1/24 dev ctrbr0
ip address add fd07::1/64 dev ctrbr0 nodad
ip link set ctrbr0 up
sample=$(dirname "$0")/../data/convert/attach_to_bridge.json
rootfs=$test_dir/rootfs
make_rootfs "$rootfs"

converted() { # NAME [JQ-PROGRAM]: a bundle of the sample
        mkdir -p "$test_dir/$1"
        jq "${2:-.}" "$sample" >"$test_dir/$1/container.json"
        ctrctl convert --rootfs "$rootfs" "$test_dir/$1/container.json" 2>"$test_dir/warnings" |
                jq '.process.args=["/bin/ctr-probe","sleep","1000"]' >"$test_dir/$1/config.json"
        printf '%s\n' "$test_dir/$1"
}
inside() { # ID COMMAND...: in its network, with the host's programs
        nsenter -t "$(property "$1" MainPID)" -n "${@:2}"
}
# What a hook writes is the unit's, like what the container writes.
said() { journalctl -q --no-pager -o cat -u "ctr@$1.service" | grep -qE "$2"; }
links() { ip -j link show master ctrbr0 | jq -r '.[].ifname'; }
no_links() { [ -z "$(links)" ]; }

dir=$(converted one)
is "convert has nothing to warn of" "$(cat "$test_dir/warnings")" ""
ok "check accepts it" ctrctl check "$dir"
ok "run" ctrctl run -d -b "$dir" one
like "the host's end, in the bridge" "$(links)" '^veth[0-9a-f]{6}$'
is "the container's address" "$(inside one ip -j address show dev eth0 | jq -r '.[0].addr_info[] | select(.family == "inet") | .local + "/" + (.prefixlen | tostring)')" 172.31.7.2/24
is "mtu" "$(inside one ip -j link show dev eth0 | jq '.[0].mtu')" 1400
is "its gateway" "$(inside one ip -j route show default | jq -r '.[0].gateway + " " + .[0].dev')" "172.31.7.1 eth0"
is "its routes" "$(inside one ip -j route show 10.9.0.0/16 | jq -r '.[0].gateway')" 172.31.7.1
ok "ping the gateway" eventually 10 inside one ping -c 1 -W 1 172.31.7.1
ok "and back" eventually 10 ping -c 1 -W 1 172.31.7.2
is "and 127.0.0.1" "$(inside one ip -j link show lo | jq -r '.[0].flags | index("UP") != null')" true
ok "nothing of ours is left beside it" alone one
ok "delete" ctrctl delete -f one
ok "the devices are gone with it" eventually 10 no_links
ok "nothing is left" nothing_left one

# All that the configuration of libcontainer has.
dir=$(converted all '.routes=[{"destination":"fd99::/32","gateway":"fd07::1","interface_name":"net0"}] |
        .networks=[{"type":"veth","name":"net0","bridge":"ctrbr0","host_interface_name":"ctrhost0","mac_address":"02:42:ac:1f:07:03",
                "address":"172.31.7.3/24","ipv6_address":"fd07::3/64","ipv6_gateway":"fd07::1","mtu":1300,"txqueuelen":77,"hairpin_mode":true}]')
ok "run" ctrctl run -d -b "$dir" all
is "host_interface_name" "$(links)" ctrhost0
is "hairpin_mode" "$(bridge -d -j link show dev ctrhost0 | jq '.[0].hairpin')" true
is "name, mac_address, mtu and txqueuelen" "$(inside all ip -j link show dev net0 | jq -r '.[0] | "\(.address) \(.mtu) \(.txqlen)"')" "02:42:ac:1f:07:03 1300 77"
is "IPv6" "$(inside all ip -j -6 route show default | jq -r '.[0].gateway') $(inside all ip -j -6 route show fd99::/32 | jq -r '.[0].gateway')" "fd07::1 fd07::1"
ok "ping over it" eventually 10 inside all ping -6 -c 1 -W 1 fd07::1
ok "a second one beside it" ctrctl run -d -b "$(converted two)" two
is "each has its end" "$(links | wc -l)" 2
exits "the same name once more" 1 ctrctl run -d -b "$(converted three '.networks[1].host_interface_name="ctrhost0"')" three
like "names the hook" "$output" 'createRuntime .*ctrctl'
ok "which says what exists" eventually 10 said three 'ctrhost0.*File exists'
ok "and leaves nothing" nothing_left three
systemctl stop ctr@all
ctrctl delete -f all
ctrctl delete -f two
ok "the devices are gone with them" eventually 10 no_links

# Errors.
exits "no such bridge" 1 ctrctl run -d -b "$(converted bad '.networks[1].bridge="ctrbr9"')" bad
ok "says so" eventually 10 said bad 'there is no bridge "ctrbr9"'
ok "and leaves nothing" nothing_left bad
exits "no network namespace" 1 ctrctl run -d -b "$(converted bad '.namespaces.NEWNET=false')" bad
ok "says so" eventually 10 said bad "needs a network namespace of the container's own"
ok "and leaves nothing" nothing_left bad
exits "a route that nothing can reach" 1 ctrctl run -d -b "$(converted bad '.routes[1].gateway="10.10.10.10"')" bad
ok "and leaves nothing" nothing_left bad
ok "no device either" eventually 10 no_links
exits "not a hook's caller" 1 ctrctl veth '{"network":{"type":"veth","bridge":"ctrbr0"}}' </dev/null

# nsinit does the same.
cp "$sample" "$rootfs/container.json"
exits "nsinit exec" 0 sh -c 'cd "$1" && exec ctrctl nsinit exec /bin/sh -c "ip address show eth0"' - "$rootfs"
like "has it too" "$output" 'inet 172.31.7.2/24'
ok "for as long as it runs" eventually 10 no_links
ip link delete ctrbr0
done_testing
