#!/bin/bash
# Wait of org.ctrunit1 for a container that is just ending: its process is gone, and its unit has not said how yet.
. "$(dirname "$0")/lib.sh"

call() { busctl --timeout=200 call org.ctrunit1 /org/ctrunit1/container/ends org.ctrunit1.Container "$1"; }
test_gone() { ! kill -0 "$1" 2>/dev/null; }
unit=/run/systemd/system/ctr@ends.service.d
mkdir -p $unit
# The record of the end is made when the test says so.
cat >"$test_dir/late" <<E
#!/bin/sh
touch $test_dir/ending
while [ ! -e $test_dir/go ]; do sleep 0.02; done
E
chmod +x "$test_dir/late"
for late in first second; do
        rm -rf "$unit" "$test_dir/go" "$test_dir/ending"
        ctrctl run -d --bundle "$(bundle ends '.process.args=["/bin/ctr-probe","sleep","1000"]')" ends
        record=$(systemctl show -P ExecStopPost ctr@ends | sed 's/.*argv\[\]=\([^;]*\) ;.*/\1/')
        mkdir -p $unit
        printf '[Service]\nExecStopPost=\nExecStopPost=%s\nExecStopPost=%s\n' "$test_dir/late" "$record" >$unit/late.conf
        systemctl daemon-reload
        like "$late: the unit has a last command" "$record" 'ctr-exec .*ends'
        systemctl stop ctr-managerd
        if [ $late = second ]; then # somebody waits for it already
                call Wait >"$test_dir/first" &
                first=$!
                ok "$late: the service waits" eventually 20 systemctl is-active -q ctr-managerd
        fi
        kill -KILL "$(property ends MainPID)"
        ok "$late: it is ending" eventually 20 test -e "$test_dir/ending"
        call Wait >"$test_dir/answer" 2>&1 &
        waiter=$!
        # The service answers one after the other: after this it has heard of the first.
        like "$late: the service knows it" "$(busctl --timeout=200 get-property org.ctrunit1 /org/ctrunit1/container/ends org.ctrunit1.Container State)" stopped
        sleep 0.2
        touch "$test_dir/go"
        ok "$late: Wait returns" eventually 20 test_gone $waiter
        is "$late: how it ended" "$(cat "$test_dir/answer")" 'ssi "signal" "killed" 9'
        [ $late = first ] || { wait $first; is "$late: who waited before is told the same" "$(cat "$test_dir/first")" 'ssi "signal" "killed" 9'; }
        ctrctl delete -f ends
        rm -rf $unit
        systemctl daemon-reload
done
ok "nothing is left" nothing_left ends
done_testing
