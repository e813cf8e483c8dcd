#!/bin/bash
# containerd's plugin for Kubernetes drives the runtime through the handler of examples/containerd-config.toml: pods of
# several containers, called as a kubelet calls (cri.py). Their network is a bridge by CNI.
# needs: packages containerd containernetworking-plugins python3-grpcio
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/containerd-lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
handler=ctrunit
parts=${parts:-pod settings limits}
slice=checks-pod.slice

# cri METHOD [REQUEST]: prints the reply; an error goes to standard error.
cri() {
        local reply
        if reply=$(curl -sS --max-time "$((60 * patience))" --fail-with-body --unix-socket "$test_dir/cri" -d "${2:-{\}}" "http://cri/$1" 2>&1); then
                printf '%s\n' "$reply"
        else
                printf '%s\n' "$reply" >&2
                return 1
        fi
}
cri_start() {
        python3 "$here/cri.py" /run/containerd/containerd.sock "$test_dir/cri" & cri_pid=$!
        eventually 20 test -S "$test_dir/cri"
}
cri_stop() {
        kill "$cri_pid"
        wait "$cri_pid" 2>/dev/null
        rm -f "$test_dir/cri"
}

write_network() {
        mkdir -p "$test_dir/cni"
        cat >"$test_dir/cni/10-checks.conflist" <<'C'
{ "cniVersion": "0.4.0", "name": "checks", "plugins": [ { "type": "bridge", "bridge": "cni-checks", "isGateway": true,
  "ipMasq": false, "ipam": { "type": "host-local", "subnet": "10.88.7.0/24", "dataDir": "/run/cni-checks" } } ] }
C
}

# pod_config NAME [JQ]: prints the configuration of a pod.
pod_config() {
        jq -cn --arg name "$1" --arg logs "$test_dir/logs/$1" --arg slice "$slice" '{
                metadata: { name: $name, uid: $name, namespace: "checks" }, hostname: $name, log_directory: $logs,
                linux: { cgroup_parent: $slice, security_context: { namespace_options: { pid: 1 } } } }' | jq -c "${2:-.}"
}
run_pod() { # NAME [JQ]
        mkdir -p "$test_dir/logs/$1"
        pod_config "$@" >"$test_dir/logs/$1.json"
        cri RunPodSandbox "$(jq -cn --slurpfile c "$test_dir/logs/$1.json" --arg h "$handler" '{ config: $c[0], runtime_handler: $h }')" |
                jq -er .pod_sandbox_id
}
remove_pod() { # ID
        cri StopPodSandbox "{\"pod_sandbox_id\":\"$1\"}" && cri RemovePodSandbox "{\"pod_sandbox_id\":\"$1\"}"
}
# create POD-NAME POD-ID NAME COMMAND [JQ]: prints the id of a container of this pod that runs a shell command.
create() {
        cri CreateContainer "$(jq -cn --slurpfile p "$test_dir/logs/$1.json" --arg pod "$2" --arg name "$3" --arg command "$4" --arg image "$box" '{
                pod_sandbox_id: $pod, sandbox_config: $p[0],
                config: { metadata: { name: $name }, image: { image: $image }, command: [ "sh", "-c", $command ],
                          log_path: ($name + ".log"), linux: { resources: {}, security_context: { namespace_options: { pid: 1 } } } } }' |
                jq -c ".config|=(${5:-.})")" | jq -er .container_id
}
on() { # METHOD ID [JQ]
        cri "$1" "$(jq -cn --arg id "$2" "{ container_id: \$id } + (${3:-{\}})")"
}
run_container() { # as create
        local id
        id=$(create "$@") && on StartContainer "$id" >/dev/null && echo "$id"
}
status() { # ID FIELD
        on ContainerStatus "$1" | jq -r ".status.$2"
}
has_status() { [ "$(status "$1" "$2")" = "$3" ]; }
exec_in() { # ID COMMAND: its output, its exit code
        local reply
        reply=$(on ExecSync "$1" "{ cmd: [ \"sh\", \"-c\", $(jq -cn --arg c "$2" '$c') ], timeout: 60 }") || return 99
        jq -r .stdout <<<"$reply" | base64 -d
        jq -r .stderr <<<"$reply" | base64 -d >&2
        return "$(jq -r .exit_code <<<"$reply")"
}
# What a container that ends by itself wrote.
output_of() { # as create
        local id
        id=$(run_container "$@") || return 1
        eventually 15 has_status "$id" state 2
        cut -d' ' -f4- "$test_dir/logs/$1/$3.log"
        on RemoveContainer "$id" >/dev/null
}

