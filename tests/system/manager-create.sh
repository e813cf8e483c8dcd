#!/bin/bash
# Containers made by the D-Bus service from less than a bundle: a configuration and a directory, a few words.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/manager-lib.sh"

call=ctr_call
store=/var/lib/ctrunit/bundles
m=(/org/ctrunit1 org.ctrunit1.Manager)
bundle base >/dev/null
rootfs=$test_dir/rootfs
printf 'daemon:x:7:8::/:/bin/sh\n' >>"$rootfs/etc/passwd"
printf 'daemon:x:8:\nstaff:x:50:root,daemon\n' >>"$rootfs/etc/group"
stopped() { [ "$(get "$1" State)" = 's "stopped"' ]; }
output_of() { journalctl --no-pager -o cat -u "ctr@$1" SYSLOG_IDENTIFIER="$1" + _SYSTEMD_UNIT="ctr@$1.service" "${@:2}"; }
said() { output_of "$1" | grep -qE "^$2$"; }

# ---- a configuration as text, a root file system as a descriptor ----

config=$(base_config | jq '.process.args=["/bin/ctr-probe","sleep","1000"]')
exec 5<"$rootfs"
ok "CreateContainerFromConfig" "$call" "${m[@]}" CreateContainerFromConfig 'ssha{sv}' c1 "$config" 5 0
is "State" "$(get c1 State)" 's "created"'
is "RootFS is where the descriptor was" "$(get c1 RootFS)" "s \"$rootfs\""
is "Bundle" "$(get c1 Bundle)" "s \"$store/c1\""
works "Start" container c1 Start
is "State" "$(get c1 State)" 's "running"'
works "Delete" container c1 Delete b true
ok "the bundle goes with it" test ! -e "$store/c1"
ok "nothing is left" nothing_left c1
ok "once more" "$call" "${m[@]}" CreateContainerFromConfig 'ssha{sv}' c1 "$config" 5 0
ok "ctrctl deletes it" ctrctl delete -f c1
ok "and its bundle" test ! -e "$store/c1"
fails "broken text" ConfigInvalid manager CreateContainerFromConfig 'ssha{sv}' c2 '{' 5 0
fails "wrong text" ConfigInvalid manager CreateContainerFromConfig 'ssha{sv}' c2 "$(jq '.process.cwd=1' <<<"$config")" 5 0
exec 6</etc/passwd
fails "no directory" ConfigInvalid manager CreateContainerFromConfig 'ssha{sv}' c2 "$config" 6 0
ok "nothing is left" nothing_left c2
ok "no bundle is left" test -z "$(ls $store)"

# Descriptors of the client's: standard ones, and others from 3 on.
echo from-the-client >"$test_dir/in"
exec 7<"$test_dir/in" 8>"$test_dir/out"
text=$(jq '.process.args=["/bin/sh","-c","cat; cat <&3; echo done"]' <<<"$config")
exec 4<"$test_dir/in"
ok "stdin, stdout and a third" "$call" "${m[@]}" CreateContainerFromConfig 'ssha{sv}' c3 "$text" 5 3 stdin h 7 stdout h 8 fds ah 1 4
works "Start" container c3 Start
ok "ends" eventually 5 stopped c3
is "all three arrived" "$(cat "$test_dir/out")" "$(printf 'from-the-client\nfrom-the-client\ndone')"
works "Delete" container c3 Delete b false
works "exec's container" manager RunContainer 'a{sv}' 3 ID s x1 RootFS s "$rootfs" Cmd as 2 /bin/sleep 1000
exec 7<"$test_dir/in"
"$call" "$(object_of x1)" org.ctrunit1.Container Exec 'sa{sv}' '' 4 args as 3 /bin/sh -c 'cat; id -un >&2' stdin h 7 stdout h 8 stderr h 8 >"$test_dir/exec"
works "WaitProcess" container x1 WaitProcess s "$(head -1 "$test_dir/exec")"
is "exec has the client's descriptors" "$(tail -2 "$test_dir/out")" "$(printf 'from-the-client\nroot')"
"$call" "$(object_of x1)" org.ctrunit1.Container Exec 'sa{sv}' '' 2 args as 3 /bin/sh -c 'tty; exit 5' terminal b true >"$test_dir/exec" 2>&1
like "exec on a terminal, which comes back as a descriptor" "$(cat "$test_dir/exec")" '/dev/pts/[0-9]'
works "its status" container x1 WaitProcess s "$(head -1 "$test_dir/exec")"
is "is its own" "$output" 'ssi "exit-code" "exited" 5'
works "Exec as a user of the image" container x1 Exec 'sa{sv}' '' 2 args as 3 /bin/sh -c 'echo "exec-id $(id)"' user s daemon
ok "name, group and groups are the image's" eventually 5 in_journal 'exec-id uid=7(daemon) gid=8(daemon) groups=.*50(staff)' ||
        journalctl --no-pager -o cat | grep exec-id
