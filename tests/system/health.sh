#!/bin/bash
# Health checks of .container files: the timer, the count, what happens then, and when the unit has started.
. "$(dirname "$0")/lib.sh"

etc=/etc/ctrunit/containers
root=$test_dir/rootfs
mkdir -p $etc
make_rootfs "$root"
mkdir -p "$test_dir/flags"
container() { # NAME TEXT: a program that stays; the check is whether a file is there
        printf '[Container]\nRootfs=%s\nVolume=%s:/flags\nExec=/bin/ctr-probe sleep 1000\n%s\n' "$root" "$test_dir/flags" "$2" >"$etc/$1.container"
}
flag() { touch "$test_dir/flags/$1"; }
unflag() { rm -f "$test_dir/flags/$1"; }
health() { ctrctl state "$1" | jq -r .health; }
test_health() { [ "$(health "$1")" = "$2" ]; }
timer() { systemctl show -P ActiveState "ctr-health@$1.timer"; }
failures() { cut -d ' ' -f 2 "$state_root/$1/health"; }
test_failures() { [ "$(failures "$1")" -ge "$2" ]; }
forget() { systemctl stop "ctr@$1" 2>/dev/null; }

test_alone() { ! pgrep -f "[c]trctl health|[c]tr-exec" >/dev/null; }

# All of them at once: each daemon-reload takes its time.
container pulse $'HealthCmd=test -e /flags/well || { echo not well; exit 3; }\nHealthInterval=300ms\nHealthRetries=2'
container again $'HealthCmd=["CMD","/bin/test","-e","/flags/again"]\nHealthInterval=200ms\nHealthRetries=2\nHealthOnFailure=restart'
container down $'HealthCmd=test -e /flags/down\nHealthInterval=200ms\nHealthRetries=1\nHealthOnFailure=stop'
container dead $'HealthCmd=test -e /flags/dead\nHealthInterval=200ms\nHealthRetries=1\nHealthOnFailure=kill\n[Service]\nRestart=on-failure\nRestartSec=50ms\n[Unit]\nStartLimitIntervalSec=0'
container slow $'HealthCmd=["/bin/sh","-c","sleep 777 & wait"]\nHealthInterval=100ms\nHealthTimeout=300ms\nHealthRetries=2'
container young $'HealthCmd=test -e /flags/young\nHealthInterval=100ms\nHealthRetries=1\nHealthStartPeriod=1h\nHealthOnFailure=kill'
container idle $'HealthCmd=test -e /flags/idle\nHealthInterval=disable'
container ready $'HealthCmd=test -e /flags/ready\nHealthInterval=200ms\nHealthRetries=1000\nNotify=healthy'
container early $'HealthCmd=test -e /flags/early\nHealthInterval=1h\nHealthRetries=1\nHealthOnFailure=kill\nHealthStartupCmd=test -e /flags/begun\nHealthStartupInterval=100ms\nHealthStartupSuccess=2'
container late $'HealthCmd=true\nHealthStartupCmd=echo not yet; exit 4\nHealthStartupInterval=50ms\nHealthStartupRetries=3'
container blocked $'HealthCmd=true\nHealthStartupCmd=["/bin/sh","-c","sleep 778 & wait"]\nHealthStartupTimeout=300ms\nHealthStartupInterval=100ms\nNotify=healthy'
container greedy $'HealthCmd=echo begun; truncate -s 300000000 /proc/self/fd/1; exit 5\nHealthInterval=disable'
systemctl daemon-reload

# ---- healthy, unhealthy, healthy ----