check_pod() {
        local pod web client pid
        like "version" "$(cri Version | jq -r .runtime_name)" containerd
        is "the runtime is ready" "$(cri Status | jq -r '.status.conditions[] | select(.type == "RuntimeReady").status')" true
        pod=$(run_pod pod) || return
        ok "a pod" test -n "$pod"
        is "pod status: ready, our handler" "$(cri PodSandboxStatus "{\"pod_sandbox_id\":\"$pod\"}" | jq -r '.status | "\(.state) \(.runtime_handler)"')" \
                "0 $handler"
        like "pod status: its address" "$(cri PodSandboxStatus "{\"pod_sandbox_id\":\"$pod\"}" | jq -r .status.network.ip)" '^10\.88\.7\.'
        is "the pod is in its scope" "$(systemctl show -P Slice "cri-containerd-$pod.scope") $(systemctl is-active "cri-containerd-$pod.scope")" \
                "$slice active"
        web=$(create pod "$pod" web 'echo web >/tmp/index.html; trap "exit 3" TERM; httpd -f -p 8080 -h /tmp & while :; do sleep 0.1; done')
        is "container created" "$(status "$web" state)" 0
        ok "start" on StartContainer "$web"
        is "container running" "$(status "$web" state)" 1
        client=$(run_container pod "$pod" client 'echo out; echo err >&2; sleep 1000')
        is "two containers" "$(cri ListContainers | jq '[ .containers[] | select(.state == 1) ] | length')" 2
        is "one network" "$(exec_in "$client" 'for i in 1 2 3 4 5 6 7 8 9; do wget -q -O - http://127.0.0.1:8080/ && break; sleep 0.5; done')" web
        is "one host name" "$(exec_in "$client" hostname)" pod
        is "one ipc namespace" "$(exec_in "$client" 'readlink /proc/self/ns/ipc')" "$(exec_in "$web" 'readlink /proc/self/ns/ipc')"
        ok "pid namespaces of their own" test "$(exec_in "$client" 'readlink /proc/self/ns/pid')" != "$(exec_in "$web" 'readlink /proc/self/ns/pid')"
        like "logs" "$(cat "$test_dir/logs/pod/client.log")" ' stdout F out'
        like "logs: standard error" "$(cat "$test_dir/logs/pod/client.log")" ' stderr F err'
        exits "exec: exit code" 7 exec_in "$client" 'echo inside; exit 7'
        is "exec: output" "$output" inside
        exits "exec of a program that is not there" 1 on ExecSync "$client" '{ cmd: [ "/nope" ], timeout: 60 }'
        like "exec of a program that is not there: says so" "$output" 'no such file or directory'
        exits "exec with a time limit" 1 on ExecSync "$client" '{ cmd: [ "sleep", "30" ], timeout: 1 }'
        like "exec with a time limit: says so" "$output" 'DEADLINE_EXCEEDED|deadline exceeded|timeout'
        is "ten execs at the same time" "$(for _ in $(seq 10); do exec_in "$client" 'echo x; sleep 0.3' & done | sort | uniq -c | xargs; wait)" "10 x"
        like "stats" "$(on ContainerStats "$client" | jq -r .stats.attributes.id)" "^$client\$"
        is "the scope of a container" "$(systemctl is-active "cri-containerd-$client.scope")" active
        ok "stop" on StopContainer "$web" '{ timeout: 10 }'
        is "stop: exit code" "$(status "$web" exit_code) $(status "$web" state) $(status "$web" reason)" "3 2 Error"
        exits "exec in a stopped one" 1 on ExecSync "$web" '{ cmd: [ "true" ] }'
        pid=$(on ContainerStatus "$client" '{ verbose: true }' | jq -r .info.info | jq .pid)
        kill -9 "$pid"
        ok "killed" eventually 10 has_status "$client" state 2
        is "killed: exit code" "$(status "$client" exit_code)" 137
        ok "remove" on RemoveContainer "$web"
        ok "remove a killed one" on RemoveContainer "$client"
        client=$(run_container pod "$pod" stubborn 'trap "" TERM; while :; do sleep 0.1; done')
        ok "stop of one that ignores SIGTERM" on StopContainer "$client" '{ timeout: 1 }'
        is "stop of one that ignores SIGTERM: exit code" "$(status "$client" exit_code)" 137
        ok "remove of a running one" on RemoveContainer "$(run_container pod "$pod" removed 'sleep 1000')"
        exits "a program that is not there" 1 on StartContainer "$(create pod "$pod" nope true '.command=[ "/nope" ]')"
        like "a program that is not there: says so" "$output" 'no such file or directory'
        ok "stop and remove of the pod" remove_pod "$pod"
        is "no pod is left" "$(cri ListPodSandbox | jq -c .items)" "[]"
        is "its scopes are gone" "$(systemctl list-units --all --no-legend --plain 'cri-containerd-*')" ""
}

