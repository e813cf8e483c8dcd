#!/bin/bash
# needs: apparmor: process.apparmorProfile where AppArmor is at work (tools/testhost --qemu --lsm apparmor): the
# profile is the payload's and that of every process of exec, it denies, and one that is not loaded starts nothing.
. "$(dirname "$0")/lib.sh"

current=/proc/self/attr/apparmor/current
ok "AppArmor is enabled" grep -qw apparmor /sys/kernel/security/lsm

# Profiles that allow everything but a write: a test of who is confined, not of AppArmor's language.
profile() { # NAME DENIED
        printf 'profile %s flags=(attach_disconnected,mediate_deleted) {\n%s\n  deny %s w,\n}\n' "$1" \
                '  file, capability, network, mount, umount, pivot_root, signal, ptrace, unix, dbus,' "$2"
}
profile ctrunit-test /denied >"$test_dir/profiles"
profile ctrunit-other /other >>"$test_dir/profiles"
ok "the test's profiles are loaded" apparmor_parser --replace --skip-cache "$test_dir/profiles"
is "features says so" "$(ctrctl features | jq .linux.apparmor.enabled)" true

shell() { # COMMAND [JQ]: a configuration that runs it confined
        printf '.process.args=["/bin/sh","-c",%s] | .process.apparmorProfile="ctrunit-test" | %s' "$(jq -n --arg c "$1" '$c')" "${2:-.}"
}
look="cat $current; for f in /denied /other /allowed; do if (: >\$f) 2>/dev/null; then echo wrote \$f; else echo no \$f; fi; done"
confined=$'ctrunit-test (enforce)\nno /denied\nwrote /other\nwrote /allowed'
userns='.linux.namespaces+=[{type:"user"}] | .linux.uidMappings=[{containerID:0,hostID:200000,size:1000}]
        | .linux.gidMappings=.linux.uidMappings | .root.path="'$test_dir/userns'"'
make_rootfs "$test_dir/userns"
chown -R 200000:200000 "$test_dir/userns"

# ---- at execve ----

is "run: the profile is the payload's, and denies" "$(ctrctl run --bundle "$(bundle run "$(shell "$look")")" run)" "$confined"
is "run: without noNewPrivileges" \
        "$(ctrctl run --bundle "$(bundle privileges "$(shell "$look" '.process.noNewPrivileges=false')")" privileges)" "$confined"
is "run: in a user namespace" "$(ctrctl run --bundle "$(bundle userns-run "$(shell "$look" "$userns")")" userns-run)" "$confined"
is "a scope: the same" "$(ctr-runtime --systemd-cgroup run --bundle "$(bundle scope "$(shell "$look")")" scope </dev/null)" "$confined"
is "no profile: unconfined" "$(ctrctl run --bundle "$(bundle none "$(shell "cat $current" 'del(.process.apparmorProfile)')")" none)" unconfined
is "the profile unconfined" \
        "$(ctrctl run --bundle "$(bundle unconfined "$(shell "cat $current" '.process.apparmorProfile="unconfined"')")" unconfined)" unconfined

mkdir -p /etc/ctrunit/containers
printf '[Container]\nRootfs=%s\nReadOnly=no\nAppArmor=ctrunit-test\nExec=/bin/sh -c "cat %s >/seen; exec sleep 1000"\n' \
        "$test_dir/rootfs" $current >/etc/ctrunit/containers/armed.container
systemctl daemon-reload
ok "AppArmor= of a .container file: start" systemctl start ctr@armed
ok "AppArmor=: is the payload's" eventually 20 grep -qx 'ctrunit-test (enforce)' "$test_dir/rootfs/seen"
systemctl stop ctr@armed
rm -f /etc/ctrunit/containers/armed.container
systemctl daemon-reload

# ---- exec: the same code ----

bundle=$(bundle held "$(shell 'exec sleep 1000')")
ok "create" ctrctl create --bundle "$bundle" held
like "created: still the host's, nothing of the image runs" "$(cat "/proc/$(ctrctl state held | jq .pid)/attr/apparmor/current")" '^unconfined'
ok "start" ctrctl start held
is "running: the profile, seen from outside" \
        "$(cat "/proc/$(ctrctl state held | jq .pid)/attr/apparmor/current")" "ctrunit-test (enforce)"
is "exec: the container's profile, and it denies" "$(ctrctl exec held /bin/sh -c "$look")" "$confined"
is "exec --apparmor: another one" "$(ctrctl exec --apparmor ctrunit-other held /bin/sh -c "$look")" \
        $'ctrunit-other (enforce)\nwrote /denied\nno /other\nwrote /allowed'
jq '.process | .args=["/bin/cat","'$current'"] | .apparmorProfile="ctrunit-other"' "$bundle/config.json" >"$test_dir/process.json"
is "exec --process: its own" "$(ctrctl exec --process "$test_dir/process.json" held)" "ctrunit-other (enforce)"
jq 'del(.apparmorProfile)' "$test_dir/process.json" >"$test_dir/plain.json"
is "exec --process without one: the container's" "$(ctrctl exec --process "$test_dir/plain.json" held)" "ctrunit-test (enforce)"
exits "exec of a profile that is not loaded" 255 ctrctl exec --apparmor nosuch held /bin/sh -c 'echo started >/exec-started'
like "exec of a profile that is not loaded: says which and what to do" "$output" \
        'process.apparmorProfile: "exec nosuch" to `/proc/self/attr/apparmor/exec`: no such profile is loaded: .*apparmor_parser'
ok "exec of a profile that is not loaded: nothing started" test ! -e "$test_dir/rootfs/exec-started"
is "exec of a profile that is not loaded: the container runs on" "$(status_of held)" running
ok "delete" ctrctl delete -f held

# ---- a profile that is not loaded ----

missing=$(bundle missing "$(shell 'echo started >/started' '.process.apparmorProfile="nosuch"')")
for command in "ctrctl run" "ctrctl create" "ctr-runtime --systemd-cgroup run" "ctr-runtime --systemd-cgroup create"; do
        # shellcheck disable=SC2086
        exits "not loaded: $command" 1 $command --bundle "$missing" missing
        like "not loaded: $command: says which and what to do" "$output" \
                'process.apparmorProfile: "exec nosuch" to `/proc/self/attr/apparmor/exec`: no such profile is loaded: .*apparmor_parser'
        ok "not loaded: $command: nothing is left" nothing_left missing
done
ok "not loaded: nothing ran" test ! -e "$test_dir/rootfs/started"

for id in run privileges userns-run none unconfined held armed; do
        ok "nothing is left of $id" nothing_left "$id"
done
apparmor_parser --remove "$test_dir/profiles"
done_testing
