# Functions of the containerd sets: the daemon and its store. Sourced after lib.sh.
# shellcheck shell=bash disable=SC2034,SC2154  # shared with lib.sh and the sets

box=images.test/box:1
debian=images.test/debian:1
pause=images.test/pause:1
service=images.test/service:1

# The example's handler, for the runtime in question.
write_config() {
        mkdir -p /etc/containerd
        {
                printf 'root = "%s"\n' "$test_dir/containerd"
                sed "s#/usr/bin/ctr-runtime#$runtime#" "${CTRUNIT_EXAMPLES:-/src/examples}/containerd-config.toml"
                printf '[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "%s"\n' "$pause"
                # A pod's own process asks for -998, which a host without CAP_SYS_RESOURCE refuses.
                (echo -998 >/proc/self/oom_score_adj) 2>/dev/null || echo '  restrict_oom_score_adj = true'
                printf '[plugins."io.containerd.grpc.v1.cri".cni]\n  bin_dir = "/usr/lib/cni"\n  conf_dir = "%s"\n' "$test_dir/cni"
        } >/etc/containerd/config.toml
}

daemon_start() {
        systemctl stop docker.socket docker.service containerd.service 2>/dev/null
        write_config
        limited 60 systemctl start containerd || { echo "Bail out! containerd does not start"; exit 2; }
}

daemon_stop() {
        systemctl stop containerd
}