check_settings() {
        local pod context='.linux.security_context'
        pod=$(run_pod set '.linux.sysctls={ "net.ipv4.ip_default_ttl": "77" } | .linux.security_context.namespace_options.pid=0') || return
        is "sysctl of the pod" "$(output_of set "$pod" sysctl 'cat /proc/sys/net/ipv4/ip_default_ttl')" 77
        is "environment, directory" "$(output_of set "$pod" env 'echo $X $PWD' '.envs=[ { key: "X", value: "y" } ] | .working_dir="/tmp"')" "y /tmp"
        is "user, groups" "$(output_of set "$pod" user 'echo $(id -u):$(id -g) $(id -G)' \
                "$context.run_as_user={ value: 1000 } | $context.run_as_group={ value: 1001 } | $context.supplemental_groups=[ 77 ]")" "1000:1001 1001 77"
        is "capabilities" "$(output_of set "$pod" caps "sed -n 's/^CapEff:.//p' /proc/self/status" \
                "$context.capabilities={ add_capabilities: [ \"KILL\" ], drop_capabilities: [ \"ALL\" ] }")" 0000000000000020
        is "seccomp and no new privileges" "$(output_of set "$pod" seccomp "sed -n 's/^Seccomp:.//p;s/^NoNewPrivs:.//p' /proc/self/status | xargs" \
                "$context.seccomp={ profile_type: 0 } | $context.no_new_privs=true")" "1 2"
        is "read-only" "$(output_of set "$pod" readonly 'touch /x 2>/dev/null || echo ro' "$context.readonly_rootfs=true")" ro
        is "masked paths" "$(output_of set "$pod" masked 'ls /proc/bus | wc -l' "$context.masked_paths=[ \"/proc/bus\" ]")" 0
        mkdir -p "$test_dir/volume" && echo data >"$test_dir/volume/file"
        is "a mount" "$(output_of set "$pod" mount 'cat /v/file; touch /v/x 2>/dev/null || echo ro' \
                ".mounts=[ { container_path: \"/v\", host_path: \"$test_dir/volume\", readonly: true } ]" | xargs)" "data ro"
        mknod "$test_dir/fuse" c 10 229
        is "a device" "$(output_of set "$pod" device 'true </dev/myfuse && echo read; true 2>/dev/null >/dev/myfuse || echo no' \
                ".devices=[ { container_path: \"/dev/myfuse\", host_path: \"$test_dir/fuse\", permissions: \"r\" } ]" | xargs)" "read no"
        is "a terminal" "$(output_of set "$pod" tty 'tty' '.tty=true' | tr -d '\r')" /dev/pts/0
        like "processes of the pod" "$(output_of set "$pod" pids 'ps -o args' '.linux.security_context.namespace_options.pid=0')" 'sleep 1000000'
        ok "remove of the pod with settings" remove_pod "$pod"
        pod=$(run_pod host 'del(.hostname) | .linux.security_context.namespace_options={ network: 2, pid: 2, ipc: 2 } | .linux.security_context.privileged=true')
        is "the host's namespaces" "$(output_of host "$pod" ns 'for i in net pid ipc; do readlink /proc/self/ns/$i; done' \
                "$context.namespace_options={ network: 2, pid: 2, ipc: 2 }")" "$(readlink /proc/self/ns/net /proc/self/ns/pid /proc/self/ns/ipc)"
        is "privileged" "$(output_of host "$pod" priv 'sed -n "s/^Seccomp:.//p" /proc/self/status; test -e /dev/net/tun && echo tun' \
                "$context.privileged=true | $context.namespace_options={ network: 2, pid: 2, ipc: 2 }" | xargs)" "0 tun"
        ok "remove of the host's pod" remove_pod "$pod"
}

# Where there are controllers: limits, their change, running out of memory.
check_limits() {
        local pod id group
        pod=$(run_pod limits) || return
        id=$(run_container limits "$pod" limits 'sleep 1000' \
                '.linux.resources={ cpu_period: 100000, cpu_quota: 50000, cpu_shares: 512, memory_limit_in_bytes: 67108864, oom_score_adj: 500 }')
        group=/sys/fs/cgroup$(systemctl show -P ControlGroup "cri-containerd-$id.scope")
        like "limits" "$(cat "$group/memory.max" "$group/cpu.max" "$group/cpu.weight" | xargs)" '^67108864 50000 100000 (20|59)$'
        like "stats: memory" "$(on ContainerStats "$id" | jq -r .stats.memory.working_set_bytes.value)" '^[1-9]'
        like "stats: cpu" "$(on ContainerStats "$id" | jq -r .stats.cpu.usage_core_nano_seconds.value)" '^[1-9]'
        ok "update" on UpdateContainerResources "$id" '{ linux: { memory_limit_in_bytes: 100663296, cpu_period: 100000, cpu_quota: 25000 } }'
        is "update: in the cgroup" "$(cat "$group/memory.max" "$group/cpu.max" | xargs)" "100663296 25000 100000"
        systemctl daemon-reload
        is "update: after daemon-reload" "$(cat "$group/memory.max" "$group/cpu.max" | xargs)" "100663296 25000 100000"
        # Init outlives what is killed: with its last process PID 1 removes the cgroup, and a shim that has not read
        # memory.events until then (the kernel tells of changes every 10 ms only) has no event, whatever the runtime.
        id=$(run_container limits "$pod" eater 'tail /dev/zero; code=$?; sleep 10; exit $code' '.linux.resources={ memory_limit_in_bytes: 16777216 }')
        ok "out of memory: reason" eventually 60 has_status "$id" reason OOMKilled
        ok "out of memory" eventually 60 has_status "$id" state 2
        is "out of memory: exit code" "$(status "$id" reason) $(status "$id" exit_code)" "OOMKilled 137"
        ok "remove of the pod with limits" remove_pod "$pod"
}

has_pod() { [ -n "$1" ] || { cat "$test_dir/why"; return 1; }; }

main() {
        write_network
        daemon_start
        cri_start
        for image in "$box" "$pause"; do
                name=${image%:*}
                limited 60 ctr -n k8s.io images import "$("${name##*/}_archive" "$image")" >/dev/null || { echo "Bail out! no image $image"; exit 2; }
        done
        pod=$(run_pod first 2>"$test_dir/why") && remove_pod "$pod" >/dev/null
        cri_stop
        daemon_stop
        systemctl stop checks.slice
        set_begin
        daemon_start
        cri_start
        if ok "a first pod" has_pod "$pod"; then
                for part in $parts; do
                        [ "$part" = limits ] && ! has_controller memory || "check_$part"
                done
        fi
        # Slices are the kubelet's to make and to stop.
        systemctl stop checks.slice
        cri_stop
        daemon_stop
        set_end
}

main
