#!/bin/bash
# A container as a unit like any other: each verb of systemctl, changed limits, what follows from its end, and an image
# that is prepared without being run.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/configured.inc"

pid_of() { property "$1" MainPID; }
test_property() { [ "$(property "$1" "$2")" = "$3" ]; }
test_other_pid() { [ "$(pid_of "$1")" != "$2" ] && [ "$(pid_of "$1")" != 0 ]; }
journal() { journalctl --sync; journalctl -q --no-pager -o cat "$@"; }

# ---- verbs ----

put web "$sleeper" $'[Unit]\nDescription=A web server'
systemctl daemon-reload
ok "start" systemctl start ctr@web
is "is-active" "$(systemctl is-active ctr@web)" active
is "show" "$(systemctl show -P Description ctr@web)" "A web server"
status=$(systemctl status --no-pager --full ctr@web)
like "status: what it is" "$status" 'ctr@web.service - A web server'
like "status: its main process" "$status" "Main PID: $(pid_of web) "
like "list-units" "$(systemctl list-units --plain --no-legend 'ctr@*')" '^ctr@web.service +loaded active running +A web server'
like "cat" "$(systemctl cat ctr@web)" '^ExecStart=/.*/ctr-exec '
like "list-dependencies" "$(systemctl list-dependencies --plain ctr@web)" 'ctr.slice'
old=$(pid_of web)
ok "restart" systemctl restart ctr@web
ok "restart: another process" test_other_pid web "$old"
old=$(pid_of web)
ok "try-restart" systemctl try-restart ctr@web
ok "try-restart: another process" test_other_pid web "$old"
old=$(pid_of web)
ok "reload-or-restart" systemctl reload-or-restart ctr@web
ok "reload-or-restart: without a reload a restart" test_other_pid web "$old"
exits "reload without ReloadCmd= or ReloadSignal= is refused" 3 systemctl reload ctr@web
ok "freeze" systemctl freeze ctr@web
is "freeze: is a pause" "$(property web FreezerState) $(status_of web)" "frozen paused"
ok "thaw" systemctl thaw ctr@web
is "thaw: is a resume" "$(property web FreezerState) $(status_of web)" "running running"
ok "kill" systemctl kill --signal=KILL ctr@web
ok "kill: it failed" eventually 30 test_state web failed
is "is-failed" "$(systemctl is-failed ctr@web)" failed
ok "reset-failed" systemctl reset-failed ctr@web
is "reset-failed: inactive" "$(systemctl is-active ctr@web)" inactive
ok "try-restart of what does not run" systemctl try-restart ctr@web
is "try-restart of what does not run: starts nothing" "$(systemctl is-active ctr@web)" inactive
ok "mask" systemctl mask ctr@web
exits "mask: no start" 1 systemctl start ctr@web
like "mask: said" "$output" 'is masked'
ok "unmask" systemctl unmask ctr@web
ok "unmask: it starts" systemctl start ctr@web
cat >"$test_dir/editor" <<'E'
#!/bin/sh
printf '[Service]\nTasksMax=77\n' >"$1"
E
chmod +x "$test_dir/editor"
ok "edit" env SYSTEMD_EDITOR="$test_dir/editor" script -qec "systemctl edit ctr@web" /dev/null
is "edit: the drop-in counts at once" "$(property web TasksMax)" 77
ok "revert" systemctl revert ctr@web
is "revert: the drop-in is gone" "$(property web DropInPaths | grep -c override)" 0
ok "stop" systemctl stop ctr@web
ok "stop: nothing is left" nothing_left web
exits "enable is not for generated units" 1 systemctl enable ctr@web
like "enable: systemd says so" "$output" 'transient or generated'

# ---- limits ----

ok "set-property: start" systemctl start ctr@web
limit() { property web TasksMax; }
before=$(limit)
ok "set-property --runtime" systemctl set-property --runtime ctr@web TasksMax=55 CPUWeight=40
systemctl daemon-reload
is "set-property --runtime: after daemon-reload" "$(limit) $(property web CPUWeight)" "55 40"
ok "set-property --runtime: until the next boot" test -e /run/systemd/system.control/ctr@web.service.d/50-TasksMax.conf
ok "set-property" systemctl set-property ctr@web TasksMax=66
systemctl daemon-reload
is "set-property: after daemon-reload" "$(limit)" 66
ok "set-property: for good" test -e /etc/systemd/system.control/ctr@web.service.d/50-TasksMax.conf
ok "set-property: restart" systemctl restart ctr@web
is "set-property: after a restart" "$(limit) $(property web NeedDaemonReload)" "66 no"
ok "revert of limits" systemctl revert ctr@web
is "revert of limits: as configured" "$(limit)" "$before"
ok "revert of limits: restart" systemctl restart ctr@web
is "revert of limits: no trace" "$(limit) $(ls -d /{etc,run}/systemd/system.control/ctr@web* 2>/dev/null)" "$before "
id=$(ctrctl run -d --bundle "$(bundle moment "$sleeper")" moment >/dev/null 2>&1; echo $?)
ok "set-property of a transient container" systemctl set-property --runtime ctr@moment TasksMax=44
systemctl daemon-reload
is "set-property of a transient container: after daemon-reload" "$id $(property moment TasksMax) $(property moment NeedDaemonReload)" "0 44 no"
ctrctl delete -f moment

