#!/bin/bash
# What hooks find: the root file system where it is on the host, with the container's mounts, until its root changes; their
# working directory; and the container's filter for programs of the container.
. "$(dirname "$0")/lib.sh"

make_rootfs "$test_dir/rootfs"
touch "$test_dir/rootfs/by-runtime" "$test_dir/rootfs/by-container" "$test_dir/rootfs/by-path"
for name in runtime container path; do echo "$name" >"$test_dir/$name"; done
chmod 755 "$test_dir"
hook() { # KIND SHELL-COMMAND
        jq -nc --arg kind "$1" --arg command "$2" '{($kind): [{path: "/bin/sh", args: ["sh", "-c", $command], env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]}]}'
}

# Mounts of hooks, from the container's mount namespace and from outside, are in the container and nowhere else.
hooks=$(printf '%s\n' \
        "$(hook createRuntime "pid=\$(jq .pid) && nsenter -m -t \$pid mount --bind $test_dir/runtime $test_dir/rootfs/by-runtime")" \
        "$(hook createContainer "mount --bind $test_dir/container by-container && mount --bind $test_dir/path $test_dir/rootfs/by-path && test -e $test_dir/rootfs/proc/self")" |
        jq -sc add)
userns='.linux.namespaces+=[{"type":"user"}] | .linux.uidMappings=[{"containerID":0,"hostID":200000,"size":65536}] | .linux.gidMappings=.linux.uidMappings'
try() { # NAME JQ COMMAND...
        local name=$1 jq=$2
        shift 2
        output=$("$@" --bundle "$(bundle root ".process.args=[\"/bin/cat\",\"/by-runtime\",\"/by-container\",\"/by-path\"] | .hooks=$hooks | $jq")" root </dev/null 2>&1)
        is "$name: what hooks mounted is there" "$(tr '\n' ' ' <<<"$output")" "runtime container path "
        ok "$name: and not on the host" test ! -s "$test_dir/rootfs/by-runtime" -a ! -s "$test_dir/rootfs/by-container" -a ! -s "$test_dir/rootfs/by-path"
        ok "$name: nor any mount of it" not_mounted
        ok "$name: nothing is left" nothing_left root
}
not_mounted() { ! grep -F " $test_dir/rootfs" /proc/self/mountinfo; }
try "service" . ctrctl run
try "scope" . ctr-runtime --systemd-cgroup run
try "no pivot_root" . ctr-runtime run --no-pivot
try "rootfsPropagation rshared" '.linux.rootfsPropagation="rshared"' ctrctl run
try "user namespace" "$userns" ctr-runtime run

# A root of a user namespace that may not search the directories above: hooks of the container have it as their directory.
mkdir -p "$test_dir/private" && cp -a "$test_dir/rootfs" "$test_dir/private/rootfs" && chown -R 200000:200000 "$test_dir/private/rootfs" && chmod 700 "$test_dir/private"
output=$(ctrctl run --bundle "$(bundle root ".root.path=\"$test_dir/private/rootfs\" | .process.args=[\"/bin/cat\",\"/by-container\"]
        | .hooks=$(hook createContainer 'touch by-container && echo here >by-container') | $userns")" root </dev/null 2>&1)
is "a rootfs that cannot be reached by its path" "$output" here
ok "a rootfs that cannot be reached by its path: nothing is left" nothing_left root

# ---- working directories ----

b=$(bundle where '.process.args=["/bin/true"]')
for kind in prestart createRuntime poststart poststop; do
        jq --argjson hooks "$(hook $kind 'pwd >where')" '.hooks=$hooks' "$b/config.json" >"$b/new" && mv "$b/new" "$b/config.json"
        rm -f "$b/where"
        exits "$kind: run" 0 ctr-runtime run --bundle "$b" where
        is "$kind: its directory is the bundle" "$(cat "$b/where")" "$b"
done

# ---- the filter ----

for privileges in true false; do
        name="noNewPrivileges $privileges"
        filtered=".process.noNewPrivileges=$privileges | .process.args=[\"/bin/true\"]
                | .linux.seccomp={defaultAction:\"SCMP_ACT_ALLOW\",syscalls:[{names:[\"mkdir\",\"mkdirat\"],action:\"SCMP_ACT_ERRNO\",errnoRet:100}]}"
        exits "$name: a hook that may not" 1 ctr-runtime run \
                --bundle "$(bundle filtered "$filtered | .hooks=$(hook startContainer '/bin/mkdir /dev/shm/x')")" filtered
        like "$name: the filter's error" "$output" 'Network is down'
        like "$name: and which hook" "$output" 'startContainer /bin/sh: exited with status 1'
        exits "$name: a hook that may" 0 ctr-runtime run \
                --bundle "$(bundle filtered "$filtered | .hooks=$(hook startContainer 'echo x >/dev/shm/x')")" filtered
done
killed='.linux.seccomp={defaultAction:"SCMP_ACT_ALLOW",syscalls:[{names:["mkdir","mkdirat"],action:"SCMP_ACT_KILL_PROCESS"}]} | .process.rlimits=[{type:"RLIMIT_CORE",soft:0,hard:0}]'
exits "a hook that is killed by it" 1 ctr-runtime run \
        --bundle "$(bundle filtered "$killed | .process.args=[\"/bin/true\"] | .hooks=$(hook startContainer 'exec /bin/mkdir /dev/shm/x')")" filtered
like "a hook that is killed by it: says so" "$output" 'startContainer /bin/sh: was killed by signal 31'
ok "nothing is left" nothing_left filtered
done_testing
