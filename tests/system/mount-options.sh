#!/bin/bash
# Every mount option of the specification that a mount shows, as the kernel has it; relative paths; what a user namespace
# may not take away. And two rows of their own: accounting of every unit, exec --no-new-privs.
. "$(dirname "$0")/lib.sh"

src=$test_dir/src
mkdir -p "$src"
touch "$src/file"
mount -t tmpfs src "$src"
mount_of() { # TARGET: options and options of the file system, of $output
        sed -n "s|^mount=$1 [^ ]* ||p" <<<"$output"
}
mounted() { # MOUNTS-AS-JSON [JQ]: facts of a container with these
        output=$(ctrctl run --bundle "$(bundle facts ".process.args=[\"/bin/ctr-probe\",\"facts\"] | .mounts+=$1 | ${2:-.}")" facts </dev/null 2>&1)
}
has() { printf '(^|[ ,])%s([ ,]|$)' "$1"; }
lacks() { ! test_match "$1" "$(has "$2")" >/dev/null; }
bind() { printf '[{destination:"/m",source:"%s",options:["bind","%s"]}]' "$src" "$1"; }

# ---- of a bind: set, and taken back ----

for option in ro nosuid nodev noexec noatime nodiratime nosymfollow; do
        mounted "$(bind $option)"
        like "$option" "$(mount_of /m)" "$(has $option)"
done
mounted "$(bind relatime)"
like "relatime" "$(mount_of /m)" "$(has relatime)"
mounted "$(bind strictatime)"
ok "strictatime: neither noatime nor relatime" lacks "$(mount_of /m)" '(noatime|relatime)'
mount -o remount,bind,ro,nosuid,nodev,noexec,noatime,nodiratime "$src"
for pair in rw:ro suid:nosuid dev:nodev exec:noexec atime:noatime diratime:nodiratime relatime:noatime norelatime:noatime nostrictatime:noatime; do
        mounted "$(bind "${pair%:*}")"
        ok "${pair%:*}: not ${pair#*:}" lacks "$(mount_of /m)" "${pair#*:}"
        ok "${pair%:*}: mounted" test -n "$(mount_of /m)"
done
mounted "$(bind defaults)"
for option in ro nosuid nodev noexec noatime; do
        like "no option: $option of the source stays" "$(mount_of /m)" "$(has $option)"
done
userns='.linux.namespaces+=[{"type":"user"}] | .linux.uidMappings=[{"containerID":0,"hostID":200000,"size":65536}] | .linux.gidMappings=.linux.uidMappings'
mounted "$(bind defaults)" "$userns"
for option in ro nosuid nodev noexec noatime; do
        like "in a user namespace: $option of the source stays" "$(mount_of /m)" "$(has $option)"
done
umount "$src"

# ---- of a file system ----

tmpfs() { printf '[{destination:"/t",type:"tmpfs",source:"tmpfs",options:["%s"]}]' "$1"; }
for option in ro sync dirsync lazytime nosuid noexec; do
        mounted "$(tmpfs $option)"
        like "tmpfs: $option" "$(mount_of /t)" "$(has $option)"
done
for option in async nolazytime mand nomand iversion noiversion silent loud; do
        mounted "$(tmpfs $option)"
        ok "tmpfs: $option is taken" test -n "$(mount_of /t)"
done

# ---- paths ----

mkdir -p "$test_dir/facts/below"
echo seen >"$test_dir/facts/below/file"
mounted '[{destination:"m/n",source:"below",options:["bind"]}]' '.process.args=["/bin/cat","/m/n/file"]'
like "a relative source is the bundle's, a relative destination the root's" "$output" '^seen$'

# ---- accounting ----

ok "accounting: a service" ctrctl run -d --bundle "$(bundle count)" count
ctr-runtime --systemd-cgroup run -d --bundle "$(bundle counted '.linux.cgroupsPath="system.slice:libx:counted"')" counted </dev/null >/dev/null 2>&1
for unit in ctr@count.service libx-counted.scope; do
        is "accounting: $unit" "$(systemctl show -P CPUAccounting -P MemoryAccounting -P IOAccounting -P TasksAccounting $unit | xargs)" "yes yes yes yes"
done
ctr-runtime delete -f counted
ctrctl delete -f count

# ---- exec ----

ok "exec: a container without noNewPrivileges" ctrctl run -d --bundle "$(bundle nnp '.process.noNewPrivileges=false')" nnp
like "exec: as the container" "$(ctrctl exec nnp cat /proc/self/status)" '^NoNewPrivs:[[:space:]]0$'
like "exec --no-new-privs" "$(ctrctl exec --no-new-privs nnp cat /proc/self/status)" '^NoNewPrivs:[[:space:]]1$'
ctrctl delete -f nnp
for id in facts count nnp; do
        ok "nothing is left of $id" nothing_left $id
done
done_testing