works "Delete" container x1 Delete b true

no_forwarders() { ! systemctl list-units --plain --no-legend "ctr-fwd@$1-*" | grep .; }

# ---- a few words ----

mkdir -p "$test_dir/volume"
works "RunContainer" manager RunContainer 'a{sv}' 6 ID s r1 RootFS s "$rootfs" \
        Volume 'a{ss}' 1 "$test_dir/volume" /data Env 'a{ss}' 2 A one PATH /bin:/opt \
        Cmd as 3 /bin/sh -c 'env; echo written >/data/file; hostname; id; sleep 1000' User s daemon:staff
ok "Env" eventually 5 said r1 A=one
ok "Env replaces" eventually 5 said r1 PATH=/bin:/opt
ok "Hostname is the id" eventually 5 said r1 r1
ok "User and group by name" eventually 5 said r1 'uid=7\(daemon\) gid=50\(staff\).*'
is "no new privileges" "$(jq .process.noNewPrivileges $store/r1/config.json)" true
works "Delete" container r1 Delete b true
chmod 777 "$test_dir/volume"
works "a volume that everybody may write" manager RunContainer 'a{sv}' 5 ID s r2 RootFS s "$rootfs" \
        Volume 'a{ss}' 1 "$test_dir/volume" /data Cmd as 3 /bin/sh -c 'echo written >/data/file' User s 1000
ok "ends" eventually 5 stopped r2
is "is on the host" "$(cat "$test_dir/volume/file")" written
works "Delete" container r2 Delete b false
works "CreateContainerSimple" manager CreateContainerSimple 'a{sv}' 2 RootFS s "$rootfs" Cmd as 2 /bin/sleep 1000
id=$(awk -F'"' '{ print $2 }' <<<"$output")
like "an id of its own" "$id" '^[0-9a-f]{32}$'
is "State" "$(get "$id" State)" 's "created"'
works "Delete" container "$id" Delete b true
fails "no such program" ProcessNotExecuted manager RunContainer 'a{sv}' 3 ID s r3 RootFS s "$rootfs" Cmd as 1 /nope
ok "nothing is left" nothing_left r3
ok "no bundle is left" test -z "$(ls $store)"
fails "no RootFS" ConfigInvalid manager RunContainer 'a{sv}' 1 Cmd as 1 /bin/true
fails "RootFS does not exist" ConfigInvalid manager RunContainer 'a{sv}' 2 RootFS s /nope Cmd as 1 /bin/true
fails "an unknown word" ConfigInvalid manager RunContainer 'a{sv}' 2 RootFS s "$rootfs" Privileged b true
fails "a user that does not exist" ConfigInvalid manager RunContainer 'a{sv}' 2 RootFS s "$rootfs" User s nobodyatall

# ---- ports and properties of the unit ----

