#!/bin/bash
# Who called is gone, or was never there: standard descriptors that are closed, readers that have ended, a runtime that is
# killed while ctr-exec waits for it. One line where somebody can read it, none where nobody should, and nothing is left.
. "$(dirname "$0")/lib.sh"
root=$test_dir/root

lines_of() { wc -l <"$1"; }
mkfifo "$test_dir/gone-reader"
test_unit_unknown() { [ "$(systemctl show -P ActiveState "$1")" = inactive ]; }

# ---- closed standard descriptors ----

facts='.process.args=["/bin/sh","-c","for i in 0 1 2 3; do readlink /proc/self/fd/$i >>/fds; done; exec sleep 1000"]'
for command in ctrctl "ctr-runtime --root $root --systemd-cgroup"; do
        read -ra program <<<"$command"
        name=${program[0]}
        rm -f "$test_dir/rootfs/fds"
        b=$(bundle gone "$facts")
        for verb in "create --bundle $b --pid-file $test_dir/pid" start "exec --detach"; do
                case $verb in exec*) words=(sleep 500) ;; *) words=() ;; esac
                # shellcheck disable=SC2086
                ok "$name $verb without standard descriptors" sh -c 'exec "$@" <&- >&- 2>&-' sh "${program[@]}" $verb gone "${words[@]}"
        done
        is "$name: it runs" "$("${program[@]}" state gone | jq -r '.status,.pid' | xargs)" "running $(cat "$test_dir/pid")"
        ok "$name: its first descriptors are seen" eventually 10 sh -c "[ \"\$(wc -l <'$test_dir/rootfs/fds')\" -ge 3 ]"
        is "$name: no file of the state is among them" "$(grep -cE "$root|/run/ctrunit|$test_dir" "$test_dir/rootfs/fds")" 0
        for verb in "state gone" list "list -f json" "list -q" "ps gone" "ps -f json gone" "events --stats gone" features --version --help; do
                # shellcheck disable=SC2086
                "${program[@]}" $verb >&- 2>"$test_dir/stderr"
                is "$name $verb to a closed standard output: exit code, lines" "$? $(lines_of "$test_dir/stderr")" "1 1"
                # shellcheck disable=SC2086
                "${program[@]}" $verb >/dev/full 2>"$test_dir/stderr"
                is "$name $verb to a full disk: exit code, lines" "$? $(lines_of "$test_dir/stderr")" "1 1"
                like "$name $verb to a full disk: says so" "$(cat "$test_dir/stderr")" 'cannot write the output.*No space left'
        done
        # A reader that has ended: silence, as of any program that SIGPIPE ends; one line where that is ignored.
        for verb in "state gone" "list -f json" features; do
                for signal in default ignore; do
                        # shellcheck disable=SC2086
                        (exec 3>&1 && cat <"$test_dir/gone-reader" >/dev/null; exec env --$signal-signal=PIPE "${program[@]}" $verb >&3 3>&-) 2>"$test_dir/stderr" |
                                (exec <&-; echo >"$test_dir/gone-reader")
                        is "$name $verb to a reader that has ended, SIGPIPE as by $signal: lines" "$(lines_of "$test_dir/stderr")" "$([ $signal = ignore ] && echo 1 || echo 0)"
                done
        done
        ok "$name delete --force without standard descriptors" sh -c 'exec "$@" <&- >&- 2>&-' sh "${program[@]}" delete --force gone
        exits "$name: it is gone" 1 "${program[@]}" state gone
done

# ---- a runtime that fails while ctr-exec waits for it: one line, the runtime's ----

program=(ctr-runtime --root "$root" --systemd-cgroup)
systemd-run -q --scope --unit=caller-foreign.scope sleep 1000 &
foreign=$!
ok "a scope of somebody else" eventually 10 systemctl -q is-active caller-foreign.scope
"${program[@]}" create --bundle "$(bundle foreign '.linux.cgroupsPath="system.slice:caller:foreign"')" foreign </dev/null >"$test_dir/stdout" 2>"$test_dir/stderr"
is "create in it: exit code" $? 1
is "create in it: what the runtime says is all" "$(grep -c '^ctr-runtime: ' "$test_dir/stderr") $(lines_of "$test_dir/stderr")" "1 1"
is "create in it: nothing on standard output" "$(lines_of "$test_dir/stdout")" 0
ok "create in it: ctr-exec has ended" none_runs "ctr-exec .*run $root/containers/foreign"
kill $foreign

# ---- a runtime that is killed while PID 1 has not yet made its scope: nobody speaks for it ----

# The slice of the scope waits for a service, which waits for a line.
mkfifo "$test_dir/fifo"
mkdir -p /run/systemd/system
cat >/run/systemd/system/caller-slow.service <<UNIT
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'read -r line <$test_dir/fifo'
UNIT
cat >/run/systemd/system/callerslow.slice <<UNIT
[Unit]
Requires=caller-slow.service
After=caller-slow.service
UNIT
systemctl daemon-reload
b=$(bundle slow '.linux.cgroupsPath="callerslow.slice:caller:slow"')
"${program[@]}" create --bundle "$b" slow </dev/null >"$test_dir/stdout" 2>"$test_dir/stderr" &
runtime=$!
is_queued() { systemctl list-jobs --no-legend | grep -q caller-slow.scope; }
ok "its scope waits" eventually 20 is_queued
ok "ctr-exec waits for the runtime" pgrep -f "ctr-exec .*run $root/containers/slow"
kill -KILL $runtime
wait $runtime 2>/dev/null
ok "ctr-exec ends with the runtime" none_runs "ctr-exec .*run $root/containers/slow"
is "and says nothing" "$(cat "$test_dir/stdout" "$test_dir/stderr")" ""
ok "the service gets its line" timeout 60 sh -c "echo go >'$test_dir/fifo'"
ok "delete --force" "${program[@]}" delete --force slow
ok "no scope is left" eventually 10 test_unit_unknown caller-slow.scope
ok "nor state" test ! -e "$root/containers/slow"
systemctl stop callerslow.slice caller-slow.service
rm -f /run/systemd/system/caller-slow.service /run/systemd/system/callerslow.slice
systemctl daemon-reload
done_testing
