# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with tools/testhost
# Life and death of a host. The script starts itself again in new mount and pid namespaces: when
# the script or anything between dies, even by SIGKILL, the kernel ends every process there, and
# with them the mounts. Its cgroup is its own, so that two hosts never share one.

# Runs this script again, inside, with the arguments given; exits with its code.
supervise() {
        local code=0
        make_run_dir
        trap 'end_host 130' INT
        trap 'end_host 143' TERM
        trap 'end_host 129' HUP
        TESTHOST_RUN_DIR=$run_dir setpriv --pdeathsig KILL \
                unshare --mount --pid --fork --kill-child=KILL --mount-proc \
                "$here/testhost" "$@" <&0 &
        inside_pid=$!
        start_timer
        wait_for_host || code=$?
        end_host "$code"
}

start_timer() {
        timer_pid=
        ((timeout > 0)) || return 0
        setpriv --pdeathsig KILL sleep "$timeout" 7>&- 9>&- >/dev/null 2>&1 &
        timer_pid=$!
}

# Returns the exit code of the inside, or 124 when the timer ends first.
wait_for_host() {
        local ended='' code=0
        # shellcheck disable=SC2086  # timer_pid may be empty
        wait -n -p ended "$inside_pid" $timer_pid || code=$?
        if [[ -n $timer_pid && $ended == "$timer_pid" ]]; then
                say "timeout after $timeout seconds"
                show_console=1
                return 124
        fi
        return "$code"
}

# Kills the host, removes its traces and exits with CODE.
end_host() {
        trap '' INT TERM HUP
        # shellcheck disable=SC2086  # timer_pid may be empty
        kill -KILL "$inside_pid" $timer_pid 2>/dev/null || true
        # shellcheck disable=SC2086
        wait "$inside_pid" $timer_pid 2>/dev/null || true
        ((!show_console && $1 != 125)) || show_logs
        remove_run_dir
        exit "$1"
}

show_logs() {
        local log
        for log in install qemu console; do
                [[ -s $run_dir/$log.log ]] || continue
                say "last lines of the $log log:"
                tail -n 60 "$run_dir/$log.log" >&2
        done
}

# Moves the calling process into the part NAME of the host's cgroup.
enter_cgroup() {
        local group
        group=$(host_cgroup "$run_id")
        mkdir -p "$group/$1"
        echo "$BASHPID" >"$group/$1/cgroup.procs"
}

# Lets the parts of the host's cgroup have every controller that the machine's cgroup2 hands out.
enable_controllers() {
        local group controller
        group=$(host_cgroup "$run_id")
        for controller in $(<"$group/cgroup.controllers"); do
                echo "+$controller" >"$group/cgroup.subtree_control" || true
        done
}