forwarder() { systemctl is-active "ctr-fwd@$1.socket"; }
dir=$(bundle ports '.linux.namespaces+=[{"type":"network"}]|.linux.namespaces|=unique')
works "publish and properties of a bundle" manager CreateContainer 'ssa{sv}' pb "$dir" 2 publish as 2 18180:80 /run/pb.sock:81 \
        properties as 2 TasksMax=55 Description='Said by a client'
is "its ports listen" "$(forwarder pb-18180) $(forwarder pb-unix-81)" "active active"
is "its properties" "$(property pb TasksMax) $(property pb Description)" "55 Said by a client"
works "Delete" container pb Delete b true
ok "its ports are gone with it" eventually 10 no_forwarders pb
works "Publish of a few words" manager RunContainer 'a{sv}' 4 ID s pw RootFS s "$rootfs" Publish as 1 127.0.0.1:18180:80 Cmd as 2 /bin/sleep 1000
is "listens" "$(systemctl show -P Listen ctr-fwd@pw-18180.socket)" "127.0.0.1:18180 (Stream)"
fails "a port in use" SystemError manager RunContainer 'a{sv}' 4 ID s pv RootFS s "$rootfs" Publish as 1 127.0.0.1:18180:80 Cmd as 2 /bin/sleep 1000
like "says which" "$output" '127.0.0.1:18180.*in use'
ok "and leaves nothing" nothing_left pv
works "Delete" container pw Delete b true
works "Publish of what an image exposes" manager RunContainer 'a{sv}' 5 ID s pw RootFS s "$rootfs" Publish as 1 exposed Cmd as 2 /bin/sleep 1000 \
        Meta s '{"exposedPorts":["18180/tcp"]}'
is "listens at the same number" "$(systemctl show -P Listen ctr-fwd@pw-18180.socket)" "[::]:18180 (Stream)"
works "Delete" container pw Delete b true
fails "no port" Usage manager RunContainer 'a{sv}' 3 ID s pv RootFS s "$rootfs" Publish as 1 80
like "says what it should be" "$output" '"80": expected .*HOSTPORT:PORT'
fails "a port that is no text" ConfigInvalid manager RunContainer 'a{sv}' 3 ID s pv RootFS s "$rootfs" Publish ai 1 80
fails "no property" Usage manager CreateContainer 'ssa{sv}' pv "$dir" 1 properties as 1 TasksMax
fails "a property that nobody may set" Usage manager CreateContainer 'ssa{sv}' pv "$dir" 1 properties as 1 ExecStartPre=/bin/true
fails "a list that is none" ConfigInvalid manager CreateContainer 'ssa{sv}' pv "$dir" 1 publish s 18180:80
ok "nothing is left" nothing_left pv
ok "no bundle is left" test -z "$(ls $store)"

# ---- what the image may say, and what the node decides ----

meta='{"process":{"args":["/bin/sh","-c","echo meta $B; sleep 1000"],"env":["B=two","PATH=/bin"],"user":"daemon","cwd":"/tmp"},"hostname":"meta","exposedPorts":["8080/tcp"]}'
works "Meta" manager RunContainer 'a{sv}' 3 ID s t1 RootFS s "$rootfs" Meta s "$meta"
ok "its command and environment" eventually 5 said t1 'meta two'
works "GetConfig" container t1 GetConfig
like "its user" "$output" '\\"uid\\":7'
like "its ports are kept" "$output" 'org.ctrunit1.exposedPorts'
works "Delete" container t1 Delete b true
for key in capabilities rlimits noNewPrivileges oomScoreAdj apparmorProfile; do
        fails "an image must not say process.$key" ConfigInvalid manager RunContainer 'a{sv}' 2 RootFS s "$rootfs" Meta s "{\"process\":{\"$key\":[]}}"
        like "is named" "$output" "\"$key\""
done
for key in linux hooks root annotations; do
        fails "an image must not say $key" ConfigInvalid manager RunContainer 'a{sv}' 2 RootFS s "$rootfs" Meta s "{\"$key\":{}}"
