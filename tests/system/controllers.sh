#!/bin/bash
# Limits for which this host has no controller are named at the start, wherever they were set: config.json, [Service] of a
# .container file, systemd's own drop-ins, options of run. Those of controllers that are there are not.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

read -ra have </sys/fs/cgroup/cgroup.controllers
# says WHAT TEXT LIMIT CONTROLLER: the text names the limit exactly when there is no such controller.
says() {
        local name=$1 text=$2 limits=$3 controller=$4
        case " ${have[*]} " in
        *" $controller "*) ok "$name: there is a $controller controller" test_unnamed "$text" "$controller" ;;
        *) like "$name: no $controller controller" "$text" "^ctrctl: warning: $limits: not enforced, .* no controller \"$controller\"$" ;;
        esac
}
test_unnamed() { ! grep "no controller \"$2\"" <<<"$1"; }

true_bundle=$(bundle true '.process.args=["/bin/true"]')
limited=$(bundle limited '.process.args=["/bin/true"]|.linux.resources={memory:{limit:50000000},pids:{limit:50}}')
exits "run" 0 ctrctl run --bundle "$limited" limits
says "run" "$output" MemoryMax= memory
says "run" "$output" TasksMax= pids
exits "run --property" 0 ctrctl run --property MemoryHigh=50M --property CPUQuota=20% --bundle "$true_bundle" limits
says "run --property" "$output" MemoryHigh= memory
says "run --property" "$output" CPUQuota= cpu
exits "an engine's container" 0 ctr-runtime --root "$test_dir/root" --systemd-cgroup run --bundle "$limited" limits
is "an engine is told nothing" "$output" ""

mkdir -p /etc/ctrunit/containers /etc/systemd/system/ctr@limited.service.d
make_rootfs "$test_dir/rootfs"
write() { # NAME LINE...: a container that ends at once
        printf '%s\n' '[Container]' "Rootfs=$test_dir/rootfs" 'Exec=/bin/true' '[Service]' 'Type=oneshot' "${@:2}" \
                >"/etc/ctrunit/containers/$1.container"
}
said() { journalctl -q -o cat -u "ctr@$1"; }
write limited MemoryHigh=50M MemoryMax=100M TasksMax=11 AllowedCPUs=0
printf '[Service]\nIOReadBandwidthMax=/ 1M\n' >/etc/systemd/system/ctr@limited.service.d/io.conf
write unlimited
systemctl daemon-reload
ok "configured containers" systemctl start ctr@limited ctr@unlimited
output=$(said limited)
says "[Service]" "$output" "MemoryMax=, MemoryHigh=" memory
says "[Service]" "$output" TasksMax= pids
says "[Service]" "$output" AllowedCPUs= cpuset
says "a drop-in of the unit" "$output" IOReadBandwidthMax= io
ok "without limits nothing is said" test_unnamed "$(said unlimited)" '.*'
rm -r /etc/ctrunit/containers/{,un}limited.container /etc/systemd/system/ctr@limited.service.d
systemctl daemon-reload
done_testing