flag well
ok "systemctl start" systemctl start ctr@pulse
is "a timer, with the container" "$(timer pulse)" active
ok "healthy" eventually 20 test_health pulse healthy
is "inspect says it too" "$(ctrctl inspect pulse | jq -r .state.health)" healthy
is "list too" "$(ctrctl list -f json | jq -r '.[] | select(.id=="pulse").health')" healthy
unflag well
ok "unhealthy after so many failures" eventually 20 test_health pulse unhealthy
ok "counted on" eventually 20 test_failures pulse 3
is "HealthOnFailure=none: it goes on" "$(property pulse ActiveState) $(property pulse NRestarts)" "active 0"
test_said() { journalctl -q --no-pager -o cat -u ctr-health@pulse.service | grep -qE "$1"; }
ok "the check's words are in the journal" eventually 20 test_said '^not well$'
ok "and what came of it" eventually 20 test_said '^unhealthy, [0-9]+ failures: the check exited with 3$'
flag well
ok "healthy again" eventually 20 test_health pulse healthy
is "by hand" "$(ctrctl health pulse)" healthy
unflag well
exits "by hand, not well" 1 ctrctl health pulse
like "and says why" "$output" 'failures: the check exited with 3$'
flag well
ok "paused: nothing is counted" ctrctl pause pulse
exits "paused: by hand it is an error" 1 ctrctl health pulse
ok "resumed" ctrctl resume pulse
ok "nothing of ours runs between the checks" eventually 20 test_alone
man=$(command -v man >/dev/null && echo yes || echo no)
output=$(systemd-analyze verify --man="$man" /run/systemd/generator/ctr-health@pulse.* 2>&1)
is "systemd-analyze verify" "$?/$(grep -i 'ctr' <<<"$output")" "0/"
ok "stop" systemctl stop ctr@pulse
timer_ended() { [ "$(timer pulse)" = inactive ]; }
ok "the timer ends with it" eventually 10 timer_ended
exits "no check of what does not run" 1 ctrctl health pulse
forget pulse
ok "nothing is left" nothing_left pulse

# What a check writes is as large as the container likes, and costs it nothing.
ok "a check that writes without end" systemctl start ctr@greedy
timeout 240 ctrctl health greedy >"$test_dir/greedy"
is "its end is seen" $? 1
like "what came of it" "$(tail -1 "$test_dir/greedy")" 'failures: the check exited with 5$'
like "how much it was" "$(tail -2 "$test_dir/greedy" | head -1)" 'has written 300000000 bytes'
is "the beginning is shown" "$(head -1 "$test_dir/greedy")" begun
ok "and no more ($(stat -c %s "$test_dir/greedy") bytes)" test "$(stat -c %s "$test_dir/greedy")" -lt 70000
forget greedy

# ---- what happens then ----

flag again
systemctl start ctr@again
ok "restart: healthy" eventually 20 test_health again healthy
first=$(property again InvocationID)
unflag again
test_new_run() { local id; id=$(property again InvocationID); [ -n "$id" ] && [ "$id" != "$first" ]; }
ok "restart: another run" eventually 20 test_new_run
flag again
ok "restart: which is healthy" eventually 20 test_health again healthy
is "restart: the timer is still there" "$(timer again)" active
forget again

systemctl start ctr@down 2>/dev/null # the stop may come before it is done
ok "stop: stopped" eventually 20 test_inactive down
is "stop: as it should" "$(property down Result)" success
forget down

systemctl start --no-block ctr@dead
test_restarts() { [ "$(property dead NRestarts)" -ge 2 ]; }
ok "kill: Restart= decides" eventually 20 test_restarts
flag dead
ok "kill: and it gets well" eventually 20 test_health dead healthy
is "kill: the timer is still there" "$(timer dead)" active
forget dead

# ---- time ----

systemctl start ctr@slow
ok "HealthTimeout: too long is a failure" eventually 20 test_health slow unhealthy
test_no_sleep() { ! pgrep -fx 'sleep 777' || return 1; }
systemctl stop ctr-health@slow.timer
ok "HealthTimeout: nothing of the check is left in the container" eventually 20 test_no_sleep
forget slow

systemctl start ctr@young
checks() { systemctl show -P InvocationID ctr-health@young.service; journalctl -q --no-pager -o cat -u ctr-health@young.service | grep -c '^starting, 0 failures'; }
test_checked() { journalctl --sync; [ "$(checks | tail -1)" -ge 3 ]; }
ok "HealthStartPeriod: failures are not counted" eventually 20 test_checked
is "HealthStartPeriod: it is starting" "$(health young) $(property young ActiveState)" "starting active"
flag young
ok "HealthStartPeriod: the first success ends it" eventually 20 test_health young healthy
unflag young
ok "HealthStartPeriod: then they count" eventually 20 sh -c '[ "$(systemctl show -P ActiveState ctr@young)" = failed ]'
forget young

systemctl start ctr@idle
is "HealthInterval=disable: no timer" "$(systemctl show -P LoadState ctr-health@idle.timer)" not-found
flag idle
is "HealthInterval=disable: by hand" "$(health idle) $(ctrctl health idle)" "starting healthy"
forget idle

# ---- Notify=healthy ----

