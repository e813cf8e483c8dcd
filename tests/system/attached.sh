#!/bin/bash
# run: standard streams, signals, exit codes of an attached container; the detached one; what stays with --keep.
. "$(dirname "$0")/lib.sh"

sh_bundle() { # NAME SCRIPT
        bundle "$1" "$(jq -n --arg s "$2" '$s' | sed 's/.*/.process.args=["\/bin\/sh","-c",&]/')"
}

# ---- streams ----

dir=$(sh_bundle io 'cat; echo to stderr >&2; exit 3')
echo hello | ctrctl run --bundle "$dir" io >"$test_dir/out" 2>"$test_dir/err"
is "exit code" "${PIPESTATUS[1]}" 3
is "standard input and output" "$(cat "$test_dir/out")" hello
is "standard error" "$(cat "$test_dir/err")" "to stderr"
ok "nothing is left" nothing_left io
head -c 5000000 /dev/urandom >"$test_dir/data"
is "five megabytes both ways" "$(ctrctl run --bundle "$(sh_bundle cat cat)" cat <"$test_dir/data" | md5sum)" "$(md5sum <"$test_dir/data")"
mkfifo "$test_dir/fifo"
ctrctl run --bundle "$(sh_bundle closes 'exec >&-; exec sleep 1000')" closes </dev/null >"$test_dir/fifo" &
ok "a reader sees the end when the payload closes its output" timeout 120 cat "$test_dir/fifo"
is "and the payload goes on" "$(status_of closes)" running
ctrctl delete -f closes
wait $!
dir=$(sh_bundle ttyless 'test -t 0 && echo tty; ls /proc/self/fd | wc -l')
is "no descriptor but 0, 1, 2 (and that of ls)" "$(ctrctl run --bundle "$dir" ttyless 7</etc/passwd 8<"$test_dir/data" </dev/null)" 4

echo preserved >"$test_dir/fd"
# shellcheck disable=SC2016
script='cat <&3; ls /proc/self/fd | wc -l'
is "--preserve-fds: run" "$(ctrctl run --preserve-fds 1 --bundle "$(sh_bundle keeps "$script")" keeps 3<"$test_dir/fd" 5</etc/passwd | paste -sd' ')" "preserved 5"
ctrctl create --preserve-fds 2 --bundle "$(sh_bundle keeps 'cat <&3; cat <&4; sleep 1000')" keeps 3<"$test_dir/fd" 4<"$test_dir/fd"
ctrctl start keeps
test_logged() { journalctl --sync; [ "$(ctrctl logs -o cat keeps | grep -c preserved)" = 2 ]; }
ok "--preserve-fds: create" eventually 5 test_logged
is "--preserve-fds: exec" "$(ctrctl exec --preserve-fds 1 keeps sh -c "$script" 3<"$test_dir/fd" 5</etc/passwd | paste -sd' ')" "preserved 5"
exits "--preserve-fds of one that is not open" 255 ctrctl exec --preserve-fds 9 keeps true
ctrctl delete -f keeps
exits "--preserve-fds of one that is not open, run" 1 ctrctl run --preserve-fds 9 --bundle "$(bundle keeps)" keeps

# ---- the end ----

for code in 0 1 77 126 255; do
        exits "exit $code" "$code" ctrctl run --bundle "$(bundle e ".process.args=[\"/bin/ctr-probe\",\"exit\",\"$code\"]")" e
done
dir=$(bundle k '.process.args=["/bin/sleep","1000"]')
ctrctl run --bundle "$dir" k </dev/null &
pid=$!
test_running() { [ "$(status_of "$1")" = running ]; }
eventually 5 test_running k
ctrctl kill k KILL
wait $pid
is "killed by SIGKILL: 128 + 9" "$?" 137
ok "nothing is left" nothing_left k
exits "a missing program" 127 ctrctl run --bundle "$(bundle m '.process.args=["/nope"]')" m
ok "nothing is left of it" nothing_left m
exits "a missing program, searched for" 127 ctrctl run --bundle "$(bundle m '.process.args=["nope"]')" m
exits "a file that is no program" 126 ctrctl run --bundle "$(bundle m '.process.args=["/etc/passwd"]')" m
exits "a missing bundle" 1 ctrctl run --bundle /nonexistent m
exits "a working directory that is a file" 1 ctrctl run --bundle "$(bundle m '.process.cwd="/etc/passwd"')" m
ok "nothing is left of these" nothing_left m