# ---- reload ----

printf '[Container]\nRootfs=%s\nExec=/bin/sh -c "trap \\"echo got >/tmp/got\\" HUP; echo ready >/tmp/ready; while :; do sleep 0.05; done"\nReloadSignal=HUP\n' "$test_dir/rootfs" >$etc/signal.container
made+=(signal)
systemctl daemon-reload
ok "reload with a signal: start" systemctl start ctr@signal
inside() { ctrctl exec signal test -e "$1"; }
ok "reload with a signal: it is ready" eventually 30 inside /tmp/ready
ok "reload" systemctl reload ctr@signal
ok "reload: the program heard it" eventually 30 inside /tmp/got
old=$(pid_of signal)
ok "reload-or-restart with a reload" systemctl reload-or-restart ctr@signal
is "reload-or-restart with a reload: the same process" "$(pid_of signal)" "$old"
forget_all

# ---- what follows from its end ----

put after '.process.args=["/bin/ctr-probe","write","/tmp/after"]'
put good '.process.args=["/bin/ctr-probe","exit","0"]' $'[Unit]\nOnSuccess=after.container'
put never "$sleeper|.annotations[\"org.ctrunit.notify\"]=\"true\"" $'[Service]\nTimeoutStartSec=1s'
put hangs "$sleeper|.annotations[\"org.ctrunit.notify\"]=\"true\"|.process.args=[\"/bin/sh\",\"-c\",\"trap : ABRT; ctr-probe notify READY=1; while :; do sleep 0.1; done\"]" \
        $'[Service]\nWatchdogSec=1s\nWatchdogSignal=SIGABRT\nTimeoutAbortSec=1s'
put slow '.process.args=["/bin/ctr-probe","exit","1"]' $'[Service]\nRestart=on-failure\nRestartSec=10min'
systemctl daemon-reload
systemctl start ctr@good
ok "OnSuccess=: the other container ran" eventually 30 test -e "$test_dir/rootfs/tmp/after"
exits "TimeoutStartSec=: a payload that is never ready" 1 systemctl start ctr@never
is "TimeoutStartSec=: Result" "$(property never Result)" timeout
ok "TimeoutAbortSec=: a payload that hangs and does not end when it is aborted: start" systemctl start ctr@hangs
ok "TimeoutAbortSec=: is killed" eventually 60 test_property hangs Result watchdog
systemctl start ctr@slow
ok "RestartSec=: waits" eventually 30 test_property slow SubState auto-restart
is "RestartSec=: as long as it says" "$(property slow RestartUSec)" 10min
ok "RestartSec=: stop while it waits" systemctl stop ctr@slow
forget_all
# A container that prepares, and one that needs it: the start of the first lasts until it has ended.
gate=$test_dir/rootfs/tmp/may-end
put prepare '.process.args=["/bin/sh","-c","until test -e /tmp/may-end; do sleep 0.05; done; echo made >/tmp/made"]' \
        $'[Service]\nType=oneshot\nRemainAfterExit=yes'
