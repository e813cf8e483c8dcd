#!/bin/bash
# Sessions in a container: ctrctl attach at a terminal and without one.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
session() { timeout 60 python3 -P "$here/session.py" "$@"; }

ok "a container" ctrctl run -d -b "$(bundle seat)" seat
is "without a terminal: a shell that reads standard input" "$(echo 'echo $((6*7)); exit 9' | ctrctl attach seat; echo "rc=$?")" $'42\nrc=9'
is "without a terminal: there is none" "$(ctrctl attach seat /bin/sh -c 'test -t 0 || echo none' </dev/null)" none
is "a command" "$(ctrctl attach -e A=b -u 7:8 --cwd /tmp seat /bin/sh -c 'echo $A $(id -u):$(id -g) $(pwd)' </dev/null)" "b 7:8 /tmp"

out=$(TERM=vt220 session 33 99 '# ' 'stty size; tty; echo "term=$TERM"; exit 5\n' -- ctrctl attach seat); rc=$?
is "at a terminal: the exit status is the shell's" $rc 5
like "at a terminal: the size goes along" "$out" '^33 99'
like "at a terminal: it is one of the container's" "$out" '^/dev/pts/[0-9]'
like "at a terminal: TERM goes along" "$out" '^term=vt220'
interrupted='trap "echo interrupted; exit 6" INT; echo ready; while :; do sleep 0.1; done'
out=$(session 24 80 ready '\x03' -- ctrctl attach seat /bin/sh -c "$interrupted"); rc=$?
is "at a terminal: ^C is the command's" $rc 6
like "at a terminal: and it is the command that hears it" "$out" '^(\^C)?interrupted'
resized='echo ready; while [ "$(stty size)" != "50 100" ]; do sleep 0.1; done; echo "now $(stty size)"'
like "at a terminal: a new size arrives" "$(session 24 80 ready @50x100 -- ctrctl attach seat /bin/sh -c "$resized")" '^now 50 100'
ok "script(1)" sh -c 'echo "exit 3" | timeout --foreground 60 script -qec "ctrctl attach seat" /dev/null >/dev/null; [ $? = 3 ]'

# Leaving: the terminal is hung up, so the shell ends; the container goes on.
session 24 80 '# ' '\x1d\x1d\x1d' -- ctrctl attach seat >/dev/null
is "^] three times leaves" $? 0
test_gone() { [ "$(ctrctl ps -f json seat | jq length)" = 1 ]; }
ok "the session ends" eventually 20 test_gone
is "the container goes on" "$(status_of seat)" running
exits "a program that is not there" 255 ctrctl attach seat /nope
ctrctl kill seat KILL
ok "the container ends" eventually 20 test_stopped seat
exits "no session in what does not run" 255 ctrctl attach seat
like "and why" "$output" 'not running'
ctrctl delete -f seat
ok "nothing is left" nothing_left seat
done_testing
