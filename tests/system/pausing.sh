#!/bin/bash
# A pause that takes its time: a process of the container waits for a file system that is frozen. The library says
# "pausing" then, and ctrctl, which has no such word, "running".
. "$(dirname "$0")/lib.sh"

# Devices that nspawn's /dev does not have.
[ -e /dev/loop-control ] || mknod -m 600 /dev/loop-control c 10 237 2>/dev/null
for i in $(seq 0 31); do [ -e "/dev/loop$i" ] || mknod -m 600 "/dev/loop$i" b 7 "$i" 2>/dev/null; done
modprobe -q loop 2>/dev/null
files=$test_dir/files
mkdir "$files"
truncate -s 4M "$test_dir/image"
if ! busybox mke2fs -F "$test_dir/image" >/dev/null 2>&1 || ! mount -o loop "$test_dir/image" "$files" 2>/dev/null; then
        skip "pausing" "this host mounts no loop device"
        done_testing
fi
trap 'fsfreeze -u "$files" 2>/dev/null; ctrctl delete -f slow; umount "$files"' EXIT

dir=$(bundle slow ".process.args=[\"/bin/sh\",\"-c\",\"while :; do echo x >/files/f; sleep 0.02; done\"] |
        .mounts += [{\"destination\":\"/files\",\"type\":\"bind\",\"source\":\"$files\",\"options\":[\"rbind\",\"rw\"]}]")
ok "a container that writes" ctrctl run -d --bundle "$dir" slow </dev/null
export CTR_TEST_RUNNING=slow CTR_TEST_FILES=$files CTR_TEST_ROOTFS=$test_dir/rootfs
ok "libctrunit: running, pausing, paused, running" "$test_build/tests/library/library-pausing"
is "it runs on" "$(status_of slow)" running
ok "delete" ctrctl delete -f slow
ok "nothing is left" nothing_left slow
ok "unmount" umount "$files"
trap - EXIT
done_testing
