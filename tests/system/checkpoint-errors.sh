#!/bin/bash
# What checkpoint and restore say without criu, before criu is asked, and when it fails. Programs that are none stand
# in its place: whether the host has one, and whether that works with its kernel, is all the same.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"

quiet() { "$@" </dev/null >/dev/null 2>&1; }
images=$test_dir/images
# The host's network: a service's stream to the journal is not in the way.
b=$(bundle ck '.linux.namespaces|=map(select(.type!="network"))|.mounts|=map(select(.type!="sysfs" and .type!="cgroup"))')
mkdir "$images"
for call in 'ctrctl' 'ctr-runtime --systemd-cgroup'; do
        read -ra command <<<"$call"
        exits "$call checkpoint: no such container" 1 "${command[@]}" checkpoint --image-path "$images" ck
        like "$call checkpoint: says so" "$output" 'container does not exist'
        ok "$call: run" quiet "${command[@]}" run -d --bundle "$b" ck
        exits "$call checkpoint: without criu" 1 "${command[@]}" --criu no-criu checkpoint --image-path "$images" ck
        like "$call checkpoint: says what to install" "$output" 'no-criu is not there: .*apt install criu'
        exits "$call checkpoint: --criu PATH that is none" 1 "${command[@]}" --criu /nonexistent/criu checkpoint --image-path "$images" ck
        like "$call checkpoint: names it" "$output" '/nonexistent/criu'
        exits "$call checkpoint: --criu that fails" 1 "${command[@]}" --criu /bin/false checkpoint --image-path "$images" --work-path "$test_dir/work" ck
        like "$call checkpoint: says that it has no reason" "$output" 'criu: it gave no reason \(see .*/work/dump.log\)'
        for option in --lazy-pages --status-fd=3 --manage-cgroups-mode=soft --empty-ns=ipc; do
                exits "$call checkpoint: $option" 1 "${command[@]}" --criu /bin/true checkpoint --image-path "$images" $option ck
                like "$call checkpoint: $option is refused by name" "$output" "${option%%=*} is not supported: "
        done
        is "$call: the container runs on" "$("${command[@]}" state ck | jq -r .status)" running
        exits "$call restore: its id is in use" 1 "${command[@]}" --criu /bin/true restore --bundle "$b" --image-path "$images" ck
        ok "$call: pause" "${command[@]}" pause ck
        exits "$call checkpoint: of a paused one" 1 "${command[@]}" checkpoint --image-path "$images" ck
        like "$call checkpoint: says what to do" "$output" 'resume it first'
        ok "$call: delete" "${command[@]}" delete -f ck
        ok "$call: create" quiet "${command[@]}" create --bundle "$b" ck
        exits "$call checkpoint: of a created one" 1 "${command[@]}" checkpoint --image-path "$images" ck
        like "$call checkpoint: has nothing to save" "$output" 'in the created state'
        ok "$call: delete it" "${command[@]}" delete -f ck
        exits "$call restore: without criu" 1 "${command[@]}" --criu no-criu restore --bundle "$b" --image-path "$images" ck
        like "$call restore: says what to install" "$output" 'apt install criu'
        exits "$call restore: no such images" 1 "${command[@]}" --criu /bin/true restore --bundle "$b" --image-path "$images/none" ck
        like "$call restore: names them" "$output" "$images/none: No such file"
        exits "$call restore: no images" 1 "${command[@]}" --criu /bin/true restore --bundle "$b" --image-path "$test_dir" ck
        like "$call restore: says so" "$output" 'images of a container'
        exits "$call restore: no bundle" 1 "${command[@]}" --criu /bin/true restore --bundle "$images" --image-path "$images" ck
        exits "$call restore: nothing is left" 1 "${command[@]}" state ck
done

# criu that ends without having restored anything: what was made goes again.
echo '["pipe:[1]","x","file[1:2] --evil"]' >"$images/descriptors.json"
for call in 'ctrctl' 'ctr-runtime --systemd-cgroup'; do
        read -ra command <<<"$call"
        exits "$call restore: --criu that fails" 1 timeout 60 "${command[@]}" --criu /bin/false restore -d --bundle "$b" --image-path "$images" ck
        like "$call restore: says that it has no reason" "$output" 'criu: it gave no reason \(see .*/restore.log\)'
        exits "$call restore: and nothing is left of it" 1 "${command[@]}" state ck
        ok "$call restore: no unit" nothing_left ck
done
cat >"$test_dir/arguments" <<'X'
#!/bin/sh
printf '%s\n' "$@" >"$(dirname "$0")/argv"
exit 1
X
chmod +x "$test_dir/arguments"
exits "restore: by a program that tells its arguments" 1 ctrctl --criu "$test_dir/arguments" restore -d --bundle "$b" --image-path "$images" ck
is "restore: only descriptors of known forms are inherited" "$(grep -A1 -- '^--inherit-fd' "$test_dir/argv" | grep -v -- '^--' | xargs)" 'fd[3]:pipe:[1]'

# What cannot be saved is refused by the place in the configuration.
while read -r field program; do
        b=$(bundle refused "$program")
        exits "$field" 1 ctrctl --criu /bin/true restore -d --bundle "$b" --image-path "$images" ck
        like "$field: is named" "$output" "$field"
done <<'X'
linux.namespaces .linux.namespaces+=[{"type":"user"}]|.linux.uidMappings=[{"containerID":0,"hostID":100000,"size":65536}]|.linux.gidMappings=.linux.uidMappings
hooks.startContainer .hooks.startContainer=[{"path":"/bin/true"}]
hooks.createRuntime .hooks.createRuntime=[{"path":"/bin/true"}]
org.ctrunit.rootfs .annotations={"org.ctrunit.rootfs":"overlay"}
linux.namespaces .linux.namespaces=(.linux.namespaces|map(select(.type!="pid")))
X
ok "nothing is left" nothing_left ck
there=false
[ ! -x /usr/sbin/criu ] || there=true
is "features: says whether there is criu" "$(ctrctl features | jq -r '.annotations["org.opencontainers.runc.checkpoint.enabled"]')" $there

done_testing
