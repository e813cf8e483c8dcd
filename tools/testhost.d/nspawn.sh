# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with tools/testhost
# A host booted by systemd-nspawn, on an overlay over the cached root that lives in memory.

nspawn_check() {
        require_programs systemd-nspawn unshare setpriv nsenter flock
        require_machine
        grep -qw overlay /proc/filesystems || modprobe -q overlay || cannot_run "the kernel has no overlayfs"
}

nspawn_prepare() {
        [[ -z $build_dir ]] || require_programs meson
}

# Runs in the new mount and pid namespaces; its exit code is the command's.
nspawn_inside() {
        local nspawn_pid leader code=0 stage=$run_dir/mnt
        enter_cgroup runner
        enable_controllers
        mount_overlay "$stage"
        install_build "$stage/root"
        install_command "$stage/root"
        ldconfig -r "$stage/root"
        bind_directories "$stage"
        start_nspawn "$stage"
        leader=$(nspawn_leader "$nspawn_pid") || exit 125
        run_in_nspawn "$leader" || code=$?
        ((code == 0)) || ! nspawn_ends "$nspawn_pid" || code=125
        exit "$code"
}

# Whether the host goes down by itself: the command that failed may have done so for that reason.
nspawn_ends() {
        for _ in {1..10}; do
                sleep 0.02
                kill -0 "$1" 2>/dev/null && continue
                say "the host went down before the command ended"
                return 0
        done
        return 1
}

mount_overlay() {
        local dir=$1 changes=${disk:-$1}
        mkdir "$dir"
        mount -t tmpfs -o mode=0755 testhost "$dir"
        mkdir "$dir/root"
        mkdir -p "$changes"/{upper,work}
        mount -t overlay -o "lowerdir=$(root_dir),upperdir=$changes/upper,workdir=$changes/work" \
                overlay "$dir/root"
        mount -t tmpfs -o mode=0755 srv "$dir/root/srv"
        mount -t tmpfs -o mode=1777 tmp "$dir/root/var/tmp"
}

# Afterwards no path of the machine is needed any more. So /run can be hidden, where nspawn would
# leave files, and everything of cgroup v1, where it would leave cgroups of the compatibility kind.
bind_directories() {
        bind_to "$source_dir" "$1/src"
        [[ -z $build_dir ]] || bind_to "$build_dir" "$1/build"
        bind_shares "$1/share"
        [[ $run_dir == /run/* ]] || mount -t tmpfs -o mode=0755 run /run
        [[ $(cgroup2_mount) == /sys/fs/cgroup ]] || mount --bind "$(cgroup2_mount)" /sys/fs/cgroup
}

# Sets nspawn_pid. System call filter off: everything PID 1 starts would carry it.
start_nspawn() {
        local i
        local -a binds=(--bind-ro="$1/src:/src")
        [[ -z $build_dir ]] || binds+=(--bind-ro="$1/build:/build")
        for i in "${!shares[@]}"; do
                binds+=(--bind="$1/share/$i:$(share_target "$i")")
        done
        (
                enter_cgroup host
                export SYSTEMD_SECCOMP=0 SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
                exec systemd-nspawn --quiet --boot --directory="$1/root" \
                        --machine="ctrunit-$run_id" --register=no --keep-unit \
                        --capability=all --private-network --resolv-conf=off --timezone=off \
                        --link-journal=no --console=read-only "${binds[@]}"
        ) </dev/null >"$run_dir/console.log" 2>&1 9>&- &
        nspawn_pid=$!
}

# Prints the pid of the host's PID 1: the child of nspawn that is number 1 in its own namespace.
nspawn_leader() {
        local pid
        for _ in {1..200}; do
                for pid in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
                        [[ $(awk '/^NSpid:/ { print $NF }' "/proc/$pid/status" 2>/dev/null) == 1 ]] || continue
                        echo "$pid"
                        return 0
                done
                [[ -d /proc/$1 ]] || break
                sleep 0.02
        done
        say "systemd-nspawn did not start a system"
        return 1
}

# A host that goes down stops everything in it for a moment. nsenter, whose child is stopped, then stops itself, and
# nobody would ever continue it.
run_in_nspawn() {
        local pid
        local -a words=(env -i TERM="${TERM-dumb}" PATH=/usr/sbin:/usr/bin
                nsenter --target "$1" --mount --uts --ipc --net --pid --cgroup --root --wd
                /bin/bash "$guest_dir/guest-run")
        if [[ -t 0 && -t 1 ]]; then
                "${words[@]}" --pty
                return
        fi
        "${words[@]}" --pipe <&0 &
        pid=$!
        while sleep 1 && kill -CONT "$pid" 2>/dev/null; do :; done </dev/null >/dev/null 2>&1 &
        wait "$pid"
}
