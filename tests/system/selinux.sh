#!/bin/bash
# needs: selinux: process.selinuxLabel and linux.mountLabel where SELinux is at work (tools/testhost --qemu --lsm selinux,
# Debian's own policy, permissive): both are applied and read back, and what the policy does not know starts nothing.
. "$(dirname "$0")/lib.sh"

current=/proc/self/attr/current
label=system_u:system_r:svirt_t:s0:c1,c2
file_label=system_u:object_r:svirt_image_t:s0:c1,c2
other=system_u:system_r:svirt_t:s0:c3,c4
ok "SELinux is enabled" grep -qw selinux /sys/kernel/security/lsm
ok "a policy is loaded" test "$(cat /sys/fs/selinux/policyvers)" -gt 0
is "permissive" "$(getenforce)" Permissive
is "features says so" "$(ctrctl features | jq .linux.selinux.enabled)" true

shell() { # COMMAND [JQ]: a configuration that runs it labelled
        printf '.process.args=["/bin/sh","-c",%s] | .process.selinuxLabel="%s" | .linux.mountLabel="%s" | %s' \
                "$(jq -n --arg c "$1" '$c')" $label $file_label "${2:-.}"
}
userns='.linux.namespaces+=[{type:"user"}] | .linux.uidMappings=[{containerID:0,hostID:200000,size:1000}]
        | .linux.gidMappings=.linux.uidMappings | .root.path="'$test_dir/userns'"'
make_rootfs "$test_dir/userns"
chown -R 200000:200000 "$test_dir/userns"
# The kernel ends the attribute with a null byte or a line feed, by its version.
look="tr -d '\\0\\n' <$current; echo; grep ' /dev/shm ' /proc/self/mountinfo"
file_context() { # FILE: its label
        getfattr --absolute-names --only-values -n security.selinux "$1" | tr -d '\0'
}

# ---- at execve, and on what is mounted ----

check_labels() { # NAME OUTPUT
        is "$1: selinuxLabel is the payload's" "$(printf '%s\n' "$2" | head -1)" $label
        like "$1: mountLabel is that of the file systems" "$2" "context=\"?$file_label"
}
check_labels run "$(ctrctl run --bundle "$(bundle run "$(shell "$look")")" run)"
check_labels "without noNewPrivileges" \
        "$(ctrctl run --bundle "$(bundle privileges "$(shell "$look" '.process.noNewPrivileges=false')")" privileges)"
check_labels "in a user namespace" "$(ctrctl run --bundle "$(bundle userns-run "$(shell "$look" "$userns")")" userns-run)"
check_labels "a scope" "$(ctr-runtime --systemd-cgroup run --bundle "$(bundle scope "$(shell "$look")")" scope </dev/null)"
like "no label: the parent's" "$(ctrctl run --bundle "$(bundle none "$(shell "$look" 'del(.process.selinuxLabel,.linux.mountLabel)')")" none)" \
        "^$(tr -d '\0\n' <$current)"

# ---- exec: the same code ----

bundle=$(bundle held "$(shell ': >/dev/shm/file; exec sleep 1000')")
ok "run -d" ctrctl run -d --bundle "$bundle" held
pid=$(ctrctl state held | jq .pid)
is "seen from outside" "$(tr -d '\0\n' <"/proc/$pid/attr/current")" $label
ok "a file there" eventually 20 test -e "/proc/$pid/root/dev/shm/file"
is "a file there has mountLabel" "$(file_context "/proc/$pid/root/dev/shm/file")" $file_label
is "exec: the container's label" "$(ctrctl exec held /bin/sh -c "$look" | head -1)" $label
is "exec --process-label: another one" "$(ctrctl exec --process-label $other held /bin/sh -c "$look" | head -1)" $other
exits "exec of an unknown label" 255 ctrctl exec --process-label a:b:c:s0 held /bin/sh -c 'echo started >/exec-started'
like "exec of an unknown label: says which" "$output" \
        'process.selinuxLabel: "a:b:c:s0" to `/proc/self/attr/exec`: the policy knows no such label'
ok "exec of an unknown label: nothing started" test ! -e "$test_dir/rootfs/exec-started"

ok "delete" ctrctl delete -f held

# ---- what the policy does not know ----

for member in '.process.selinuxLabel="a:b:c:s0"' '.linux.mountLabel="a:b:c:s0"'; do
        bad=$(bundle bad "$(shell 'echo started >/started' "$member")")
        for command in "ctrctl run" "ctr-runtime --systemd-cgroup run"; do
                # shellcheck disable=SC2086
                exits "unknown: $member: $command" 1 $command --bundle "$bad" bad
                like "unknown: $member: $command: says which" "$output" 'a:b:c:s0'
                ok "unknown: $member: $command: nothing is left" nothing_left bad
        done
done
ok "unknown: nothing ran" test ! -e "$test_dir/rootfs/started"

for id in run privileges userns-run none held; do
        ok "nothing is left of $id" nothing_left "$id"
done
done_testing