systemctl start --no-block ctr@ready
test_checking() { [ "$(property ready ActiveState)" = activating ] && [ "$(failures ready 2>/dev/null || echo 0)" -ge 1 ]; }
ok "Notify=healthy: it is starting while the check fails" eventually 20 test_checking
flag ready
test_active() { [ "$(property ready ActiveState)" = active ]; }
ok "Notify=healthy: started by the first success" eventually 20 test_active
is "Notify=healthy: the payload has no part in it" "$(ctrctl exec ready /bin/ctr-probe facts | grep -c NOTIFY)" 0
forget ready

# ---- until the program is up ----

startup() { cut -d ' ' -f 5,6 "$state_root/$1/health"; } # NAME: is it up, successes in a row
flag early
systemctl start ctr@early
ok "HealthStartupCmd: fails, and nothing else is checked" eventually 20 test_failures early 3
is "HealthStartupCmd: starting, whatever HealthCmd= would say" "$(health early) $(startup early)" "starting 0 0"
is "HealthStartupCmd: no job waits for it" "$(systemctl list-jobs --no-legend 'ctr@*')" ""
ok "HealthStartupCmd: paused" ctrctl pause early
before=$(failures early)
ok "HealthStartupCmd: paused: resumed" ctrctl resume early
ok "HealthStartupCmd: paused: goes on" eventually 20 test_failures early $((before + 1))
flag begun
ok "HealthStartupCmd: up, and the other check says how it is" eventually 20 test_health early healthy
is "HealthStartupSuccess: so many in a row" "$(startup early)" "1 2"
ok "HealthStartupCmd: then nothing of ours runs" eventually 20 test_alone
unflag early
exits "HealthStartupCmd: by hand: the other check" 1 ctrctl health early
ok "HealthStartupCmd: and what it leads to" eventually 20 sh -c '[ "$(systemctl show -P ActiveState ctr@early)" = failed ]'
unflag begun
systemctl start ctr@early
ok "HealthStartupCmd: each run begins anew" eventually 20 test_failures early 1
exits "HealthStartupCmd: by hand: the first check" 1 ctrctl health early
like "HealthStartupCmd: by hand: says so" "$output" '^starting, [0-9]+ failures: the check exited with 1$'
systemctl stop ctr@early
ok "HealthStartupCmd: it ends with the container" eventually 20 test_alone
forget early
ok "HealthStartupCmd: nothing is left" nothing_left early
systemctl start ctr@late
first=$(property late InvocationID)
test_new_run() { local id; id=$(property late InvocationID); [ -n "$id" ] && [ "$id" != "$first" ]; }
ok "HealthStartupRetries: restarted" eventually 20 test_new_run
test_late() { journalctl -q --no-pager -o cat -u ctr-health@late.service | grep -qE "$1"; }
ok "HealthStartupRetries: after so many" eventually 20 test_late '^starting, 3 failures: the check exited with 4$'
ok "HealthStartupRetries: what it printed" test_late '^not yet$'
forget late
systemctl start --no-block ctr@blocked
ok "HealthStartupTimeout: too long is a failure" eventually 20 test_failures blocked 1
is "HealthStartupTimeout: Notify=healthy waits" "$(property blocked ActiveState)" activating
forget blocked

# ---- what cannot be ----

refuse() { # LINES PATTERN
        container wrong "$1"
        exits "refused: ${1//$'\n'/ }" 1 ctrctl check $etc/wrong.container
        like "and why" "$output" "$2"
}
refuse 'HealthInterval=3s' 'HealthInterval: needs HealthCmd= beside it'
refuse $'HealthCmd=true\nHealthInterval=3 apples' 'wrong.container:6:.*expected a time'
refuse $'HealthCmd=true\nHealthRetries=0' 'number from 1 to 1000'
refuse $'HealthCmd=true\nHealthOnFailure=reboot' 'none.*kill.*restart.*stop'
refuse 'HealthCmd=["CMD"]' 'the array has no command'
refuse 'HealthStartupCmd=true' 'HealthStartupCmd: needs HealthCmd= beside it'
refuse 'Notify=healthy' 'health checks that say when it is'
exits "refused: a transient container" 1 ctrctl run -b "$(bundle wrong '.annotations["org.ctrunit.health"]="[\"/bin/true\"]"')" wrong
like "and why" "$output" 'configured containers'
rm -f $etc/{pulse,again,down,dead,slow,young,idle,ready,early,late,blocked,wrong}.container
systemctl daemon-reload
systemctl reset-failed 2>/dev/null
done_testing
