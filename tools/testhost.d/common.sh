# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with tools/testhost
# Messages, the cache directory, and the run directory of one test host.
#
# A run directory CACHE/run/ID holds everything one host leaves outside its own namespaces. While
# the host lives, its processes hold a lock on CACHE/run/ID/lock; a directory whose lock is free
# belongs to a host that was killed, and the next start removes it together with its cgroup.

cache=${CTRUNIT_CACHE:-/var/cache/ctrunit}/testhost

say() {
        printf 'testhost: %s\n' "$*" >&2
}

die() {
        say "$*"
        exit 1
}

# Exit code 77 is "skipped" for meson and automake.
cannot_run() {
        say "cannot run a test host here: $*"
        exit 77
}

require_programs() {
        local program
        local -a missing=()
        for program in "$@"; do
                [[ -x $(type -P "$program") ]] || missing+=("$program")
        done
        ((${#missing[@]} == 0)) || cannot_run "missing ${missing[*]} (run: tools/deps host)"
}

# What both kinds of host need of the machine.
require_machine() {
        local mount
        mount=$(cgroup2_mount)
        [[ -n $mount && -w $mount ]] || cannot_run "no cgroup2 is mounted for writing"
        unshare --mount --pid --fork true 2>/dev/null || cannot_run "new namespaces are not allowed"
}

# Where cgroup2 is mounted; empty when it is not.
cgroup2_mount() {
        if [[ $(stat -f -c %T /sys/fs/cgroup) == cgroup2fs ]]; then
                echo /sys/fs/cgroup
                return
        fi
        awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts
}

host_cgroup() {
        echo "$(cgroup2_mount)/ctrunit-testhost.$1"
}

# Kills whatever is left in a host's cgroup and removes it.
remove_cgroup() {
        local group
        group=$(host_cgroup "$1")
        [[ -d $group ]] || return 0

        echo 1 >"$group/cgroup.kill"
        for _ in {1..200}; do
                find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && return 0
                sleep 0.02
        done
        say "could not remove $group"
}

# Removes what killed hosts left. The caller holds the lock of the run directories.
sweep_run_dirs() {
        local dir
        for dir in "$cache"/run/*/; do
                [[ -d $dir ]] || continue
                flock --nonblock "$dir/lock" true || continue
                remove_cgroup "$(basename "$dir")"
                rm -rf "$dir"
        done
        flock --nonblock "$cache/image.lock" \
                find "$cache" -maxdepth 1 -name 'building.*' -exec rm -rf {} + || true
}

# Makes the run directory and holds its lock on file descriptor 9, which the host's processes
# inherit. Sets run_dir and run_id.
make_run_dir() {
        mkdir -p "$cache/run"
        exec 8>"$cache/run.lock"
        flock 8
        sweep_run_dirs
        run_dir=$(mktemp -d "$cache/run/XXXXXXXX")
        run_id=$(basename "$run_dir")
        exec 9>"$run_dir/lock"
        flock 9
        exec 8>&-
}

remove_run_dir() {
        remove_cgroup "$run_id"
        rm -rf "$run_dir"
}
