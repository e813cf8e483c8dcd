#!/bin/bash
# Images as root file systems: mod-create and RunContainer of a squashfs or an ext4, through a mount unit of systemd.
. "$(dirname "$0")/lib.sh"

store=/var/lib/ctrunit/bundles
make_rootfs "$test_dir/rootfs"
# Devices that nspawn's /dev does not have.
[ -e /dev/loop-control ] || mknod -m 600 /dev/loop-control c 10 237 2>/dev/null
for i in $(seq 0 31); do [ -e "/dev/loop$i" ] || mknod -m 600 "/dev/loop$i" b 7 "$i" 2>/dev/null; done
modprobe -q -a loop squashfs 2>/dev/null
PATH=$PATH:/usr/sbin
if ! losetup -f >/dev/null 2>&1; then
        echo "1..0 # SKIP this host has no loop devices"
        exit 0
fi
mounts_left() { grep -c " $store/" /proc/self/mountinfo; }
loops() { losetup -n -O BACK-FILE -a | grep -c "$test_dir"; }
test_no_mount() { [ "$(mounts_left)$(loops)" = 00 ] && ! systemctl list-units --all --plain --no-legend 'var-lib-ctrunit-bundles-*' | grep .; }
nothing_mounted() { eventually 10 test_no_mount || { grep " $store/" /proc/self/mountinfo; losetup -a; return 1; }; }
mount_unit() { systemd-escape --path --suffix=mount "$store/$1/rootfs"; }

make_squashfs() { mksquashfs "$test_dir/rootfs" "$1" -quiet -no-progress -no-xattrs; }
make_ext4() { truncate -s 32M "$1" && mkfs.ext4 -q -d "$test_dir/rootfs" "$1"; }
for kind in squashfs ext4; do
        image=$test_dir/image.$kind
        if ! command -v "$([ $kind = squashfs ] && echo mksquashfs || echo mkfs.ext4)" >/dev/null; then
                skip "$kind" "there is no program that makes one (tools/testhost --packages squashfs-tools,e2fsprogs)"
                continue
        fi
        make_$kind "$image" >/dev/null || continue
        exits "$kind: mod-run" 0 ctrctl mod-run --rootfs "$image" --name img-1 sh -c 'echo "from $(cat /etc/group)"; touch /no || echo read-only; exec sleep 1000'
        unit=$(mount_unit img-1)
        is "$kind: runs" "$(status_of img-1)" running
        is "$kind: is mounted by a unit" "$(systemctl show -P ActiveState "$unit")" active
        like "$kind: without set-uid programs and devices, read-only" "$(systemctl show -P Options "$unit"; grep " $store/img-1/rootfs " /proc/mounts)" 'ro,nosuid,nodev'
        like "$kind: which the container requires" "$(systemctl show -P Requires "$(unit_of img-1)")" 'bundles-img.{1,6}1-rootfs\.mount'
        like "$kind: and comes after" "$(systemctl show -P After "$(unit_of img-1)")" 'bundles-img.{1,6}1-rootfs\.mount'
        in_journal() { journalctl --no-pager -o cat -u ctr@img-1 | grep -qx "$1"; }
        ok "$kind: its files" eventually 5 in_journal "from root:x:0:"
        ok "$kind: which nobody writes" eventually 5 in_journal read-only
        ok "$kind: exec" ctrctl exec img-1 true
        ok "$kind: delete" ctrctl delete -f img-1
        ok "$kind: nothing is left" nothing_left img-1
        ok "$kind: neither mount, unit nor loop device" nothing_mounted
        ok "$kind: nor bundle" test ! -e $store/img-1
        ok "$kind: over D-Bus" busctl call org.ctrunit1 /org/ctrunit1 org.ctrunit1.Manager RunContainer 'a{sv}' 3 ID s img2 RootFS s "$image" Cmd as 2 /bin/sleep 1000
        is "$kind: runs" "$(status_of img2)" running
        ok "$kind: the unit is stopped, and with it the container" systemctl stop "$(mount_unit img2)"
        ok "$kind: it is stopped" eventually 10 test_stopped img2
        ok "$kind: Delete" busctl call org.ctrunit1 /org/ctrunit1/container/img2 org.ctrunit1.Container Delete b true
        ok "$kind: nothing is left" nothing_mounted
        exits "$kind: a program that is not in it" 127 ctrctl mod-run --rootfs "$image" --name img-1 /nope
        ok "$kind: nothing is left of that" nothing_mounted
        chmod o+w "$image"
        exits "$kind: that others may write" 1 ctrctl mod-create --rootfs "$image" --name img-1
        like "$kind: is refused" "$output" 'only root may own and write an image'
        chmod o-w "$image"
        ln -s "$image" "$test_dir/link.$kind"
        exits "$kind: by a link" 1 ctrctl mod-create --rootfs "$test_dir/link.$kind" --name img-1
        # The beginning of one, and then nothing that a kernel would take.
        head -c 4096 "$image" >"$test_dir/cut.$kind"
        exits "$kind: one that is cut off" 1 ctrctl mod-create --rootfs "$test_dir/cut.$kind" --name img-1
        like "$kind: says what to look at" "$output" 'cannot mount .*journalctl -u'
        ok "$kind: nothing is left of these" nothing_mounted
done
truncate -s 1M "$test_dir/zero"
exits "a file that is no image" 1 ctrctl mod-create --rootfs "$test_dir/zero" --name img-1
like "is refused" "$output" 'neither a directory nor an image of squashfs or ext4'
printf 'XFSB' | dd of="$test_dir/zero" conv=notrunc status=none
exits "of another kind" 1 ctrctl mod-create --rootfs "$test_dir/zero" --name img-1
ok "nothing is left" test ! -e $store/img-1
ok "no mount, no unit, no loop device" nothing_mounted
systemctl reset-failed
done_testing
