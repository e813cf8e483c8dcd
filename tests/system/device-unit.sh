#!/bin/bash
# needs: qemu (udev, and a kernel that makes network interfaces)
# A container that is bound to a device: it cannot start without it, and stops when it is unplugged.
. "$(dirname "$0")/lib.sh"

etc=/etc/ctrunit/containers
interface=ctrdev0
device=sys-subsystem-net-devices-$interface.device
mkdir -p $etc
ln -sfn "$(bundle bound '.process.args=["/bin/ctr-probe","sleep","1000"]')" $etc/bound
printf '[Unit]\nBindsTo=%s\nAfter=%s\nJobTimeoutSec=2s\n' $device $device >$etc/bound.container
systemctl daemon-reload
is_state() { [ "$(property bound ActiveState)" = "$1" ]; }
exits "without the device it does not start" 1 systemctl start ctr@bound
ok "it never ran" test "$(property bound ExecMainStartTimestampMonotonic)" = 0
systemctl reset-failed ctr@bound
ok "the device is plugged in" ip link add $interface type dummy
ok "and the container starts" eventually 60 systemctl start ctr@bound
ok "it runs" is_state active
ok "the device is unplugged" ip link delete $interface
ok "and the container stops" eventually 60 is_state inactive
ok "nothing is left" nothing_left bound
rm -r $etc/bound $etc/bound.container
systemctl daemon-reload
done_testing
