#!/bin/bash
# Volumes of .volume files: whose they are, who shares them, what is mounted there, how they go.
. "$(dirname "$0")/lib.sh"

etc=/etc/ctrunit/containers
volumes=/var/lib/ctrunit/volumes
root=$test_dir/rootfs
mkdir -p $etc
make_rootfs "$root"
volume() { printf '[Volume]\n%s\n' "$2" >"$etc/$1.volume"; }
container() { # NAME SCRIPT LINES
        printf '[Container]\nRootfs=%s\nExec=/bin/sh -c "%s"\n%s\n' "$root" "$2" "$3" >"$etc/$1.container"
}
state() { systemctl show -P ActiveState "$1"; }

volume shared ""
volume owned $'User=1234\nGroup=www-data\nMode=0750'
volume scratch $'Device=tmpfs\nType=tmpfs\nOptions=size=1m,mode=1777'
mkdir -p "$test_dir/elsewhere"
volume bound "Device=$test_dir/elsewhere
Type=none
Options=bind"
container writer 'echo first >/data/file; exec ctr-probe sleep 1000' $'User=1000:1000\nVolume=shared.volume:/data'
container reader 'cat /data/file; exec ctr-probe sleep 1000' $'Volume=shared.volume:/data:ro\n[Unit]\nAfter=writer.container'
container owner 'exec ctr-probe sleep 1000' 'Volume=owned.volume:/data'
container memory 'echo x >/data/file; exec ctr-probe sleep 1000' $'Mount=type=volume,source=scratch.volume,destination=/data\nVolume=bound.volume:/bound'
container mapped 'echo y >/data/mapped; exec ctr-probe sleep 1000' $'Volume=fresh.volume:/data\nUIDMap=0:100000:1000'
volume fresh ""
container lost 'true' 'Volume=none.volume:/data'
printf '[Volume]\nDevise=x\n' >$etc/wrong.volume
container victim 'true' 'Volume=wrong.volume:/data'
ok "daemon-reload" systemctl daemon-reload

# ---- a directory that two share ----

is "a volume begins without anything" "$(ls -d $volumes/shared 2>&1 | grep -c 'No such')" 1
ok "its first container" systemctl start ctr@writer
is "the volume is active while it is used" "$(state ctr-volume@shared)" active
is "it belongs to the first container's user" "$(stat -c %u:%g $volumes/shared/data)" 1000:1000
is "nobody but root comes near" "$(stat -c %a:%u $volumes/shared)" 700:0
ok "the container writes into it" eventually 20 test -s $volumes/shared/data/file
ok "another container" systemctl start ctr@reader
said() { journalctl -q --no-pager -o cat -u "ctr@$1" _TRANSPORT=stdout | grep -qx "$2"; }
ok "sees what the first wrote" eventually 10 said reader first
ok "the first stops" systemctl stop ctr@writer
is "the volume stays, and so does the other" "$(state ctr-volume@shared) $(state ctr@reader)" "active active"
exits "systemctl clean of a volume in use is refused" 1 systemctl clean --what=state ctr-volume@shared
ok "it keeps what is in it" test -s $volumes/shared/data/file
ok "systemctl stop of the volume" systemctl stop ctr-volume@shared
is "stops its containers first" "$(state ctr@reader) $(state ctr-volume@shared)" "inactive inactive"
chown 77 $volumes/shared/data
ok "a container again" systemctl start ctr@reader
is "whose the data is stays" "$(stat -c %u $volumes/shared/data)" 77
systemctl stop ctr-volume@shared
ok "systemctl clean of the volume" systemctl clean --what=state ctr-volume@shared
ok "removes it" test ! -e $volumes/shared
ok "and a container makes it anew" systemctl start ctr@writer
ok "and writes into it" eventually 20 grep -qx first $volumes/shared/data/file
systemctl stop ctr-volume@shared
systemctl clean --what=state ctr-volume@shared

# ---- owner, mode, user namespaces, file systems ----

ok "User=, Group=, Mode=" systemctl start ctr@owner
is "User=, Group=, Mode=: are the directory's" "$(stat -c %u:%G:%a $volumes/owned/data)" 1234:www-data:750
ok "a container with a user namespace" systemctl start ctr@mapped
ok "a container with a user namespace writes into its volume" eventually 20 test -s $volumes/fresh/data/mapped
is "a container with a user namespace owns its volume" "$(stat -c %u $volumes/fresh/data $volumes/fresh/data/mapped | xargs)" "100000 100000"
ok "Device=: what a container needs is mounted" systemctl start ctr@memory
is "Device=: type and size" "$(findmnt -n -o FSTYPE,SIZE $volumes/scratch/data | xargs)" "tmpfs 1M"
ok "Device=: it is the container's" eventually 10 test -s $volumes/scratch/data/file
ok "Device=: a directory of the host" mountpoint -q $volumes/bound/data
exits "Device=: cannot be cleaned" 1 systemctl clean --what=state ctr-volume@bound
ok "Device=: stop of the volume" systemctl stop ctr-volume@scratch
is "Device=: unmounts it after its container" "$(state ctr@memory) $(findmnt -n $volumes/scratch/data | wc -l)" "inactive 0"

# ---- mistakes ----

exits "a volume that is not configured: no start" 1 systemctl start ctr@lost
like "a volume that is not configured: why" "$(systemctl status --no-pager -l ctr@lost)" 'lost.container:4:1: Volume: there is no none.volume'
exits "a mistake in a volume: no start" 1 systemctl start ctr@victim
like "a mistake in a volume: why" "$(systemctl status --no-pager -l ctr-volume@wrong)" \
        'wrong.volume:2:1: Devise: unknown key in \[Volume\], did you mean "Device"'
exits "ctr-generator --check of a volume" 78 /usr/lib/systemd/system-generators/ctr-generator --check wrong.volume
like "ctr-generator --check of a volume: why" "$output" 'wrong.volume:2:1'
exits "ctrctl check of a volume" 78 ctrctl check wrong.volume
like "ctrctl check of a volume: why" "$output" 'wrong.volume:2:1: Devise'
ok "ctrctl check of a good one" ctrctl check shared.volume
output=$(systemd-analyze verify --man=no /run/systemd/generator/ctr-volume@{shared,owned,scratch}.service /run/systemd/generator/*-scratch-data.mount 2>&1)
is "systemd-analyze verify" "$?/$(grep -c volume <<<"$output")" "0/0"

systemctl stop ctr-volume@{owned,fresh,bound} 2>/dev/null
systemctl clean --what=state ctr-volume@{owned,fresh} 2>/dev/null
rm -f $etc/*.volume $etc/*.container
systemctl daemon-reload
systemctl reset-failed
rmdir $volumes/{scratch,bound}/data $volumes/{scratch,bound}
is "nothing is left" "$(ls $volumes; systemctl list-units --all --plain --no-legend 'ctr-volume@*' 'ctr@*')" ""
done_testing
