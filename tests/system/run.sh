#!/bin/bash
# Runs system tests inside a booted host and prints their TAP one after the other.
#
#   run.sh FILE...        names without .sh, or "all" for those that need nothing but this host
#
# Exit code 1 when one fails. The last line counts: "# N passed, N failed, N skipped".
set -u

here=$(cd "$(dirname "$0")" && pwd)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed_files=0
# Long runs are a hundred times as long.
limit=600
[ -z "${CTRUNIT_LONG:-}" ] || limit=14400

# Files that need controllers, modules or time which only QEMU or the long run has say so in their second line.
names=("$@")
if [ "${1:-all}" = all ]; then
        names=()
        for f in "$here"/*.sh; do
                case $(basename "$f") in lib.sh | run.sh) continue ;; esac
                grep -q '^# needs: qemu' "$f" && [ "${CTRUNIT_TESTHOST:-}" != qemu ] && continue
                names+=("$(basename "$f" .sh)")
        done
fi

for name in "${names[@]}"; do
        echo "# ---- $name"
        start=$(date +%s%3N)
        (ulimit -f 4194304 && exec timeout --foreground "$limit" bash "$here/$name.sh") | tee -a "$log"
        rc=${PIPESTATUS[0]}
        if [ "$rc" -gt 1 ]; then
                echo "not ok 0 - $name: the file ended with exit code $rc" | tee -a "$log"
        fi
        [ "$rc" = 0 ] || failed_files=$((failed_files + 1))
        echo "# $name: $(($(date +%s%3N) - start)) ms"
done

failed=$(grep -c '^not ok' "$log")
skipped=$(grep -c '^ok .*# SKIP' "$log")
passed=$(($(grep -c '^ok' "$log") - skipped))
echo "# $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$failed_files" = 0 ] && [ "$passed" -gt 0 ]
