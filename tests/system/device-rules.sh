#!/bin/bash
# Where device rules cannot be enforced no container starts without them: bpf(2) is refused to what PID 1 starts, as it
# is to PID 1 in a host that forbids it.
# shellcheck source-path=SCRIPTDIR disable=SC2154
. "$(dirname "$0")/lib.sh"

drop_in() { # ID LINES
        mkdir -p "/run/systemd/system/ctr@$1.service.d"
        printf '[Service]\n%s\n' "$2" >"/run/systemd/system/ctr@$1.service.d/rules.conf"
        systemctl daemon-reload
}
no_bpf=$'SystemCallFilter=~bpf\nSystemCallErrorNumber=EPERM\nDevicePolicy=auto\nDeviceAllow='
everything='.linux.resources.devices=[{allow:true,access:"rwm"}]'

for id in rules-run rules-create rules-all; do drop_in $id "$no_bpf"; done
exits "run" 1 ctrctl run --bundle "$(bundle run)" rules-run
like "says what and what to do" "$output" 'check-device-rules: linux.resources.devices: systemd cannot enforce device rules here .*allow all'
exits "create" 1 ctrctl create --bundle "$(bundle create '.linux.resources.devices=[{allow:false,access:"rwm"}]')" rules-create
like "create says it too" "$output" 'linux.resources.devices: systemd cannot enforce device rules'
ok "nothing is left of create" nothing_left rules-create
exits "without rules there is nothing to enforce" 0 ctrctl run --bundle "$(bundle all "$everything | .process.args=[\"/bin/ctr-probe\",\"sleep\",\"0\"]")" rules-all
exits "scope" 1 systemd-run --quiet --wait --pipe --collect -p "SystemCallFilter=~bpf" -p SystemCallErrorNumber=EPERM \
        ctr-runtime --systemd-cgroup create --bundle "$(bundle scope '.linux.cgroupsPath="system.slice:ctr:rules"')" rules-scope
like "scope: says it too" "$output" 'linux.resources.devices: systemd cannot enforce device rules'
exits "cgroupfs" 1 systemd-run --quiet --wait --pipe --collect -p "SystemCallFilter=~bpf" -p SystemCallErrorNumber=EPERM \
        ctr-runtime create --bundle "$(bundle cgroupfs)" rules-cgroupfs
like "cgroupfs: says it too" "$output" 'linux.resources.devices cannot be enforced'

# What an administrator takes away on purpose is gone.
drop_in rules-off $'DevicePolicy=auto\nDeviceAllow='
exits "a drop-in without device rules" 0 ctrctl run --bundle "$(bundle off '.process.args=["/bin/ctr-probe","sleep","0"]')" rules-off
exits "with rules" 0 ctrctl run --bundle "$(bundle on '.process.args=["/bin/ctr-probe","sleep","0"]')" rules-on

for id in run create all off; do rm -r "/run/systemd/system/ctr@rules-$id.service.d"; done
systemctl daemon-reload
for id in run create all scope cgroupfs off on; do
        ctrctl delete -f rules-$id 2>/dev/null
        ok "nothing is left of $id" nothing_left rules-$id
done
done_testing