done
mkdir -p /etc/ctrunit/profiles
echo '{"process":{"capabilities":{"bounding":["CAP_KILL"],"effective":["CAP_KILL"],"permitted":["CAP_KILL"]},"rlimits":[{"type":"RLIMIT_NOFILE","soft":512,"hard":512}],"oomScoreAdj":77},
  "linux":{"resources":{"pids":{"limit":33}}}}' >/etc/ctrunit/profiles/default.json
echo '{"process":{"oomScoreAdj":55}}' >/etc/ctrunit/profiles/other.json
works "a profile of the node" manager RunContainer 'a{sv}' 3 ID s p1 RootFS s "$rootfs" Cmd as 3 /bin/sh -c 'ulimit -n; sleep 1000'
is "its limits" "$(property p1 TasksMax)" 33
ok "its rlimits" eventually 5 said p1 512
is "its score" "$(cat "/proc/$(property p1 MainPID)/oom_score_adj")" 77
is "its capabilities" "$(awk '/CapBnd/ { print $2 }' "/proc/$(property p1 MainPID)/status")" 0000000000000020
works "Delete" container p1 Delete b true
works "Profile" manager RunContainer 'a{sv}' 4 ID s p2 RootFS s "$rootfs" Profile s other Cmd as 2 /bin/sleep 1000
is "another" "$(cat "/proc/$(property p2 MainPID)/oom_score_adj")" 55
works "Delete" container p2 Delete b true
fails "a profile that does not exist" ConfigInvalid manager RunContainer 'a{sv}' 3 RootFS s "$rootfs" Profile s none Cmd as 1 /bin/true
fails "a profile elsewhere" ConfigInvalid manager RunContainer 'a{sv}' 3 RootFS s "$rootfs" Profile s ../x Cmd as 1 /bin/true
echo '{' >/etc/ctrunit/profiles/default.json
fails "a broken profile" ConfigInvalid manager RunContainer 'a{sv}' 2 RootFS s "$rootfs" Cmd as 1 /bin/true
chmod 666 /etc/ctrunit/profiles/other.json
chmod 777 /etc/ctrunit/profiles
fails "profiles that others may write" ConfigInvalid manager RunContainer 'a{sv}' 3 RootFS s "$rootfs" Profile s other Cmd as 1 /bin/true
rm -r /etc/ctrunit/profiles
ok "no bundle is left" test -z "$(ls $store)"

# Killed it goes in another way.
[ -z "${CTR_MANAGER_KILL:-}" ] || done_testing

# ---- the service goes, and comes when it is called ----

mkdir -p /etc/systemd/system/ctr-managerd.service.d
printf '[Service]\nExecStart=\nExecStart=/usr/lib/ctrunit/ctr-managerd --idle-seconds 0\n' >/etc/systemd/system/ctr-managerd.service.d/t.conf
systemctl daemon-reload
systemctl stop ctr-managerd
works "a service that ends at once when idle" manager ListContainers
gone() { [ "$(systemctl show -P ActiveState ctr-managerd)" = inactive ]; }
ok "ends" eventually 5 gone
lost=0
for i in $(seq 100); do
        busctl call org.ctrunit1 /org/ctrunit1 org.ctrunit1.Manager ListContainers >/dev/null 2>"$test_dir/lost" || lost=$((lost + 1))
done
is "100 calls while it comes and goes: lost" "$lost" 0
sed -i 's/idle-seconds 0/idle-seconds 1/' /etc/systemd/system/ctr-managerd.service.d/t.conf
systemctl daemon-reload
subscriber
sleep 2
ok "stays while somebody is subscribed" systemctl is-active -q ctr-managerd
release_subscriber
ok "and goes with the last" eventually 5 gone
is "not by failing" "$(systemctl show -P Result ctr-managerd)" success
rm -r /etc/systemd/system/ctr-managerd.service.d
done_testing
