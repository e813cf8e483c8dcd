#!/bin/bash
# nsinit, the command line of 2014: container.json beside a root file system, the same command again joins; and convert.
. "$(dirname "$0")/lib.sh"

rootfs=$test_dir/rootfs
make_rootfs "$rootfs"
echo 'daemon:x:1:12:daemon:/:/bin/false' >>"$rootfs/etc/passwd"
mkdir -p "$test_dir/data"
# As libcontainer's sample, without a terminal.
jq 'del(.tty)' "$(dirname "$0")/../data/convert/minimal.json" >"$rootfs/container.json"
ln -sf "$(command -v ctrctl)" "$test_dir/nsinit"
in_rootfs() { (cd "$rootfs" && "$@"); }
id=nsinit-$(printf %s "$rootfs" | sha256sum | cut -c1-16)

exits "exec has the command's exit status" 5 in_rootfs ctrctl nsinit exec /bin/sh -c 'exit 5'
exits "so it has under the name nsinit" 6 in_rootfs "$test_dir/nsinit" exec /bin/sh -c 'exit 6'
exits "the directory is its root, and its user is that of the file" 0 in_rootfs ctrctl nsinit exec /bin/sh -c 'id -u; hostname; echo $HOME; ls /container.json'
is "as container.json says" "$output" "$(printf '1\nkoye\n/\n/container.json')"
ok "nothing is left: pid" test ! -e "$rootfs/pid"
ok "nothing is left: state.json" test ! -e "$rootfs/state.json"
ok "nothing is left: container" nothing_left "$id"

# The same command again joins.
(in_rootfs ctrctl nsinit exec /bin/ctr-probe sleep 1000 </dev/null >"$test_dir/init.out" 2>&1; echo $? >"$test_dir/init.rc") &
ok "the first process runs" eventually 20 test -s "$rootfs/state.json"
eventually 20 test "$(status_of "$id")" = running
pid=$(cat "$rootfs/pid")
is "pid names it" "$(jq -r .init_pid "$rootfs/state.json")" "$pid"
is "state.json says when it began" "$(jq -r .init_start_time "$rootfs/state.json")" "$(sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f20)"
exits "a second command sees the first" 0 in_rootfs ctrctl nsinit exec /bin/sh -c 'cat /proc/1/cmdline | tr "\0" " "'
like "as process 1" "$output" '^/bin/ctr-probe sleep 1000'
exits "and has its own exit status" 9 in_rootfs ctrctl nsinit exec /bin/sh -c 'exit 9'
exits "nsenter by pid" 7 ctrctl nsinit nsenter --nspid "$pid" --containerjson "$(cat "$rootfs/container.json")" -- /bin/sh -c 'exit 7'
exits "nsenter into a process that is nobody's first" 1 ctrctl nsinit nsenter --nspid 1 -- /bin/true
like "says so" "$output" '1 is not the first process of a container'
exits "nsenter with broken JSON" 1 ctrctl nsinit nsenter --nspid "$pid" --containerjson '{' -- /bin/true
exits "stats" 0 in_rootfs ctrctl nsinit stats
is "begin with their title" "$(head -1 <<<"$output")" "Stats:"
ok "and are JSON" jq -e '.network_stats.rx_bytes >= 0 and .cgroup_stats.cpu_stats.cpu_usage.total_usage > 0' <(tail -n +2 <<<"$output")
(in_rootfs ctrctl nsinit exec /bin/ctr-probe sleep 1000 </dev/null >/dev/null 2>&1; echo $? >"$test_dir/second.rc") &
ok "another shell" eventually 20 eval '[ "$(ctrctl ps -f json '"$id"' | jq length)" = 2 ]'
kill -KILL "$pid"
ok "killing init ends the first" eventually 20 test -s "$test_dir/init.rc"
ok "and those that joined" eventually 20 test -s "$test_dir/second.rc"
is "with their statuses" "$(cat "$test_dir/init.rc" "$test_dir/second.rc")" "$(printf '137\n137')"
ok "pid is gone" test ! -e "$rootfs/pid" -a ! -e "$rootfs/state.json"
ok "the container too" nothing_left "$id"

# Elsewhere.
cp "$rootfs/container.json" "$test_dir/data/"
exits "files in data_path" 0 in_rootfs env "data_path=$test_dir/data" ctrctl nsinit exec /bin/sh -c 'exit 0'
exits "spec" 0 in_rootfs ctrctl nsinit spec
is "prints what it was given" "$(head -1 <<<"$output"; tail -n +2 <<<"$output" | jq -Sc .)" "$(echo Spec:; jq -Sc . "$rootfs/container.json")"
exits "init is ctr-exec" 78 ctrctl nsinit init
like "with its own words" "$output" 'usage: ctr-exec'
exits "no container.json" 1 ctrctl nsinit exec /bin/true
like "is an error that names it" "$output" 'container.json'
exits "an unknown command" 1 ctrctl nsinit bogus
exits "an error goes to the file that log names" 127 in_rootfs env "log=$test_dir/log" ctrctl nsinit exec /nope
like "in words" "$(cat "$test_dir/log")" '/nope'
ok "and leaves nothing" nothing_left "$id"

# convert: what it makes is accepted, strictly, and runs.
mkdir -p "$test_dir/converted"
ok "container.json becomes config.json" in_rootfs eval "ctrctl convert --rootfs '$rootfs' >'$test_dir/converted/config.json'"
ok "that check accepts" ctrctl check "$test_dir/converted"
jq '.process.args=["/bin/sh","-c","id -u; exit 3"]' "$test_dir/converted/config.json" >"$test_dir/c" && mv "$test_dir/c" "$test_dir/converted/config.json"
exits "and run runs" 3 ctrctl run -b "$test_dir/converted" nsinit-converted
is "as its user" "$output" 1
exits "what is not known is refused" 1 ctrctl convert - <<<'{"rootfs":"/","restrict_sis":true}'
like "by name" "$output" 'restrict_sis: is not known'
done_testing
