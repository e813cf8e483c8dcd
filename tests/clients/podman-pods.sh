#!/bin/bash
# Pods of podman: shared namespaces by path, the infra container, play kube; networks. See run.sh and lib.sh.
# shellcheck disable=SC2016,SC2317,SC1091  # $ is for shells in containers; functions are called by name
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/podman-lib.sh"
podman_begin systemd

ns_of() { p exec "$1" readlink "/proc/self/ns/$2"; }

# ---- a pod with its infra container ----

ok "pod create" p pod create --name pod --hostname podhost --network none
ok "run -d in it" p run -d --pod pod --name a box sleep 1000
ok "another one" p run -d --pod pod --name b box sleep 1000
is "pod ps" "$(p pod ps --format '{{.Name}} {{.Status}} {{.NumberOfContainers}}')" "pod Running 3"
infra=$(p pod inspect pod --format '{{.InfraContainerID}}')
is "the infra container runs" "$(state_of "$infra")" running
for kind in net ipc uts; do
        is "$kind namespace is shared" "$(ns_of a $kind)" "$(ns_of b $kind)"
        is "$kind namespace is the infra container's" "$(ns_of a $kind)" "$(readlink "/proc/$(pid_of "$infra")/ns/$kind")"
done
for kind in pid mnt; do
        ok "$kind namespace is not" test "$(ns_of a $kind)" != "$(ns_of b $kind)"
done
is "host name" "$(p exec a hostname)" podhost
slice=$(p pod inspect pod --format '{{.CgroupPath}}')
is "members are in the pod's slice" "$(sed -n 's/^0:://p' "/proc/$(pid_of a)/cgroup" | grep -c "^/$slice/")" 1
is "--ipc: a segment is seen by the other" "$(p exec a sh -c 'echo shared >/dev/shm/x'; p exec b cat /dev/shm/x)" shared
p exec -d a sh -c 'while :; do echo served | nc -l -p 8000 127.0.0.1; done'
served() { [ "$(p exec b sh -c 'nc -w 1 127.0.0.1 8000 </dev/null')" = served ]; }
ok "loopback is shared" eventually 10 served
is "pod top" "$(p pod top pod comm | grep -c sleep)" 2
ok "pod pause" p pod pause pod
is "pod pause: status" "$(state_of a) $(state_of b)" "paused paused"
ok "pod unpause" p pod unpause pod
is "pod unpause: status" "$(state_of a) $(state_of b)" "running running"
like "pod stats" "$(p pod stats --no-stream --format '{{.Name}}' pod)" '^a$'
ok "pod stop" p pod stop -t 0 pod
is "pod stop: status" "$(state_of a) $(state_of b) $(state_of "$infra")" "exited exited exited"
ok "pod start" p pod start pod
is "pod start: the namespace is shared again" "$(ns_of a net)" "$(ns_of b net)"
ok "pod restart" p pod restart pod
ok "pod kill" p pod kill pod
ok "pod rm" p pod rm -f -t 0 pod
slice_gone() { [ ! -d "/sys/fs/cgroup/$slice" ]; }
ok "the pod's slice is gone" eventually 5 slice_gone

# ---- other shapes ----

ok "pod create --share pid" p pod create --name pids --share pid,net --network none
p run -d --pod pids --name pa box sleep 777 >/dev/null
p run -d --pod pids --name pb box sleep 1000 >/dev/null
ok "processes are seen by the other" eventually 5 sh -c "podman exec pb ps | grep -q 'sleep 777'"
kill_by_name='for p in /proc/[0-9]*; do [ "$(tr "\0" " " <$p/cmdline)" != "sleep 777 " ] || kill -9 ${p#/proc/}; done'
p exec pb sh -c "$kill_by_name" >/dev/null 2>&1
ok "a signal reaches them" eventually 5 is_state pa exited
p pod rm -f -t 0 pids >/dev/null
ok "pod create --infra=false" p pod create --name bare --infra=false
is "a container of it" "$(p run --rm --pod bare "${none[@]}" box echo bare)" bare
p pod rm -f -t 0 bare >/dev/null
p pod create --name init --network none >/dev/null
p create --pod init --name first --init-ctr always -v shared:/v box sh -c 'echo prepared >/v/f' >/dev/null
p create --pod init --name main -v shared:/v box sh -c 'cat /v/f; sleep 100' >/dev/null
ok "pod with an init container" p pod start init
ok "it ran before the others" eventually 5 logged main prepared
p pod rm -f -t 0 init >/dev/null
p volume rm shared >/dev/null
is "pod with a user namespace" "$(p pod create --name mapped --uidmap 0:100000:5000 --gidmap 0:100000:5000 --network none >/dev/null
        p run --rm --pod mapped box cat /proc/self/uid_map | xargs)" "0 100000 5000"
p pod rm -f -t 0 mapped >/dev/null

# ---- kube ----

cat >"$test_dir/kube.yaml" <<'K'
apiVersion: v1
kind: Pod
metadata:
  name: kube
spec:
  hostname: kubehost
  containers:
  - name: one
    image: localhost/box
    command: [ "sh", "-c", "echo $GREETING; sleep 1000" ]
    env: [ { name: GREETING, value: from-kube } ]
    securityContext: { runAsUser: 1000, capabilities: { drop: [ "all" ] } }
  - name: two
    image: localhost/box
    command: [ "sleep", "1000" ]
    workingDir: /tmp
    livenessProbe: { exec: { command: [ "true" ] }, periodSeconds: 100 }
K
ok "play kube" p play kube --network none "$test_dir/kube.yaml"
ok "its environment" eventually 5 logged kube-one from-kube
is "its user" "$(p exec kube-one id -u)" 1000
is "its directory and host name" "$(p exec kube-two sh -c 'pwd; hostname' | xargs)" "/tmp kubehost"
like "generate kube" "$(p generate kube kube 2>/dev/null)" 'name: *(kube-)?two'
ok "play kube --down" p play kube --down "$test_dir/kube.yaml"

# ---- networks ----

is "a bridge network" "$(p run --rm box sh -c 'ip -o -4 addr show eth0 | wc -l')" 1
ok "network create" p network create net1
p run -d --network net1 --name server box sh -c 'while :; do echo answer | nc -l -p 80; done' >/dev/null
address=$(p inspect server --format '{{.NetworkSettings.Networks.net1.IPAddress}}')
reached() { [ "$(p run --rm --network net1 box sh -c "nc -w 1 $address 80 </dev/null")" = answer ]; }
ok "two containers in it" eventually 10 reached
p rm -f -t 0 server >/dev/null
ok "network rm" p network rm net1
p run -d -p 127.0.0.1:8081:80 --name published box sh -c 'while :; do echo published | nc -l -p 80; done' >/dev/null
published() { [ "$(socat -T 1 - TCP:127.0.0.1:8081 </dev/null)" = published ] || [ "$(bash -c 'exec 3<>/dev/tcp/127.0.0.1/8081; cat <&3')" = published ]; }
ok "--publish" eventually 10 published
p rm -f -t 0 published >/dev/null
ip link delete podman0 2>/dev/null
iptables -t nat -S 2>/dev/null | grep -q NETAVARK && iptables -t nat -F && iptables -t nat -X

podman_end
