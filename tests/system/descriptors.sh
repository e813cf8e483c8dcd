#!/bin/bash
# How many files may be open: a caller that may open too few gets one error and leaves nothing, and a container needs as
# many as it has mounts, whatever its own limit is.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

engine=(ctr-runtime --root "$test_dir/root" --systemd-cgroup)
cgroupfs=(ctr-runtime --root "$test_dir/root")
few=$(bundle few)

# found: what is there of containers "few".
found() {
        ls -d "$state_root"/*few* "$test_dir/root/containers"/*few* 2>/dev/null
        find "$state_root" "$test_dir/root/containers" -maxdepth 1 -name '.*few*' 2>/dev/null
        find /sys/fs/cgroup -type d -name '*few*'
        systemctl list-units --all --plain --no-legend 'ctr*few*' | grep -v ' slice '
}
nothing_found() { ! found | grep .; }
# fails_cleanly COMMAND...: create with each limit from 3 on until it succeeds. A unit may be on its way out.
fails_cleanly() {
        local limit output
        for ((limit = 3; limit < 64; limit++)); do
                # Into a file: what waits at its gate keeps a pipe open.
                if (ulimit -n "$limit" && exec "$@" create --bundle "$few" few) </dev/null >"$test_dir/output" 2>&1; then
                        "$@" delete -f few
                        [ "$limit" -gt 4 ]
                        return
                fi
                output=$(<"$test_dir/output")
                [ "$(wc -l <<<"$output")" = 1 ] || { printf 'limit %s: %s\n' "$limit" "$output"; return 1; }
                eventually 5 nothing_found >/dev/null || { printf 'limit %s: %s, left:\n' "$limit" "$output"; found; return 1; }
        done
        return 1
}
ok "a service: one line and nothing left, until they suffice" fails_cleanly ctrctl
ok "a scope: one line and nothing left, until they suffice" fails_cleanly "${engine[@]}"
ok "a directory: one line and nothing left, until they suffice" fails_cleanly "${cgroupfs[@]}"
exits "too few to make a container" 1 bash -c "ulimit -n 6; exec ctrctl create --bundle $few few"
like "says what to do" "$output" 'too few descriptors .*RLIMIT_NOFILE.*raise it'

# A descriptor for each mount, while PID 1 and shells give 1024. Hooks and payload have the limit that there was.
mkdir -p "$test_dir/source" "$test_dir/hooks"
printf '#!/bin/sh\nulimit -Sn >%s/hooks/limit\n' "$test_dir" >"$test_dir/hook"
chmod +x "$test_dir/hook"
many=$(bundle many ".mounts+=[range(1100)|{destination:\"/m/\(.)\",type:\"bind\",source:\"$test_dir/source\",options:[\"bind\"]}]
        |.hooks={createRuntime:[{path:\"$test_dir/hook\"}]}
        |.process.args=[\"/bin/sh\",\"-c\",\"ulimit -Sn; grep -c ' /m/' /proc/self/mountinfo\"]")
is "a service of 1100 mounts: limit and mounts" "$(ctrctl run --bundle "$many" many)" $'1024\n1100'
is "its hook has the same limit" "$(<"$test_dir/hooks/limit")" 1024
is "a scope of 1100 mounts: limit and mounts" "$(ulimit -Sn 1000 && "${engine[@]}" run --bundle "$many" many)" $'1000\n1100'
is "its hook has the same limit" "$(<"$test_dir/hooks/limit")" 1000
done_testing
