#!/bin/bash
# The escape probe under the configuration that `ctrctl spec` writes: each line as in
# tests/attack/escape-probe.expected, and none looser than podman's default where that was measured.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

expected=$(dirname "$0")/../attack/escape-probe.expected
dir=$test_dir/escape
mkdir -p "$dir"
make_rootfs "$dir/rootfs"
cp "$test_build/tests/attack/escape-probe" "$dir/rootfs/bin/"
(cd "$dir" && ctrctl spec)
# The test host may not raise limits.
jq '.process.args=["/bin/escape-probe"]|del(.process.rlimits)' "$dir/config.json" >"$dir/c" && mv "$dir/c" "$dir/config.json"
ctrctl run --bundle "$dir" escape >"$test_dir/got.txt" 2>"$test_dir/err.txt" </dev/null
is "the probe ran" "$?" 0

# result_is NAME EXPRESSION: the line's result is one of those.
result_is() {
        local got
        got=$(sed -n "s/^$1 //p" "$test_dir/got.txt")
        [[ "|$2|" == *"|$got|"* ]] || { echo "got \"$got\", expected $2"; return 1; }
}
# Nothing that was refused there may be allowed here.
not_looser() { # NAME OURS PODMAN
        case $1 in
        Cap*) [ $((0x$2 & ~0x$3)) = 0 ] || { echo "more capabilities: $2, podman $3"; return 1; } ;;
        NoNewPrivs | Seccomp) [ "$2" -ge "$3" ] || { echo "$2, podman $3"; return 1; } ;;
        *) [ "$2" != ALLOWED ] || [ "$3" = ALLOWED ] || { echo "allowed, podman $3"; return 1; } ;;
        esac
}

while IFS=$'\t' read -r name results podman; do
        case $name in '#'* | '') continue ;; esac
        ok "$name: $results" result_is "$name" "$results"
        [ "$podman" = - ] || ok "$name: not looser than podman ($podman)" not_looser "$name" \
                "$(sed -n "s/^$name //p" "$test_dir/got.txt")" "$podman"
done <"$expected"
is "no line but those" "$(cut -d' ' -f1 "$test_dir/got.txt" | sort)" \
        "$(grep -v '^#' "$expected" | cut -f1 | sort)"

# The profile also holds for what enters later.
sed -i 's|"/bin/escape-probe"|"/bin/ctr-probe", "sleep", "100"|' "$dir/config.json"
ok "a container that stays" ctrctl run -d --bundle "$dir" escape
ctrctl exec escape /bin/escape-probe >"$test_dir/exec.txt" 2>>"$test_dir/err.txt" </dev/null
ok "exec: every line as for init" diff "$test_dir/got.txt" "$test_dir/exec.txt"
ok "delete" ctrctl delete -f escape
ok "nothing is left" nothing_left escape
done_testing
