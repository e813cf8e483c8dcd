#!/bin/bash
# Malformed configurations: each is refused by create with exit code 1 and one clear line that names the place,
# and leaves nothing behind: no unit, cgroup, state nor mount.
. "$(dirname "$0")/lib.sh"

# refused NAME BUNDLE PATTERN
refused() {
        local name=$1 dir=$2 pattern=$3 rc
        output=$(timeout 120 ctrctl create --bundle "$dir" bad </dev/null 2>&1)
        rc=$?
        ok "$name: refused" test_refused "$rc" "$output" "$pattern"
}
test_refused() {
        [ "$1" = 1 ] || { printf 'exit code %s\n%s\n' "$1" "$2"; return 1; }
        [ "$(printf '%s\n' "$2" | grep -vc 'warning')" = 1 ] || { printf 'not one line:\n%s\n' "$2"; return 1; }
        test_match "$2" "$3" || return 1
        [ ! -e "$state_root/bad" ] || { echo "state left"; return 1; }
        [ "$(systemctl show -P LoadState ctr@bad.service)" = not-found ] || { echo "unit left"; return 1; }
}

edits=(
        'ociVersion|del(.ociVersion)'
        'ociVersion|.ociVersion=1'
        'ociVersion|.ociVersion="2.0.0"'
        'ociVersion|.ociVersion="x.y"'
        'root|del(.root)'
        'root.path|.root.path=7'
        'root.path|.root.path=""'
        'root.readonly|.root.readonly="yes"'
        'process.cwd|.process.cwd=5'
        'process.cwd|.process.cwd="tmp"'
        'process.cwd|del(.process.cwd)'
        'process.args|.process.args="sh"'
        'process.args|.process.args=[]'
        'process.args\[1\]|.process.args=["/bin/sh",3]'
        'process.env\[0\]|.process.env=["NOEQUALS"]'
        'process.user.uid|.process.user.uid=-1'
        'process.user.uid|.process.user.uid=4294967296'
        'process.user.uid|.process.user.uid="root"'
        'process.user.umask|.process.user.umask=4096'
        'process.noNewPrivileges|.process.noNewPrivileges="true"'
        'process.noNewPriviledges|.process|=(del(.noNewPrivileges)|.noNewPriviledges=true)'
        'process.capabilities|.process.capabilities=["CAP_KILL"]'
        'process.capabilities.bounding|.process.capabilities.bounding="CAP_KILL"'
        'process.rlimits|.process.rlimits=[{"type":"RLIMIT_NOFILE","soft":1,"hard":1},{"type":"RLIMIT_NOFILE","soft":1,"hard":1}]'
        'process.rlimits\[0\]|.process.rlimits=[{"type":"RLIMIT_NOFILE","soft":10,"hard":1}]'
        'process.rlimits\[0\].type|.process.rlimits=[{"type":"RLIMIT_FOO","soft":1,"hard":1}]'
        'process.oomScoreAdj|.process.oomScoreAdj=2000'
        'mounts\[0\].destination|.mounts[0]|=del(.destination)'
        'mounts\[0\].options|.mounts[0].options="ro"'
        'linux.namespaces|.linux.namespaces+=[{"type":"pid"}]'
        'linux.namespaces\[0\].type|.linux.namespaces[0].type="pidd"'
        'linux.namespaces\[0\].path|.linux.namespaces[0].path="proc/1/ns/pid"'
        'linux.maskedPaths|.linux.maskedPaths="/proc/kcore"'
        'linux.readonlyPaths\[0\]|.linux.readonlyPaths=[1]'
        'linux.uidMappings|.linux.uidMappings=[{"containerID":0,"hostID":1000,"size":1}]'
        'linux.devices\[0\].type|.linux.devices=[{"path":"/dev/x","type":"q","major":1,"minor":3}]'
        'linux.devices\[0\].path|.linux.devices=[{"path":"dev/x","type":"c","major":1,"minor":3}]'
        'linux.sysctl|.linux.sysctl={"kernel.core_pattern":"|/tmp/x"}'
        'linux.sysctl|.linux.sysctl={"net/../kernel/core_pattern":"x"}'
        'linux.seccomp.defaultAction|.linux.seccomp={"defaultAction":"SCMP_ACT_MAYBE"}'
        'linux.seccomp.defaultAction|.linux.seccomp={}'
        'linux.seccomp.syscalls\[0\].args\[0\]|.linux.seccomp={"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":[{"index":9,"value":1,"op":"SCMP_CMP_EQ"}]}]}'
        'linux.resources.memory.limit|.linux.resources={"memory":{"limit":"64M"}}'
        'linux.resources.memory.swap|.linux.resources={"memory":{"limit":67108864,"swap":1048576}}'
        'linux.resources.pids.limit|.linux.resources={"pids":{"limit":-2}}'
        'linux.resources.cpu.cpus|.linux.resources={"cpu":{"cpus":"0-"}}'
        'linux.resources.unified|.linux.resources={"unified":{"../memory.max":"1"}}'
        'linux.resources.devices\[0\].access|.linux.resources={"devices":[{"allow":true,"access":"x"}]}'
        'hostname|.hostname=5'
        'hostname|.linux.namespaces|=map(select(.type!="uts"))'
        'hooks.prestart\[0\].path|.hooks={"prestart":[{"path":"bin/true"}]}'
        'annotations|.annotations={"a":1}'
)
for edit in "${edits[@]}"; do
        path=${edit%%|*}
        program=${edit#*|}
        refused "$program" "$(bundle bad "$program")" "$path"
done

valid=$(bundle bad)/config.json
cp "$valid" "$test_dir/valid.json"
raw() { # NAME PATTERN: standard input becomes the config
        cat >"$valid"
        refused "$1" "$(dirname "$valid")" "$2"
}
head -c 700 "$test_dir/valid.json" | raw "cut off" 'config.json:[0-9]+:[0-9]+'
printf '' | raw "empty" 'config.json'
printf 'null' | raw "null document" 'config.json'
{ cat "$test_dir/valid.json"; echo '{}'; } | raw "trailing bytes" 'config.json:[0-9]+:[0-9]+'
sed '1a /* comment */' "$test_dir/valid.json" | raw "comment" 'config.json:2:'
sed '1a "hostname": "a",' "$test_dir/valid.json" | raw "duplicate key" 'hostname'
sed 's/"uid": 0/"uid": NaN/' "$test_dir/valid.json" | raw "NaN" 'config.json:[0-9]+:[0-9]+'
sed 's/"uid": 0/"uid": 0.5/' "$test_dir/valid.json" | raw "fraction" 'process.user.uid'
python3 -c 'print("[" * 100000 + "]" * 100000)' | raw "nesting of 100000" 'config.json:1:'
python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); d["process"]["args"]=5; d["process"]["env"]=["A=" + "x" * 100] * 95000; print(json.dumps(d))' \
        "$test_dir/valid.json" | raw "10 MB with a wrong type" 'process.args'