put needs '.process.args=["/bin/ctr-probe","cat","/tmp/made","sleep","1000"]' $'[Unit]\nRequires=prepare.container\nAfter=prepare.container'
put fails '.process.args=["/bin/ctr-probe","exit","6"]' $'[Service]\nType=oneshot'
systemctl daemon-reload
systemctl start --no-block ctr@needs
ok "Type=oneshot: what needs it waits" eventually 30 test_property prepare SubState start
is "Type=oneshot: as long as it takes" "$(property prepare TimeoutStartUSec) $(property needs ActiveState)" "infinity inactive"
touch "$gate"
ok "Type=oneshot: then it starts" eventually 30 test_state needs active
has_made() { journal -u ctr@needs _TRANSPORT=stdout | grep -qx line=made; }
ok "Type=oneshot: and finds what was made" eventually 30 has_made
is "RemainAfterExit=: active, and no process" "$(property prepare SubState) $(property prepare MainPID) $(status_of prepare)" "exited 0 stopped"
exits "Type=oneshot: a program that fails fails the start" 1 systemctl start ctr@fails
is "Type=oneshot: with its status" "$(property fails Result) $(property fails ExecMainStatus)" "exit-code 6"
printf '[Service]\nRemainAfterExit=yes\n' >$etc/fails.container
exits "RemainAfterExit= alone is refused" 78 ctrctl check fails
like "RemainAfterExit= alone is refused: why" "$output" 'fails.container:2:1: RemainAfterExit: only with Type=oneshot'
forget_all
ok "Type=oneshot: nothing is left" nothing_left prepare
dir=$(bundle seven '.process.args=["/bin/ctr-probe","exit","7"]')
runs=$([ -n "${CTRUNIT_LONG:-}" ] && echo 100 || echo 15)
bad=0
for _ in $(seq "$runs"); do
        ctrctl run --bundle "$dir" seven >/dev/null 2>&1
        [ $? = 7 ] || bad=$((bad + 1))
done
is "CollectMode=: no failed unit of attached runs is left, each status is exact" "$bad $(systemctl list-units --failed --plain --no-legend 'ctr@*')" "0 "

# ---- streams ----

put tofile '.process.args=["/bin/ctr-probe","print","to-file"]' "[Service]
StandardOutput=file:$test_dir/file.log"
put second '.process.args=["/bin/ctr-probe","print","to-file"]' "[Service]
StandardOutput=file:$test_dir/file.log
StandardError=null"
systemctl daemon-reload
for name in tofile second; do
        systemctl start ctr@$name
        ok "$name: ended" eventually 30 test_state $name inactive
done
is "StandardOutput=file:" "$(cat "$test_dir/file.log")" to-file
is "StandardOutput=file:: and nothing in the journal" "$(journal -u ctr@tofile _TRANSPORT=stdout | grep -c to-file)" 0
for stream in truncate:/tmp/x fd:name; do
        printf '[Service]\nStandardOutput=%s\n' $stream >$etc/tofile.container
        exits "StandardOutput=$stream is refused" 78 ctrctl check tofile
        like "StandardOutput=$stream is refused: why" "$output" 'truncate: would empty it again at the end, fd: is not there before the start'
done
forget_all
dir=$(bundle cat '.process.args=["/bin/cat"]')
is "run --pipe --wait --rm: our input and output" "$(echo hi | ctrctl run --rm --pipe --wait --bundle "$dir" t)" hi
dir=$(bundle five '.process.args=["/bin/sh","-c","test -t 1 && echo tty; exit 5"]|.process.terminal=true')
exits "run --pipe: no terminal, whatever config.json says; the exit status" 5 ctrctl run --pipe --bundle "$dir" t
is "run --pipe: no terminal" "$output" ""
dir=$(bundle pty '.process.args=["/bin/sh","-c","test -t 0 && test -t 1 && echo tty; exit 5"]')
like "run --pty: a terminal" "$(script -qec "ctrctl run --pty --bundle $dir t" /dev/null </dev/null)" '(^|@)tty'
like "run --pty --pipe at a terminal: a terminal" "$(script -qec "ctrctl run -tP --bundle $dir t" /dev/null </dev/null)" '(^|@)tty'
is "run --pty --pipe in a pipe: none" "$(ctrctl run --pty --pipe --bundle "$dir" t </dev/null 2>&1)" ""
exits "run --rm with --detach is refused" 1 ctrctl run --rm --detach --bundle "$dir" t
exits "run --rm with --keep is refused" 1 ctrctl run --rm --keep --bundle "$dir" t
ok "nothing is left of them" nothing_left t

# ---- counters and rules without a network namespace ----

host='.linux.namespaces|=map(select(.type!="network"))|.mounts|=map(if .type=="sysfs" then {destination:"/sys",type:"bind",source:"/sys",options:["rbind","ro"]} else . end|select(.type!="cgroup"))|.linux.maskedPaths=[]'
printf '[Socket]\nListenStream=127.0.0.1:18190\n' >$run/ctr-test-listen.socket
printf '[Service]\nExecStart=/bin/sleep 1000\n' >$run/ctr-test-listen.service
put count "$host|.process.args=[\"/bin/ctr-probe\",\"connect\",\"18190\",\"sleep\",\"1000\"]" $'[Service]\nIPAccounting=yes\nRestrictNetworkInterfaces=lo'
systemctl daemon-reload
systemctl start ctr-test-listen.socket ctr@count
counted() { [ "$(property count IPEgressBytes)" -gt 0 ] 2>/dev/null; }
ok "IPAccounting=: bytes are counted" eventually 30 counted
is "RestrictNetworkInterfaces= is the unit's" "$(property count RestrictNetworkInterfaces)" lo
systemctl stop ctr-test-listen.socket ctr-test-listen.service
rm $run/ctr-test-listen.*
forget_all