# ---- right every time ----

dir=$(bundle fast '.process.args=["/bin/ctr-probe","exit","7"]')
test_many() { # N
        local i wrong=0
        for ((i = 0; i < $1; i++)); do
                ctrctl run --bundle "$dir" fast </dev/null
                [ $? = 7 ] || wrong=$((wrong + 1))
        done
        echo "$wrong of $1 wrong"
        [ $wrong = 0 ]
}
ok "500 payloads that end at once: the right status each time" test_many 500
ok "nothing is left" nothing_left fast
(while :; do :; done) & busy1=$!
(while :; do :; done) & busy2=$!
(while :; do :; done) & busy3=$!
ok "the same on a busy machine" test_many 60
kill $busy1 $busy2 $busy3
journalctl --sync
is "PID 1 never called it a protocol failure" "$(journalctl -q -o cat -u ctr@fast | grep -c protocol)" 0
is "nor missed a main process" "$(journalctl -q -o cat -u ctr@fast | grep -c 'New main PID.*does not exist')" 0

# ---- signals ----

dir=$(sh_bundle sig 'for s in HUP INT QUIT USR1 USR2 TERM WINCH; do trap "echo $s; exit 9" $s; done; echo ready; while :; do sleep 0.02; done')
for signal in HUP INT QUIT USR1 USR2 TERM WINCH; do
        rm -f "$test_dir/sig.out"
        # A job of an interactive shell's kind: others start with SIGINT and SIGQUIT ignored.
        python3 -c 'import os, signal, sys
for s in ("SIGINT", "SIGQUIT"): signal.signal(getattr(signal, s), signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' ctrctl run --bundle "$dir" sig </dev/null >"$test_dir/sig.out" &
        pid=$!
        eventually 20 grep -qs ready "$test_dir/sig.out"
        kill -"$signal" $pid
        (sleep 120 && kill -KILL $pid) & # a lost signal fails, it does not hang
        watchdog=$!
        wait $pid
        rc=$?
        kill $watchdog 2>/dev/null
        is "SIG$signal reaches the payload" "$rc $(tail -1 "$test_dir/sig.out")" "9 $signal"
done

# ---- detached, kept ----

ok "run -d" ctrctl run -d --pid-file "$test_dir/pid" --bundle "$(bundle d)" d
is "runs" "$(status_of d)" running
is "pid file" "$(cat "$test_dir/pid")" "$(property d MainPID)"
ok "kill" ctrctl kill d KILL
ok "ends" eventually 5 test_stopped d
ok "delete" ctrctl delete d
exits "--keep" 5 ctrctl run --keep --bundle "$(bundle kept '.process.args=["/bin/ctr-probe","exit","5"]')" kept
is "stopped" "$(status_of kept)" stopped
ok "with its record" eventually 5 grep -q '^exit-code exited 5 ' "$state_root/kept/exit"
ok "delete" ctrctl delete kept
ok "nothing is left" nothing_left kept

# ---- the caller goes, the container stays ----

ctrctl run --bundle "$(bundle stays)" stays </dev/null &
pid=$!
eventually 5 test_running stays
kill -KILL $pid
wait $pid 2>/dev/null
is "SIGKILL for ctrctl is none for the container" "$(status_of stays)" running
ok "delete -f" ctrctl delete -f stays
ok "nothing is left" nothing_left stays

# ---- hooks at the end ----

cat >"$test_dir/hook" <<'HOOK'
#!/bin/sh
echo "$(/usr/bin/jq -r .status)" >>"$1"
HOOK
chmod +x "$test_dir/hook"
hooks=".hooks={\"poststop\":[{\"path\":\"$test_dir/hook\",\"args\":[\"hook\",\"$test_dir/poststop\"]}]}"
exits "run with a poststop hook" 4 ctrctl run --bundle "$(bundle h "$hooks|.process.args=[\"/bin/ctr-probe\",\"exit\",\"4\"]")" h
is "ran once" "$(cat "$test_dir/poststop")" stopped
rm "$test_dir/poststop"
ctrctl create --bundle "$(bundle h "$hooks")" h && ctrctl start h && ctrctl kill h KILL && eventually 5 test_stopped h
ok "create and start: not before delete" test ! -e "$test_dir/poststop"
ok "delete" ctrctl delete h
is "ran once at delete" "$(cat "$test_dir/poststop")" stopped
done_testing
