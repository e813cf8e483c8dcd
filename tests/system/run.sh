#!/bin/bash
# Runs system tests inside a booted host and prints their TAP one after the other.
#
#   run.sh FILE...        names without .sh, or "all" for those that need nothing but this host
#
# A file that fails runs once more when all others have ended, and that run counts: what the load of the machine broke
# is told from what is broken. The first run is shown as comments, and "# unstable: FILE" names what only passed then.
# Exit code 1 when one fails. The last line counts: "# N passed, N failed, N skipped".
set -u

here=$(cd "$(dirname "$0")" && pwd)
log=$(mktemp)
one=$(mktemp)
trap 'rm -f "$log" "$one"' EXIT
failed_files=0
# Long runs are a hundred times as long.
limit=600
[ -z "${CTRUNIT_LONG:-}" ] || limit=14400

# Files that need controllers, modules or time which only QEMU or the long run has say so in their second line.
names=("$@")
if [ "${1:-all}" = all ]; then
        names=()
        for f in "$here"/*.sh; do
                case $(basename "$f") in *lib.sh | run.sh) continue ;; esac
                grep -q '^# needs: qemu' "$f" && [ "${CTRUNIT_TESTHOST:-}" != qemu ] && continue
                grep -qE '^# needs: (apparmor|selinux)' "$f" && continue
                grep -q '^# needs: criu' "$f" && continue
                grep -q '^# needs: cni' "$f" && [ ! -x /usr/lib/cni/bridge ] && continue
                names+=("$(basename "$f" .sh)")
        done
fi

# run_file NAME: its TAP in $one, its exit code.
run_file() {
        (ulimit -f 4194304 && exec timeout --foreground "$limit" bash "$here/$1.sh") >"$one" 2>&1
        local rc=$?
        # One that breaks down in the middle has no failed test to show.
        if [ "$rc" -gt 1 ] || { [ "$rc" = 1 ] && ! grep -q '^not ok' "$one"; }; then
                echo "not ok 0 - $1: the file ended with exit code $rc" >>"$one"
        fi
        return $rc
}

again=()
for name in "${names[@]}"; do
        echo "# ---- $name"
        start=$(date +%s%3N)
        if run_file "$name"; then
                tee -a "$log" <"$one"
        else
                sed 's/^/# first run: /' "$one"
                again+=("$name")
        fi
        echo "# $name: $(($(date +%s%3N) - start)) ms"
done
for name in ${again[@]+"${again[@]}"}; do
        echo "# ---- $name, second run"
        if run_file "$name"; then
                echo "# unstable: $name"
        else
                failed_files=$((failed_files + 1))
        fi
        tee -a "$log" <"$one"
done

failed=$(grep -c '^not ok' "$log")
skipped=$(grep -c '^ok .*# SKIP' "$log")
passed=$(($(grep -c '^ok' "$log") - skipped))
echo "# $passed passed, $failed failed, $skipped skipped"
# QEMU has every controller and capability: there is nothing to skip for.
if [ "${CTRUNIT_TESTHOST:-}" = qemu ] && [ "$skipped" != 0 ]; then
        echo "# a skip in QEMU is a failure"
        exit 1
fi
[ "$failed" = 0 ] && [ "$failed_files" = 0 ] && [ "$passed" -gt 0 ]
