#!/bin/bash
# Keys of .container files as their container sees them: one line of a table each, all started together.
. "$(dirname "$0")/lib.sh"

etc=/etc/ctrunit/containers
root=$test_dir/rootfs
mkdir -p $etc
make_rootfs "$root"
mkdir -p "$root/var/tmp" "$root/out" "$test_dir/out"
chmod 777 "$test_dir/out"
rm -f "$root/etc/resolv.conf" "$root/etc/hosts"
chmod 755 "$test_dir" "$root"
journal() { journalctl -q --no-pager -o cat "$@"; }
test_ended() { case $(property "$1" ActiveState) in inactive | failed) return 0 ;; esac; return 1; }
output() { sed 's/[[:space:]]\+/ /g; s/^ //' "$test_dir/out/$1"; }

# What the host has: name servers of its own, one of them at an address that is nobody else's.
printf 'nameserver 127.0.0.53\nnameserver 192.0.2.1\nsearch host.example\noptions edns0\n' >"$test_dir/host"
touch /etc/resolv.conf
mount --bind "$test_dir/host" /etc/resolv.conf
[ -e /etc/localtime ] || { echo UTC0 >/etc/localtime && made_zone=yes; }
# A root whose resolv.conf is a link to nowhere, as those of hosts with systemd-resolved are.
cp -a "$root" "$test_dir/linked"
ln -s ../run/systemd/resolve/stub-resolv.conf "$test_dir/linked/etc/resolv.conf"
# A user namespace to join.
unshare --user sleep 1000 &
other=$!
test_other() { [ "$(cat /proc/$other/comm)" = sleep ]; }
eventually 10 test_other
for ids in uid gid; do echo '0 100000 65536' >/proc/$other/${ids}_map; done
# A root where nothing has to be made, for a root user who may not.
cp -a "$root" "$test_dir/complete"
touch "$test_dir/complete/etc/resolv.conf"

container() { printf '[Container]\nRootfs=%s\nExec=/bin/ctr-probe sleep 1000\n%s\n' "$root" "$2" >"$etc/keys-$1.container"; }
names=() expected=() title=()
# row NAME LINES SCRIPT OUTPUT: a container with these lines, whose program is the script, finds this. No double quotes.
row() {
        printf '[Container]\nRootfs=%s\nVolume=%s:/out\n%s\nExec=/bin/sh -c "{ %s; } >/out/keys-%s"\n' "$root" "$test_dir/out" "$2" "$3" "$1" >"$etc/keys-$1.container"
        names+=("keys-$1")
        title+=("$(head -n 1 <<<"$2"): $1")
        expected+=("$4")
}
row hosts $'AddHost=db.example:192.0.2.7\nAddHost=a;b.example:2001:db8::1\nUser=7' 'cat /etc/hosts' \
        $'127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n192.0.2.7 db.example\n2001:db8::1 a b.example\n127.0.1.1 keys-hosts'
row hosts-ro $'AddHost=db:192.0.2.7\nReadOnly=no' 'echo x 2>/dev/null >>/etc/hosts || echo refused' refused
row dns $'DNS=192.0.2.53\nDNS=2001:db8::53\nDNSSearch=a.example\nDNSSearch=b.example\nDNSOption=ndots:2\nUIDMap=0:100000:65536\nRootfs='"$test_dir/complete" \
        'cat /etc/resolv.conf' $'nameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch a.example b.example\noptions ndots:2'
