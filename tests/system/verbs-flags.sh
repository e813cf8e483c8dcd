#!/bin/bash
# Flags of create, run and spec that no other file looks at, and what a bundle is allowed to do after it was read.
. "$(dirname "$0")/lib.sh"

# ---- --no-pivot: the root is moved and entered where pivot_root cannot work ----

shell() { printf '.process.args=["/bin/sh","-c",%s]' "$(jq -n --arg c "$1" '$c')"; }
for command in ctrctl "ctr-runtime --systemd-cgroup"; do
        read -ra program <<<"$command"
        b=$(bundle pivot "$(shell 'ls / | tr "\n" " "; echo; ls /proc/1/root/ >/dev/null && cat /etc/passwd ')")
        exits "$command run --no-pivot" 0 "${program[@]}" run --no-pivot --bundle "$b" pivot
        like "$command run --no-pivot: its own root" "$output" '^bin dev etc proc root run sys tmp'
        like "$command run --no-pivot: its own files" "$output" '^root:x:0:0:root:/root:/bin/sh$'
done

# ---- --no-new-keyring ----

keys='.linux.maskedPaths=[] | .process.args=["/bin/cat","/proc/keys"]'
for id in keyring-one keyring-two; do
        output=$(ctrctl run --bundle "$(bundle $id "$keys")" $id 2>&1)
        like "a session keyring of its own ($id)" "$output" "keyring +_ses\\.$id"
done
output=$(ctr-runtime --systemd-cgroup run --no-new-keyring --bundle "$(bundle keyring-none "$keys")" keyring-none 2>&1)
is "--no-new-keyring: none" "$(grep -c '_ses\.keyring-none' <<<"$output")" 0
b=$(bundle keyring-exec '.')
ok "keyring: a container" ctrctl run -d --bundle "$b" keyring-exec
ok "keyring: delete" ctrctl delete -f keyring-exec

# ---- spec ----

mkdir -p "$test_dir/spec/rootfs"
ok "spec" ctrctl spec --bundle "$test_dir/spec"
ok "spec: what it wrote is checked without a warning" ctrctl check --bundle "$test_dir/spec"
before=$(sha256sum <"$test_dir/spec/config.json")
exits "spec: a second time" 1 ctrctl spec --bundle "$test_dir/spec"
like "spec: a second time: says why" "$output" 'exists'
is "spec: the first one is as it was" "$(sha256sum <"$test_dir/spec/config.json")" "$before"
ok "spec: in the working directory" sh -c "mkdir '$test_dir/spec2' && cd '$test_dir/spec2' && ctrctl spec && test -s config.json"

# ---- the configuration is read once ----

b=$(bundle once "$(shell 'echo old >/tmp/said; sleep 1000')")
ok "create, and the file changes: create" ctrctl create --bundle "$b" once
jq '.process.args=["/bin/sh","-c","echo new >/tmp/said; sleep 1000"]' "$b/config.json" >"$b/new" && mv "$b/new" "$b/config.json"
ok "create, and the file changes: start" ctrctl start once
ok "create, and the file changes: the old one runs" eventually 5 grep -qx old "$test_dir/rootfs/tmp/said"
is "create, and the file changes: exec has the old one too" "$(ctrctl exec once /bin/cat /tmp/said)" old
ok "create, and the file changes: delete" ctrctl delete -f once

# ---- seccomp ----

kill_with() { # ACTION: mkdir is answered so
        ctrctl run --bundle "$(bundle killed ".process.args=[\"/bin/ctr-probe\",\"mkdir\",\"/tmp/x\"] | .linux.seccomp={defaultAction:\"SCMP_ACT_ALLOW\",
                syscalls:[{names:[\"mkdir\",\"mkdirat\"],action:\"$1\"}]}")" killed 2>&1
}
exits "seccomp: SCMP_ACT_KILL_PROCESS ends it by SIGSYS" 159 kill_with SCMP_ACT_KILL_PROCESS
exits "seccomp: SCMP_ACT_KILL_THREAD" 159 kill_with SCMP_ACT_KILL_THREAD
exits "seccomp: SCMP_ACT_TRAP ends it by SIGSYS" 159 kill_with SCMP_ACT_TRAP
exits "seccomp: SCMP_ACT_LOG lets it go on" 0 kill_with SCMP_ACT_LOG
exits "seccomp: SCMP_ACT_TRACE without a tracer" 1 kill_with SCMP_ACT_TRACE
like "seccomp: SCMP_ACT_TRACE without a tracer: ENOSYS" "$output" 'mkdir=Function not implemented'
exits "seccomp: flags" 1 ctrctl run --bundle "$(bundle killed '.process.args=["/bin/ctr-probe","mkdir","/tmp/y"] | .linux.seccomp={
        defaultAction:"SCMP_ACT_ALLOW",flags:["SECCOMP_FILTER_FLAG_LOG","SECCOMP_FILTER_FLAG_SPEC_ALLOW","SECCOMP_FILTER_FLAG_TSYNC"],
        syscalls:[{names:["mkdir","mkdirat"],action:"SCMP_ACT_ERRNO",errnoRet:38}]}')" killed
like "seccomp: flags: errnoRet" "$output" 'mkdir=Function not implemented'

# ---- devices ----

touch "$test_dir/rootfs/tmp/wrong"
exits "a device where a file is" 1 ctrctl run --bundle "$(bundle wrong '.linux.devices=[{path:"/tmp/wrong",type:"c",major:1,minor:3}] | .process.args=["/bin/true"]')" wrong
like "a device where a file is: says so" "$output" 'node: /tmp/wrong: the image has something else there'
mknod "$test_dir/rootfs/tmp/right" c 1 3
exits "a device that is there already" 0 ctrctl run --bundle "$(bundle wrong '.linux.devices=[{path:"/tmp/right",type:"c",major:1,minor:3}] | .process.args=["/bin/true"]')" wrong

for id in pivot keyring-one keyring-none once killed wrong; do
        ok "nothing is left of $id" nothing_left $id
done
done_testing
