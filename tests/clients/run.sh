#!/bin/bash
# Runs sets of client checks in a booted host, each with our runtime and with its peers, and compares.
#
#   run.sh [--only RUNTIMES] SET...     SET.sh beside this file, or all SET-*.sh; RUNTIMES as in "ours,runc" (default: all)
#
# A set is one file that drives one client (podman, ctr, docker): lib.sh says how it looks. It is run once for each
# runtime, in a fresh state. What is printed at the end is one line of TAP for each check, and a table
# "check: ours / crun / runc". A check that fails with ours fails, unless it fails with every peer, too: then it is
# this host that cannot do it, and it is skipped with that reason (compare.py). Exit code 1 when one fails.
set -u

here=$(cd "$(dirname "$0")" && pwd)
build=${CTRUNIT_BUILD:-/build}
work=$(mktemp -d /var/tmp/clients.XXXXXX)
trap 'rm -rf "$work"; rm -f /etc/ld.so.preload' EXIT
limit=${CTRUNIT_CLIENT_TIMEOUT:-900}
failed_sets=0

declare -A runtime_paths=([ours]=/usr/bin/ctr-runtime [crun]=/usr/bin/crun [runc]=/usr/sbin/runc)
runtimes=()

choose_runtimes() { # WORD...
        local label
        for label in "$@"; do
                [ -n "${runtime_paths[$label]:-}" ] || { echo "run.sh: unknown runtime \"$label\"" >&2; exit 2; }
                if [ -x "${runtime_paths[$label]}" ]; then
                        runtimes+=("$label")
                else
                        echo "# $label: ${runtime_paths[$label]} is not installed"
                fi
        done
}

# crun raises RLIMIT_MEMLOCK before it loads a device filter, which kernels since 5.11 do not ask for. Where the host
# may not raise it (nspawn without CAP_SYS_RESOURCE), crun would fail at everything and compare with nothing.
allow_memlock() {
        local library=$build/tests/clients/libmemlock.so
        (ulimit -l unlimited) 2>/dev/null && return
        [ -e "$library" ] || { echo "# no $library: crun cannot run here"; return; }
        cp "$library" /var/tmp/libmemlock.so && echo /var/tmp/libmemlock.so >/etc/ld.so.preload
        echo "# RLIMIT_MEMLOCK cannot be raised here: crun's attempt is answered with success"
}

run_set() { # SET LABEL
        local start=$SECONDS rc
        CTRUNIT_CLIENT_RUNTIME=${runtime_paths[$2]} CTRUNIT_CLIENT_LABEL=$2 \
                timeout --foreground --kill-after=30 "$limit" bash "$here/$1.sh" >"$work/$1.$2" 2>&1
        rc=$?
        echo "# $1 with $2: $((SECONDS - start)) s, exit code $rc"
        [ "$rc" -le 1 ] || echo "not ok 0 - $1: the set ended" >>"$work/$1.$2"
}

# Names of sets; a client's name stands for all of its sets.
list_sets() { # WORD...
        local word file
        for word in "$@"; do
                if [ -e "$here/$word.sh" ]; then
                        echo "$word"
                else
                        for file in "$here/$word"-*.sh; do
                                [[ $file == *-lib.sh || ! -e $file ]] || basename "$file" .sh
                        done
                fi
        done
}

compare_set() { # SET
        local arguments=() label
        for label in "${runtimes[@]}"; do
                arguments+=("$label=$work/$1.$label")
        done
        python3 "$here/compare.py" "$1" "${arguments[@]}"
}

main() {
        local set label only=ours,crun,runc
        if [ "${1:-}" = --only ]; then
                only=$2
                shift 2
        fi
        [ $# -gt 0 ] || { sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; exit 2; }
        IFS=, read -ra words <<<"$only"
        choose_runtimes "${words[@]}"
        allow_memlock
        mapfile -t sets < <(list_sets "$@")
        [ ${#sets[@]} -gt 0 ] || { echo "run.sh: no set is named $*" >&2; exit 2; }
        for set in "${sets[@]}"; do
                for label in "${runtimes[@]}"; do
                        run_set "$set" "$label"
                done
                # As tests/system/run.sh: what fails once may be the machine's load, what fails twice fails.
                if [ -e "$work/$set.ours" ] && ! compare_set "$set" >"$work/first"; then
                        sed -n '/^not ok/,/^\(ok\|1\.\.\)/s/^\(not ok\|#\)/# first run: &/p' "$work/first"
                        echo "# $set failed: a second run of ours decides"
                        run_set "$set" ours
                        compare_set "$set" >"$work/second" && echo "# unstable: $set"
                fi
                compare_set "$set" || failed_sets=$((failed_sets + 1))
        done
        [ $failed_sets = 0 ]
}

main "$@"
