# What the sets of podman share: its configuration, its store, the image "box". Sourced after lib.sh.
# shellcheck shell=bash disable=SC2154,SC2034

[ -n "${CTRUNIT_TESTHOST:-}" ] || { echo "not ok 0 - $test_file: writes /etc/containers: only in a test host"; exit 2; }

# podman as its users call it, with the runtime under test.
p() { limited 60 podman --log-level=error --runtime "$runtime" "$@"; }
# One short container: box ARGUMENT...
run() { p run --rm --network none "$@"; }
none=(--network none)

# podman_begin CGROUP-MANAGER
# What podman starts by itself (healthcheck timers, units, conmon's exit command) reads files, not our environment.
podman_begin() {
        # Debian starts these at boot; the first ends by itself later.
        systemctl stop podman.service podman.socket podman-restart.service podman-auto-update.timer 2>/dev/null
        set_begin
        cat >/etc/containers/containers.conf <<C
[engine]
cgroup_manager = "$1"
events_logger = "file"
runtime = "$runtime"
[containers]
log_driver = "k8s-file"
C
        # The default, 2048, is refused by runc where the host has no pids controller.
        has_controller pids || echo 'pids_limit = 0' >>/etc/containers/containers.conf
        cat >/etc/containers/storage.conf <<C
[storage]
driver = "overlay"
runroot = "/run/ctrunit-podman"
graphroot = "$test_dir/store"
C
        make_box_image "$test_dir/box.tar"
        ok "import" p import --change ENV=PATH=/bin "$test_dir/box.tar" box
}

podman_end() {
        is "no container is left" "$(p ps -a --format '{{.Names}} {{.Status}}')" ""
        p rm -fa -t 0 >/dev/null 2>&1
        # What podman leaves once and for all, with every runtime.
        umount -R "$test_dir/store/overlay" /run/netns 2>/dev/null
        rm -rf "$test_dir/store" /run/ctrunit-podman /run/libpod /dev/shm/libpod_lock /etc/containers/{containers,storage}.conf
        rm -rf /run/crun /run/netns
        set_end
}

state_of() { p inspect "$1" --format '{{.State.Status}}'; }
pid_of() { p inspect "$1" --format '{{.State.Pid}}'; }
is_state() { [ "$(state_of "$1")" = "$2" ]; }
logged() { p logs "$1" 2>&1 | grep -qE -- "$2"; }
