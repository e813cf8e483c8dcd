#!/bin/bash
# Pods of .pod files: NAME-pod.service, containers with Pod=, and no process of ours.
. "$(dirname "$0")/lib.sh"

etc=/etc/ctrunit/containers
mkdir -p $etc
make_rootfs "$test_dir/rootfs"
pod_file() { # NAME [LINE...]
        local name=$1
        shift
        { echo '[Pod]'; printf '%s\n' "$@"; } >"$etc/$name.pod"
}
member() { # NAME POD [LINE...]
        local name=$1 pod=$2
        shift 2
        { printf '[Container]\nRootfs=%s\nExec=/bin/ctr-probe sleep 1000\nPod=%s\n' "$test_dir/rootfs" "$pod"; printf '%s\n' "$@"; } >"$etc/$name.container"
}
active() { [ "$(systemctl is-active "$1")" = active ]; }
inactive() { [ "$(systemctl is-active "$1")" = inactive ]; }
ns_of() { readlink "/proc/$(property "$1" MainPID)/ns/$2"; }
# all_gone POD: neither namespaces, slice nor anything that ctrctl knows.
all_gone() {
        eventually 5 inactive "ctr-$1.slice" || { echo "slice left"; return 1; }
        ! ls -d "/run/ctrunit/pods/$1" "/var/lib/ctrunit/pods/$1" 2>/dev/null && ! grep -F "/pods/$1/" /proc/self/mountinfo
}

pod_file shop
member pf-a shop.pod
member pf-b shop.pod
member pf-c shop.pod StartWithPod=no
systemctl daemon-reload
ok "systemctl start NAME-pod" systemctl start shop-pod
ok "its containers start with it" eventually 20 active ctr@pf-a
ok "all of them" eventually 20 active ctr@pf-b
is "StartWithPod=no: but this one" "$(systemctl is-active ctr@pf-c)" inactive
is "ctrctl pod status shows those that run" "$(ctrctl pod status shop | jq -r '[.ContainersStatus[].ID] | join(" ")')" "pf-a pf-b"
ok "StartWithPod=no: by itself" systemctl start ctr@pf-c
for ns in net ipc uts; do
        is "they share the $ns namespace" "$(ns_of pf-b $ns) $(ns_of pf-c $ns)" "$(ns_of pf-a $ns) $(ns_of pf-a $ns)"
        ok "the $ns namespace is not the host's" [ "$(ns_of pf-a $ns)" != "$(readlink /proc/1/ns/$ns)" ]
done
ok "each has its own processes" [ "$(ns_of pf-a pid)" != "$(ns_of pf-b pid)" ]
is "the host name is the pod's" "$(ctrctl exec pf-a hostname)" shop
is "they are in the pod's slice" "$(property pf-a Slice) $(property pf-b Slice)" "ctr-shop.slice ctr-shop.slice"
is "the pod's unit has no process" "$(systemctl show -P MainPID shop-pod) $(systemctl show -P TasksCurrent shop-pod)" "0 [not set]"
ok "no process of ours runs" none_runs '^/usr/(bin|lib/ctrunit)/ctr'
like "ctrctl pod list shows it" "$(ctrctl pod list)" '^shop +running +3 '
is "ctrctl pod status: its containers" "$(ctrctl pod status shop | jq -r '.ContainersStatus[] | "\(.ID) \(.State) \(.PID) \(.RootFs)"')" \
        "$(for c in a b c; do echo "pf-$c running $(property pf-$c MainPID) $test_dir/rootfs"; done)"
is "over D-Bus, too" "$(busctl get-property -j org.ctrunit1 /org/ctrunit1/pod/shop org.ctrunit1.Pod Containers | jq -c '.data[0]')" \
        "[\"pf-a\",\"running\",$(property pf-a MainPID),\"/org/ctrunit1/container/pf_2da\"]"