ok "10 MB is answered within a second" within 1000 sh -c "! ctrctl create --bundle '$(dirname "$valid")' bad 2>/dev/null"
python3 -c 'print(" " * (17 * 1024 * 1024))' | raw "over 16 MiB" 'larger than'
rm -f "$valid"
refused "no config.json" "$(dirname "$valid")" 'config.json .a bundle is .*ctrctl spec.*No such file'
mkfifo "$valid"
refused "config.json is a FIFO" "$(dirname "$valid")" 'not a regular file'

# A configuration that is right, but what it names is not there.
refused_run() { # NAME JQ PATTERN
        output=$(timeout 120 ctrctl run --bundle "$(bundle bad "$2")" bad </dev/null 2>&1)
        ok "$1: run fails" test_failed_run $? "$output" "$3"
}
test_failed_run() {
        [ "$1" != 0 ] || { echo "exit code 0"; return 1; }
        test_match "$2" "$3" && nothing_left bad
}
rm -f "$valid"
refused_run "missing rootfs" '.root.path="/srv/nowhere"' '/srv/nowhere'
refused_run "missing bind source" '.mounts+=[{"destination":"/x","source":"/srv/nowhere","options":["bind"]}]' '/srv/nowhere'
refused_run "missing program" '.process.args=["/nope"]' '/nope'
refused_run "missing hook" '.hooks={"createRuntime":[{"path":"/nope-hook"}]}' 'nope-hook'
refused_run "failing hook" '.hooks={"createRuntime":[{"path":"/bin/false"}]}' '/bin/false'
refused_run "namespace path of the wrong type" '.linux.namespaces|=map(if .type=="ipc" then .path="/proc/1/ns/net" else . end)' '/proc/1/ns/net'
refused_run "namespace path that is no namespace" '.linux.namespaces|=map(if .type=="ipc" then .path="/etc/passwd" else . end)' '/etc/passwd'

for id in ../x . .. a/b '' ' ' 'a b' -rf '%' 'a\x2db' 'é' "$(printf 'a%.0s' $(seq 300))" 'a@b' ';' "\$(id)" '~'; do
        exits "id \"${id:0:20}\" is refused" 1 ctrctl create --bundle "$test_dir/bad" -- "$id"
done
done_testing
