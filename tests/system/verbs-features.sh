#!/bin/bash
# features: the document of the specification, and that what it lists is really taken by `create`.
. "$(dirname "$0")/lib.sh"

exits "features" 0 ctrctl features
features=$output
f() { printf '%s' "$features" | jq -rc "$1"; }

is "versions" "$(f '[.ociVersionMin,.ociVersionMax]')" '["1.0.0","1.3.0"]'
is "hooks" "$(f .hooks)" '["prestart","createRuntime","createContainer","startContainer","poststart","poststop"]'
is "namespaces" "$(f '.linux.namespaces|sort')" '["cgroup","ipc","mount","network","pid","time","user","uts"]'
is "capabilities" "$(f '[(.linux.capabilities|length),.linux.capabilities[0],.linux.capabilities[40]]')" '[41,"CAP_CHOWN","CAP_CHECKPOINT_RESTORE"]'
is "cgroup" "$(f .linux.cgroup)" '{"v1":false,"v2":true,"systemd":true,"systemdUser":false,"rdma":true}'
is "seccomp operators" "$(f '.linux.seccomp.operators|length')" 7
is "seccomp architectures" "$(f '.linux.seccomp.archs|contains(["SCMP_ARCH_X86_64","SCMP_ARCH_AARCH64","SCMP_ARCH_RISCV64"])')" true
is "seccomp flags: supported ones are known" "$(f '.linux.seccomp|.supportedFlags-.knownFlags')" '[]'
is "seccomp flags" "$(f '.linux.seccomp.knownFlags|length')" 4
for part in apparmor selinux intelRdt netDevices; do
        like "linux.$part" "$(f ".linux.$part.enabled")" '^(true|false)$'
done
like "mountExtensions.idmap" "$(f .linux.mountExtensions.idmap.enabled)" '^(true|false)$'
like "libseccomp's version" "$(f '.annotations["io.github.seccomp.libseccomp.version"]')" '^[0-9]+\.[0-9]+\.[0-9]+$'
is "unsafe annotations" "$(f .potentiallyUnsafeConfigAnnotations)" '["bundle","org.systemd.property.","org.criu.config","run.oci."]'

# Every option in a mount of the kind it is for.
mkdir -p "$test_dir/source"
refused=
n=0
for option in $(f '.mountOptions[]'); do
        n=$((n + 1))
        case $option in
        bind | rbind | remount | idmap | ridmap | src-nofollow | dest-nofollow | copy-symlink)
                mount="{\"destination\":\"/mnt\",\"type\":\"bind\",\"source\":\"$test_dir/source\",\"options\":[\"bind\",\"$option\"]}" ;;
        *) mount="{\"destination\":\"/mnt\",\"type\":\"tmpfs\",\"source\":\"tmpfs\",\"options\":[\"$option\"]}" ;;
        esac
        change=".mounts+=[$mount]"
        # A remount needs a mount to change.
        [ "$option" = remount ] && change=".mounts+=[{\"destination\":\"/mnt\",\"type\":\"bind\",\"source\":\"$test_dir/source\",\"options\":[\"bind\"]},$mount]"
        case $option in idmap | ridmap) change="$change|.linux.namespaces+=[{\"type\":\"user\"}]|.linux.uidMappings=[{\"containerID\":0,\"hostID\":100000,\"size\":65536}]|.linux.gidMappings=.linux.uidMappings" ;; esac
        ctrctl create --bundle "$(bundle feat "$change")" feat >"$test_dir/out" 2>&1 || refused="$refused $option($(tail -1 "$test_dir/out"))"
        ctrctl delete -f feat
done
is "every mount option is taken by create" "$refused" ""
ok "there are many" test "$n" -ge 50

done_testing