row dns-rest $'DNS=192.0.2.53' 'cat /etc/resolv.conf' $'nameserver 192.0.2.53\nsearch host.example\noptions edns0'
row dns-host $'DNS=host\nNetwork=host' 'cat /etc/resolv.conf' $'nameserver 127.0.0.53\nnameserver 192.0.2.1\nsearch host.example\noptions edns0'
row dns-search 'DNSSearch=.' 'cat /etc/resolv.conf' $'nameserver 192.0.2.1\noptions edns0'
row dns-link $'DNS=192.0.2.53\nDNSSearch=.\nDNSOption=edns0\nRootfs='"$test_dir/linked" 'cat /etc/resolv.conf' $'nameserver 192.0.2.53\noptions edns0'
row dns-none $'DNS=none\nRootfs='"$test_dir/linked" 'readlink /etc/resolv.conf' ../run/systemd/resolve/stub-resolv.conf
row userns "UserNS=ns:/proc/$other/ns/user" 'readlink /proc/self/ns/user' "$(readlink /proc/$other/ns/user)"
row userns-host UserNS=host 'readlink /proc/self/ns/user' "$(readlink /proc/self/ns/user)"
row gidmap $'UIDMap=0:100000:65536\nGIDMap=0:200000:65536' 'cat /proc/self/uid_map /proc/self/gid_map' $'0 100000 65536\n0 200000 65536'
row device AddDevice=/dev/zero:/dev/other:r 'head -c 3 /dev/other | od -An -tx1' '00 00 00'
row group Group=33 'id -u; id -g' $'0\n33'
row tag LogOpt=tag=keys-tag 'echo tagged >&2' ''
row silent LogDriver=none 'echo unheard >&2; readlink /proc/self/fd/2' /dev/null
row nested SecurityLabelNested=yes 'echo runs' runs
row label SecurityLabelDisable=yes 'echo runs' runs
row zone Timezone=local 'cat /etc/localtime' "$(cat /etc/localtime 2>/dev/null)"
systemctl daemon-reload
ok "all of them start" systemctl start "${names[@]/#/ctr@}"
for i in "${!names[@]}"; do
        ok "${names[i]} ended" eventually 20 test_ended "${names[i]}"
        is "${title[i]//$test_dir/DIR}" "$(output "${names[i]}")" "${expected[i]}"
done
like "LogOpt=tag=: journalctl CONTAINER_TAG=" "$(journal CONTAINER_TAG=keys-tag _TRANSPORT=stdout)" '^tagged$'
is "LogDriver=none: nothing in the journal" "$(journal -u ctr@keys-silent _TRANSPORT=stdout)" ""
kill $other

# ---- the end ----

container stops "StopSignal=USR1
Volume=$test_dir/out:/out
Exec=/bin/sh -c \"trap 'echo asked >/out/asked; exit 0' USR1; echo >/out/ready; while :; do sleep 0.05; done\""
systemctl daemon-reload
ok "StopSignal=: start" systemctl start ctr@keys-stops
ok "StopSignal=: it is ready" eventually 20 test -e "$test_dir/out/ready"
ok "StopSignal=: stop" systemctl stop ctr@keys-stops
is "StopSignal=: is what the program got" "$(cat "$test_dir/out/asked")" asked

# ---- a file that is made anew ----

container names $'AddHost=db:192.0.2.7\nDNS=host'
systemctl daemon-reload
ok "AddHost=: start" systemctl start ctr@keys-names
is "AddHost=: every program of the container reads it" "$(ctrctl exec --user 5:5 keys-names tail -n 1 /etc/hosts | tr '\t' ' ')" "127.0.1.1 keys-names"
is "AddHost=: the root itself is as it was" "$(cat "$root/etc/hosts" 2>/dev/null)" ""
echo 'nameserver 192.0.2.2' >"$test_dir/host"
kill -KILL "$(property keys-names MainPID)"
ok "DNS=host: ended" eventually 20 test_ended keys-names
ok "DNS=host: start again" systemctl start ctr@keys-names
is "DNS=host: as the host is now" "$(ctrctl exec keys-names head -n 1 /etc/resolv.conf)" "nameserver 192.0.2.2"
container names $'AddHost=db:192.0.2.8\nDNS=host'
exits "AddHost=: a change needs daemon-reload" 1 systemctl restart ctr@keys-names
systemctl daemon-reload
ok "AddHost=: after it" systemctl restart ctr@keys-names
is "AddHost=: it counts" "$(ctrctl exec keys-names sed -n 3p /etc/hosts | tr '\t' ' ')" "192.0.2.8 db"
systemctl stop ctr@keys-names
ok "AddHost=: nothing is left" nothing_left keys-names

umount /etc/resolv.conf
[ -z "${made_zone:-}" ] || rm /etc/localtime
rm -f $etc/keys-*
systemctl daemon-reload
systemctl reset-failed 2>/dev/null
done_testing
