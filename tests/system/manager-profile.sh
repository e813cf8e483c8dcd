#!/bin/bash
# What the node says of containers that are made from a few words: every key of a profile is in the configuration as the
# node has it, and hooks for the network get the container's process.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/manager-lib.sh"

make_rootfs "$test_dir/rootfs"
mkdir -p /etc/ctrunit/profiles
cat >"$test_dir/hook" <<'HOOK'
#!/bin/sh
pid=$(jq .pid)
readlink "/proc/$pid/ns/net" >"${0%/*}/netns"
HOOK
chmod 755 "$test_dir/hook"
cat >/etc/ctrunit/profiles/node.json <<EOF
{ "process": { "capabilities": { "bounding": ["CAP_KILL"], "permitted": ["CAP_KILL"], "effective": ["CAP_KILL"] },
    "rlimits": [ { "type": "RLIMIT_NOFILE", "soft": 77, "hard": 88 } ], "oomScoreAdj": 44, "noNewPrivileges": true },
  "mounts": [ { "destination": "/proc", "type": "proc", "source": "proc" },
    { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"] },
    { "destination": "/node", "type": "tmpfs", "source": "tmpfs", "options": ["size=64k"] } ],
  "hooks": { "createRuntime": [ { "path": "$test_dir/hook" } ] },
  "linux": { "devices": [ { "path": "/dev/node", "type": "c", "major": 1, "minor": 3, "fileMode": 438 } ],
    "sysctl": { "net.ipv4.ip_forward": "1" }, "cgroupsPath": "ctr-node.slice:ctr:node",
    "resources": { "pids": { "limit": 99 }, "memory": { "limit": 67108864 }, "cpu": { "shares": 512 },
      "blockIO": { "weight": 200 }, "devices": [ { "allow": false, "access": "rwm" }, { "allow": true, "type": "c", "major": 1, "minor": 3, "access": "rw" } ] },
    "rootfsPropagation": "rprivate", "maskedPaths": ["/proc/keys"], "readonlyPaths": ["/proc/sys"],
    "seccomp": { "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ { "names": ["ptrace"], "action": "SCMP_ACT_ERRNO" } ] },
    "namespaces": [ { "type": "pid" }, { "type": "mount" }, { "type": "network" }, { "type": "uts" }, { "type": "ipc" } ] } }
EOF
works "a container with the node's profile" manager RunContainer 'a{sv}' 4 ID s node RootFS s "$test_dir/rootfs" Profile s node Cmd as 2 /bin/sleep 1000
works "GetConfig" container node GetConfig
unquoted <<<"$output" >"$test_dir/config.json"
for key in process.capabilities process.rlimits process.oomScoreAdj process.noNewPrivileges mounts hooks linux.devices linux.sysctl \
        linux.cgroupsPath linux.resources.pids linux.resources.memory linux.resources.cpu linux.resources.blockIO linux.resources.devices \
        linux.rootfsPropagation linux.maskedPaths linux.readonlyPaths linux.seccomp linux.namespaces; do
        is "the node's $key" "$(jq -cS ".$key" "$test_dir/config.json")" "$(jq -cS ".$key" /etc/ctrunit/profiles/node.json)"
done
is "a hook gets the process, and its network" "$(cat "$test_dir/netns")" "$(readlink "/proc/$(property node MainPID)/ns/net")"
is "which is not the host's" "$([ "$(cat "$test_dir/netns")" = "$(readlink /proc/self/ns/net)" ] && echo same)" ""
is "limits are PID 1's" "$(property node TasksMax)" 99
works "Delete" container node Delete b true
ok "nothing is left" nothing_left node
rm -r /etc/ctrunit/profiles
done_testing