is "GetContainer" "$(busctl call org.ctrunit1 /org/ctrunit1/pod/shop org.ctrunit1.Pod GetContainer s pf-a)" 'o "/org/ctrunit1/container/pf_2da"'
busctl call org.ctrunit1 /org/ctrunit1/pod/shop org.ctrunit1.Pod GetContainer s pf-x >/dev/null 2>&1
is "GetContainer of another" $? 1
ok "ctrctl pod pause" ctrctl pod pause shop
is "all are frozen" "$(status_of pf-a) $(status_of pf-b)" "paused paused"
is "and the status says so" "$(ctrctl pod status shop | jq -r '[.State, .ContainersStatus[].State] | unique | join(" ")')" paused
ok "ctrctl pod resume" ctrctl pod resume shop
for verb in start stop delete; do
        exits "ctrctl pod $verb: is the unit's" 1 ctrctl pod $verb shop
        like "ctrctl pod $verb: says what to do" "$output" "made from a .pod file: run systemctl (start|stop) shop-pod.service"
done
exits "ctrctl pod create: its id is in use" 1 sh -c 'echo "{\"ID\":\"shop\"}" | ctrctl pod create'
exits "ctrctl pod add: is not for pods of files" 1 sh -c 'echo "{\"ID\":\"x\",\"RootFs\":\"/\"}" | ctrctl pod add shop'
before=$(ns_of pf-a net)
ok "a container restarts" systemctl restart ctr@pf-a
is "and finds the others again" "$(ns_of pf-a net)" "$before"
ok "systemctl stop ends the pod" systemctl stop shop-pod
is "and its containers" "$(systemctl is-active ctr@pf-a ctr@pf-b ctr@pf-c | sort -u)" inactive
ok "nothing of it is left" all_gone shop

