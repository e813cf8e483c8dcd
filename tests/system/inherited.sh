#!/bin/bash
# What containers have from whoever starts them and from what is there already, and what they have not: processors, an
# ignored SIGCHLD, pipes as standard output, the mode of a directory under a tmpfs, HOME, many groups.
. "$(dirname "$0")/lib.sh"

mapped='.linux.namespaces+=[{type:"user"}]|.linux.uidMappings=[{containerID:0,hostID:100000,size:65536}]|.linux.gidMappings=.linux.uidMappings'
made=0
run() { # JQ [COMMAND...]: a container of its own to its end, by this command; its output in $output
        local changes=$1
        shift
        made=$((made + 1))
        output=$(timeout 120 "$@" "${runtime[@]}" run --bundle "$(bundle "r$made" "$changes")" "r$made" 2>&1 </dev/null | cat; exit "${PIPESTATUS[0]}")
}
shell() { printf '.process.args=["/bin/sh","-c",%s]' "$(jq -Rn --arg text "$1" '$text')"; }

make_rootfs "$test_dir/rootfs"
chmod 755 "$test_dir" "$test_dir/rootfs"

# ---- processors ----

# What the whole of this host may use: without a second processor there is nothing to be confined to.
processors=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
affinity() {
        run '.process.args=["/bin/grep","Cpus_allowed_list","/proc/self/status"]' taskset -c "${processors%%[,-]*}"
        like "$mode: processors: run is not confined as its caller" "$output" "Cpus_allowed_list:.$processors\$"
        ok "$mode: processors: a container" start_idle confined
        output=$(taskset -c "${processors%%[,-]*}" "${runtime[@]}" exec confined /bin/grep Cpus_allowed_list /proc/self/status)
        like "$mode: processors: nor is exec" "$output" "Cpus_allowed_list:.$processors\$"
        output=$(taskset -c "${processors%%[,-]*}" "${runtime[@]}" exec --cwd /tmp confined /bin/grep Cpus_allowed_list /proc/self/status)
        like "$mode: processors: nor exec with options" "$output" "Cpus_allowed_list:.$processors\$"
        ok "$mode: processors: delete" "${runtime[@]}" delete -f confined
}
start_idle() { # ID [JQ]
        "${runtime[@]}" run -d --bundle "$(bundle "$1" "${2:-.}")" "$1" </dev/null >"$test_dir/start.log" 2>&1 ||
                { cat "$test_dir/start.log"; return 1; }
}

# ---- SIGCHLD ----

# Who ignores it has its children reaped by the kernel, with their exit status.
children() {
        run '.process.args=["/bin/sh","-c","exit 7"]' env --ignore-signal=CHLD
        is "$mode: SIGCHLD ignored: the exit status of run" "$?" 7
        ok "$mode: SIGCHLD ignored: a container" start_idle reaped
        exits "$mode: SIGCHLD ignored: the exit status of exec" 9 env --ignore-signal=CHLD "${runtime[@]}" exec reaped /bin/sh -c 'exit 9'
        exits "$mode: SIGCHLD ignored: exec with options" 10 env --ignore-signal=CHLD "${runtime[@]}" exec --cwd /tmp reaped /bin/sh -c 'exit 10'
        ok "$mode: SIGCHLD ignored: delete" env --ignore-signal=CHLD "${runtime[@]}" delete -f reaped
}

# ---- pipes ----

pipes() {
        local id
        for id in 0 1000; do
                run "$mapped|.process.user={uid:$id,gid:0}|$(shell 'echo to-stdout >/dev/stdout; echo to-stderr >/dev/stderr; stat -L -c "owner %u" /dev/stdout')"
                is "$mode: pipes of a user namespace: user $id writes to /dev/stdout and /dev/stderr" "$(xargs <<<"$output")" "to-stdout to-stderr owner $id"
        done
        ok "$mode: pipes: a container" start_idle piped "$mapped"
        for id in 0 1000; do
                output=$("${runtime[@]}" exec --user $id piped /bin/sh -c 'echo to-stdout >/dev/stdout; stat -L -c "owner %u" /dev/stdout' 2>&1 | cat)
                is "$mode: pipes of a user namespace: exec --user $id" "$(xargs <<<"$output")" "to-stdout owner $id"
        done
        ok "$mode: pipes: delete" "${runtime[@]}" delete -f piped
        echo kept >"$test_dir/kept"
        "${runtime[@]}" run --bundle "$(bundle files "$mapped|.process.args=[\"/bin/cat\"]")" files <"$test_dir/kept" >"$test_dir/kept-too"
        is "$mode: files as standard descriptors" "$(cat "$test_dir/kept-too")" kept
        is "$mode: files of the caller stay the caller's" "$(stat -c %u "$test_dir/kept" "$test_dir/kept-too" /dev/null | xargs)" "0 0 0"
}

# ---- tmpfs ----

covered() {
        local root=$test_dir/rootfs
        mkdir -p "$root/covered" "$root/sticky"
        chmod 751 "$root/covered"
        chmod 3771 "$root/sticky"
        rm -rf "$root/fresh"
        run '.process.args=["/bin/stat","-c","%a","/covered","/sticky","/fresh","/tmp"]
                |.mounts+=([["/covered",["size=1m"]],["/sticky",[]],["/fresh",["nosuid"]],["/tmp",["mode=700"]]]|map({destination:.[0],type:"tmpfs",source:"tmpfs",options:.[1]}))'
        is "$mode: a tmpfs has the mode of what it covers, or its own, or 1777" "$(xargs <<<"$output")" "751 3771 1777 700"
}

# ---- HOME ----

home() {
        run "$(shell 'env | grep ^HOME')|.process.env+=[\"HOME=\"]"
        is "$mode: an empty HOME is none" "$output" HOME=/root
        run "$(shell 'env | grep ^HOME')|.process.env+=[\"HOME=/x\"]"
        is "$mode: another one stays" "$output" HOME=/x
        ok "$mode: HOME: a container" start_idle home
        is "$mode: an empty HOME of exec" "$("${runtime[@]}" exec --env HOME= home /bin/sh -c 'env | grep ^HOME')" HOME=/root
        ok "$mode: HOME: delete" "${runtime[@]}" delete -f home
}

# ---- groups ----

# More than the 32 that a C library may think there can be.
groups() {
        run '.process.args=["/bin/id","-G"]|.process.user.additionalGids=[range(1000;1300)]'
        is "$mode: 300 groups" "$(wc -w <<<"$output")" 301
        ok "$mode: groups: a container" start_idle many '.process.user.additionalGids=[range(1000;1300)]'
        is "$mode: 300 groups of exec" "$("${runtime[@]}" exec many id -G | wc -w)" 301
        ok "$mode: groups: delete" "${runtime[@]}" delete -f many
}

for mode in service scope; do
        runtime=(ctrctl)
        [ $mode = service ] || runtime=(ctr-runtime --systemd-cgroup)
        for part in affinity children pipes covered home groups; do
                $part
        done
done
done_testing
