#!/bin/bash
# A payload that may look into any process (CAP_SYS_PTRACE), without a user namespace that would keep it from that: what
# enters its container is born with nothing more than it has (CVE-2016-9962).
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

ulimit -f 65536
make_rootfs "$test_dir/rootfs"
cp "$test_build/tests/attack/ptrace-watch" "$test_dir/rootfs/bin/"
chmod 755 "$test_dir"
caps_of() { printf '.process.capabilities={"bounding":[%s],"effective":[%s],"permitted":[%s]}' "$1" "$1" "$1"; }
no_line() { # TEXT PATTERN
        ! printf '%s\n' "$1" | grep -E -- "$2"
}
test_running() { [ "$(status_of "$1")" = running ]; }

for filter in none late early; do
        edit="$(caps_of '"CAP_SYS_PTRACE","CAP_KILL"')|.process.noNewPrivileges=$([ $filter = late ] && echo true || echo false)"
        [ $filter = none ] || edit+="|.linux.seccomp={defaultAction:\"SCMP_ACT_ALLOW\",syscalls:[
                {names:[\"clone3\"],action:\"SCMP_ACT_ERRNO\",errnoRet:38},{names:[\"mkdir\"],action:\"SCMP_ACT_ERRNO\"}]}"
        dir=$(bundle "trace-$filter" "$edit|.process.args=[\"/bin/ptrace-watch\",\"/enough\"]")
        rm -f "$test_dir/rootfs/enough"
        ctrctl run --bundle "$dir" sec-trace >"$test_dir/watch" 2>&1 </dev/null &
        runner=$!
        ok "filter $filter: a tracing init" eventually 5 test_running sec-trace
        failed=0
        for i in $(seq 600); do
                [ $((i % 10)) != 0 ] || [ "$(grep -c '^CAUGHT' "$test_dir/watch")" -lt 12 ] || break
                options=()
                # With an option the whole program compiles it; without, it is made of the container's own.
                [ $((i % 3)) != 0 ] || options=(--env "A=1")
                [ "$(ctrctl exec "${options[@]}" sec-trace /bin/ctr-probe exit 7 </dev/null 2>&1; echo $?)" = 7 ] || failed=$((failed + 1))
        done
        is "filter $filter: each exec did its work" "$failed" 0
        # The process in between is nobody's for long.
        ctrctl exec sec-trace /bin/ctr-probe sleep 100000 </dev/null >/dev/null 2>&1 &
        execed=$!
        one_child() { [ "$(ps -o stat= --ppid $execed | tr -d ' \n')" = Ss ]; }
        ok "filter $filter: a caller has one child, the process" eventually 5 one_child
        pkill -P $execed
        wait $execed
        is "filter $filter: how it ends" $? 143
        touch "$test_dir/rootfs/enough"
        wait $runner
        ok "filter $filter: some were caught before their program ran" grep -q '^CAUGHT' "$test_dir/watch"
        ok "filter $filter: none had more than init" no_line "$(cat "$test_dir/watch")" '^MORE'
        ok "filter $filter: nor a way out" no_line "$(cat "$test_dir/watch")" '^HOST-FD'
        echo "# filter $filter: $(grep -c '^CAUGHT' "$test_dir/watch") caught of $i"
        ctrctl delete -f sec-trace 2>/dev/null
done
# Its session, terminal and descriptors are its own all the same.
dir=$(bundle born "$(caps_of '"CAP_SYS_PTRACE"')|.process.args=[\"/bin/ctr-probe\",\"sleep\",\"100000\"]")
ok "one that may trace" ctrctl run -d --bundle "$dir" sec-born
out=$(printf 'hello\n' | timeout 20 python3 "$(dirname "$0")/pty.py" run 26 91 ctrctl exec -t sec-born /bin/sh -c \
        'tty; stty size; [ -w /dev/tty ] && : </dev/tty && echo controlling; echo ready; read line; echo "read:$line"; exit 8')
is "exec -t: exit status" $? 8
like "exec -t: a terminal of the container" "$out" '^/dev/pts/[0-9]'
like "exec -t: size" "$out" '^26 91'
like "exec -t: it is the controlling one" "$out" '^controlling'
like "exec -t: what is typed arrives" "$out" '^read:hello'
is "exec --preserve-fds: a descriptor of the caller" "$(ctrctl exec --preserve-fds 1 sec-born /bin/sh -c 'cat <&3' 3<<<kept)" kept
exits "exec: a program that is not there" 255 ctrctl exec sec-born /nonexistent
ok "delete" ctrctl delete -f sec-born
ok "nothing is left" nothing_left sec-born
done_testing