ok "a container that starts brings its pod" systemctl start ctr@pf-c
is "with its namespaces" "$(systemctl is-active shop-pod)" active
ok "and the others" eventually 20 active ctr@pf-b
ok "the slice stops the containers" systemctl stop ctr-shop.slice
is "all of them" "$(systemctl is-active ctr@pf-a ctr@pf-b ctr@pf-c | sort -u)" inactive
ok "restart makes the pod anew" systemctl restart shop-pod
ok "with its containers" eventually 20 active ctr@pf-a
ok "delete --force clears away whatever there is" ctrctl pod delete --force shop
ok "stop after that is no error" systemctl stop shop-pod
ok "and leaves nothing" all_gone shop
systemctl start shop-pod
eventually 20 active ctr@pf-a
umount /run/ctrunit/pods/shop/ns/*
rm -r /run/ctrunit/pods/shop
ok "what an earlier boot has left is no obstacle" systemctl restart shop-pod
ok "its containers share the new namespaces" eventually 20 active ctr@pf-b
systemctl stop shop-pod
ok "which are all there was" all_gone shop
is "nothing has failed" "$(systemctl list-units --failed --plain --no-legend 'shop-pod*')" ""

# ---- keys ----

pod_file shop PodName=mall ServiceName=the-mall HostName=mall.example Network=host
systemctl daemon-reload
ok "PodName=, ServiceName=: start" systemctl start the-mall
ok "PodName=, ServiceName=: its containers" eventually 20 active ctr@pf-a
is "PodName=: slice" "$(property pf-a Slice)" ctr-mall.slice
is "HostName=" "$(ctrctl exec pf-b hostname)" mall.example
is "Network=host" "$(ns_of pf-a net)" "$(readlink /proc/1/ns/net)"
systemctl stop the-mall
ok "PodName=: nothing is left" all_gone mall
ip netns add pf-net
pod_file shop Network=ns:/run/netns/pf-net
ip -n pf-net link set lo up
systemctl daemon-reload
ok "Network=ns:PATH: start" systemctl start shop-pod
ok "Network=ns:PATH: its containers" eventually 20 active ctr@pf-b
is "Network=ns:PATH" "$(ns_of pf-b net)" "net:[$(stat -Lc %i /run/netns/pf-net)]"
systemctl stop shop-pod
ip netns del pf-net
pod_file shop
member pf-a shop.pod PublishPort=18093:80
member pf-b shop.pod "Exec=/bin/ctr-probe listen 80" RunInit=yes
systemctl daemon-reload
ok "PublishPort=: start" systemctl start shop-pod
ok "PublishPort=: its containers" eventually 20 active ctr@pf-a
is "PublishPort= of one container: what another one of the pod listens to" "$(timeout 60 bash -c 'exec 3<>/dev/tcp/127.0.0.1/18093; head -1 <&3')" "hello from inside"
systemctl stop shop-pod
ok "PublishPort=: nothing is left" all_gone shop
systemctl stop 'ctr-fwd@pf-*'
pod_file shop PublishPort=18094:80 'PublishPort=127.0.0.1:18095:53/udp'
member pf-a shop.pod "Exec=/bin/ctr-probe listen-udp 53" RunInit=yes
systemctl daemon-reload
ok "PublishPort= of the pod: its socket alone" systemctl start ctr-fwd@shop-pod-18094.socket
is "PublishPort= of the pod: nothing runs" "$(systemctl is-active shop-pod ctr@pf-b | xargs)" "inactive inactive"
ask() { timeout 60 bash -c 'exec 9<>/dev/tcp/127.0.0.1/18094 && head -n 1 <&9'; }
is "PublishPort= of the pod: the first connection starts it, and a container answers" "$(ask)" "hello from inside"
is "PublishPort= of the pod: it is up" "$(systemctl is-active shop-pod ctr@pf-b | xargs)" "active active"
is "PublishPort= of the pod: all sockets are there with it" "$(systemctl is-active ctr-fwd@shop-pod-18095-udp.socket)" active
ok "PublishPort= of the pod: its other container" eventually 20 active ctr@pf-a
is "PublishPort= of the pod: udp" "$(timeout 60 bash -c 'exec 9<>/dev/udp/127.0.0.1/18095 && printf one >&9 && dd bs=2048 count=1 status=none <&9')" "hello from inside, one"
ok "PublishPort= of the pod: stop" systemctl stop shop-pod
ok "PublishPort= of the pod: nothing is left" all_gone shop
is "PublishPort= of the pod: the next connection" "$(ask)" "hello from inside"
output=$(systemd-analyze verify --man=no /run/systemd/generator/ctr-fwd@shop-pod-* /run/systemd/generator/shop-pod.service 2>&1)
is "PublishPort= of the pod: systemd-analyze verify" "$?/$(grep -ci ctr <<<"$output")" 0/0
systemctl stop 'ctr-fwd@shop-pod-*.socket' shop-pod

# ---- keys for all its containers ----

mkdir -p "$test_dir/rootfs/shared" "$test_dir/rootfs/own" "$test_dir/files"
echo of the host >"$test_dir/files/one"
printf '[Volume]\nMode=0777\n' >$etc/pf-data.volume
pod_file shop "Volume=$test_dir/files:/own:ro" Volume=pf-data.volume:/shared AddHost=db.example:127.0.0.1 DNS=192.0.2.53 DNSSearch=.
member pf-a shop.pod AddHost=more.example:192.0.2.7
member pf-b shop.pod
systemctl daemon-reload
ok "keys for all: check" ctrctl check shop.pod
ok "keys for all: start" systemctl start shop-pod
ok "keys for all: its containers" eventually 20 active ctr@pf-a
ok "keys for all: all of them" eventually 20 active ctr@pf-b
ok "keys for all: Volume= of a volume: one writes" ctrctl exec pf-a sh -c 'echo shared >/shared/file'
is "keys for all: Volume= of a volume: another reads" "$(ctrctl exec pf-b cat /shared/file)" shared
is "keys for all: Volume= of the host" "$(ctrctl exec pf-b cat /own/one)" "of the host"
exits "keys for all: Volume= of the host: read-only" 1 ctrctl exec pf-a touch /own/two
is "keys for all: AddHost= of the pod and its own" "$(ctrctl exec pf-a sed 1,2d /etc/hosts | tr '\t\n' ' |')" "192.0.2.7 more.example|127.0.0.1 db.example|127.0.1.1 shop|"
is "keys for all: DNS=" "$(ctrctl exec pf-b cat /etc/resolv.conf | head -n 1)" "nameserver 192.0.2.53"
pod_file shop AddHost=db.example:127.0.0.2
exits "keys for all: a change needs daemon-reload" 1 systemctl restart ctr@pf-b
like "keys for all: a change needs daemon-reload: said" "$(journalctl -q -o cat -u ctr@pf-b)" 'pf-b.container: configuration changed.*systemctl daemon-reload'
systemctl stop shop-pod
systemctl reset-failed 'ctr@*' 2>/dev/null
pod_file shop "Volume=$test_dir/files:/own"
member pf-a shop.pod Volume=state:/own
pod_file wrong Volume=state:/own
pod_file wrong-too DNS=nowhere
systemctl daemon-reload
like "keys for all: the same place twice" "$(systemctl status --no-pager -l ctr@pf-a)" 'something is mounted on /own already'
like "keys for all: a directory of each one's own" "$(ctrctl check wrong.pod 2>&1)" 'wrong.pod:2:1: Volume: "state:/own" is a directory of each container.s own'
like "keys for all: a mistake is the pod's" "$(ctrctl check wrong-too.pod 2>&1)" 'wrong-too.pod:2:1: DNS: "nowhere" is not valid'
systemctl stop ctr-volume@pf-data
systemctl clean --what=state ctr-volume@pf-data
rm $etc/pf-data.volume $etc/wrong*.pod
pod_file shop
member pf-a shop.pod
systemctl daemon-reload

# ---- its file goes while it is up ----

systemctl start shop-pod ctr@pf-a
rm $etc/shop.pod $etc/pf-a.container
systemctl daemon-reload
systemctl stop shop-pod 2>/dev/null
ok "the file of a pod goes: its container stops with it" eventually 30 test_unit_gone pf-a
exits "the file of a pod goes: ctrctl pod delete" 1 ctrctl pod delete shop
like "the file of a pod goes: ctrctl pod delete: says how" "$output" 'no such unit any more: ctrctl pod delete --force shop'
ok "the file of a pod goes: ctrctl pod delete --force" ctrctl pod delete --force shop
is "the file of a pod goes: nothing is left" "$(ctrctl pod list -q)$(ls /run/ctrunit/pods 2>/dev/null)" ""
pod_file shop
member pf-a shop.pod
systemctl daemon-reload

# ---- mistakes ----

exits "ctrctl pod create: the id of a .pod file" 1 sh -c 'echo "{\"ID\":\"shop\"}" | ctrctl pod create'
rm $etc/shop.pod $etc/pf-*.container
systemctl daemon-reload
ctrctl pod create >/dev/null <<<'{"ID":"shop"}'
pod_file shop
member pf-a shop.pod
systemctl daemon-reload
exits "a pod of this id that no file describes: the start fails" 1 systemctl start shop-pod
like "and says so" "$(journalctl -q -o cat -u shop-pod)" 'shop was not made from a file \(remove it: ctrctl pod delete shop\)'
like "and leaves it alone" "$(ctrctl pod list)" '^shop +ready '
ctrctl pod delete shop
systemctl reset-failed
pod_file shop UserNS=auto
member pf-b nosuch.pod
member pf-c shop.pod Network=host
systemctl daemon-reload
exits "a mistake in a .pod file: the unit fails" 1 systemctl start shop-pod
like "a mistake in a .pod file: file, line, reason" "$(systemctl status --no-pager -l shop-pod)" 'shop.pod:2:1: UserNS: not possible here: it is for each container of the pod'
like "a container of a broken pod says so" "$(systemctl status --no-pager -l ctr@pf-a)" 'pf-a.container:4:1: Pod: shop.pod is broken'
like "a pod that is not configured" "$(systemctl status --no-pager -l ctr@pf-b)" 'pf-b.container:4:1: Pod: there is no nosuch.pod'
like "what the pod decides is not said twice" "$(systemctl status --no-pager -l ctr@pf-c)" 'pf-c.container:5:1: Network: the network is that of its pod'
exits "ctrctl check NAME.pod" 78 ctrctl check shop.pod
like "ctrctl check NAME.pod: the same" "$output" 'shop.pod:2:1: UserNS'
pod_file shop
member pf-b shop.pod
member pf-c shop.pod StartWithPod=no
systemctl daemon-reload
ok "ctrctl check: all is well" ctrctl check shop.pod
ok "systemd-analyze verify" test -z "$(systemd-analyze verify --generators=true shop-pod.service ctr@pf-a.service 2>&1 | grep -v "Command .man ")"
systemctl stop 'ctr-fwd@pf-*'
rm -f $etc/pf-*.container $etc/shop.pod
systemctl daemon-reload
systemctl reset-failed 2>/dev/null
done_testing