# ---- many ----

dir=$(bundle many "$sleeper")
many=$([ -n "${CTRUNIT_LONG:-}" ] && echo 100 || echo 20)
for i in $(seq "$many"); do ctrctl run -d --bundle "$dir" "many-$i" >/dev/null 2>&1 </dev/null; done
is "$many containers run" "$(systemctl list-units --plain --no-legend 'ctr@many-*' | grep -c running)" "$many"
no_process_of_ours() { ! ps -eo comm= | grep '^ctr-\(exec\|runtime\|init\)\|^ctrctl'; }
ok "and no process of ours" eventually 30 no_process_of_ours
systemctl stop 'ctr@many-*'
for i in $(seq "$many"); do ctrctl delete -f "many-$i" 2>/dev/null; done

# ---- an image ----

image=$test_dir/image
mkdir -p "$image/etc/ctrunit/containers/job" "$image/etc/systemd/system" "$image/usr/lib/systemd/system"
base_config | jq '.annotations["org.ctrunit.install.wantedBy"]="multi-user.target"' >"$image/etc/ctrunit/containers/job/config.json"
printf '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n' >"$image/etc/systemd/system/ctr@job.timer"
ok "an image: systemctl --root=IMAGE enable of a timer" systemctl --root="$image" enable ctr@job.timer
ok "an image: the link is there" test -L "$image/etc/systemd/system/timers.target.wants/ctr@job.timer"
generator=/usr/lib/systemd/system-generators/ctr-generator
ok "an image: ctr-generator --check" $generator --root "$image" --check
like "an image: the container is started at its boot" "$($generator --root "$image" --dry-run)" \
        '^# link multi-user.target.wants/ctr@job.service '
echo '{' >"$image/etc/ctrunit/containers/job/config.json"
exits "an image: ctr-generator --check of a broken one" 78 $generator --root "$image" --check
like "an image: where" "$output" '/etc/ctrunit/containers/job/config.json:2:1'
# ---- what systemd-analyze says of all kinds of units, shipped and generated ----

put plain "$sleeper"
put door "$sleeper|.annotations[\"org.ctrunit.publish\"]=\"18190:80\"|.annotations[\"org.ctrunit.notify\"]=\"true\"" \
        $'[Unit]\nRequires=plain.container\n[Service]\nRestart=on-failure\nStateDirectory=ctrunit/door\nSetCredential=a:b\nMemoryMax=1G\n[Install]\nWantedBy=multi-user.target'
printf '[Container]\nRootfs=%s\nExec=/bin/ctr-probe sleep 1000\nVolume=state:/data\nNetwork=host\nReloadCmd=/bin/true\nSecret=x\n' "$test_dir/rootfs" >$etc/keys@.container
ln -sf keys@.container $etc/keys@one.container
printf '[Container]\nNoSuchKey=1\n' >$etc/broken.container
systemctl daemon-reload
units=(/run/systemd/generator/ctr*.s* /usr/lib/systemd/system/ctr-managerd.service /usr/lib/systemd/system/ctr-notify@.* /usr/lib/systemd/system/ctr.slice)
is "systemd-analyze verify: units of all kinds are there" "$(printf '%s\n' "${units[@]##*/}" | grep -c '^ctr')" 10
man=$(command -v man >/dev/null && echo yes || echo no)
output=$(systemd-analyze verify --man="$man" "${units[@]}" 2>&1)
is "systemd-analyze verify: silent" "$?/$(grep -i 'ctr' <<<"$output")" "0/"
while IFS='|' read -r _ unit limit _; do
        unit=$(tr -d '` ' <<<"$unit")
        score=$(systemd-analyze security --no-pager "$(sed 's/NAME-PORT/door-18190/; s/NAME/door/' <<<"$unit")" 2>&1 | sed -n 's/.*: \([0-9.]*\) [A-Z]* .*/\1/p' | tail -1)
        ok "systemd-analyze security: $unit: $score, at most $limit" awk -v s="$score" -v l="$limit" 'BEGIN { exit !(s != "" && s + 0 <= l + 0) }'
done < <(grep '^| `ctr' /src/doc/security.md)
rm -f $etc/keys@* $etc/broken.container
forget_all
done_testing
