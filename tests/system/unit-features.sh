#!/bin/bash
# systemd's own features at work on a container: output, time limits, failures, directories, timers, paths,
# dependencies, network rules. What is new for a container is in ctrunit.unit(7).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/configured.inc"

began=$(date '+%F %T')
sleep 1 # of a second run in the same host
configure() {
        put "$@"
        systemctl daemon-reload
}
sh_args() { # SCRIPT: JSON
        jq -cn --arg s "$1" '["/bin/sh","-c",$s]'
}
journal() { # ARGUMENT...
        journalctl --sync
        journalctl -q --no-pager -o cat --since "$began" "$@"
}
test_result() { [ "$(property "$1" Result)" = "$2" ]; }
say() { printf '.process.args=["/bin/ctr-probe","print","%s"]' "$1"; }

# ---- output ----

configure log "$(say hello-log)" $'[Service]\nLogExtraFields=TENANT=blue\nSyslogIdentifier=frontend\nSyslogFacility=local3'
systemctl start ctr@log
ok "ended" eventually 5 test_inactive log
is "LogExtraFields= of the file" "$(journal TENANT=blue _TRANSPORT=stdout)" hello-log
is "and ctrunit's own" "$(journal CONTAINER_NAME=log _TRANSPORT=stdout)" hello-log
is "SyslogIdentifier=" "$(journal -t frontend)" hello-log
is "SyslogFacility=" "$(journal SYSLOG_FACILITY=19 _TRANSPORT=stdout)" hello-log
configure space "$(say hello-space)" $'[Service]\nLogNamespace=blue'
systemctl start ctr@space
test_in_namespace() { journalctl --namespace=blue -q --no-pager -o cat -u ctr@space 2>/dev/null | grep -qx hello-space; }
ok "LogNamespace=: in a journal of its own" eventually 10 test_in_namespace
is "and in no other" "$(journal -u ctr@space _TRANSPORT=stdout)" ""
systemctl stop systemd-journald@blue.socket systemd-journald@blue.service systemd-journald-varlink@blue.socket 2>/dev/null
configure quiet "$(say to-null)" $'[Service]\nStandardOutput=null'
systemctl start ctr@quiet
ok "ended" eventually 5 test_inactive quiet
is "StandardOutput=null" "$(journal -u ctr@quiet _TRANSPORT=stdout)" ""
configure file "$(say to-file)" "[Service]
StandardOutput=append:$test_dir/out.log"
for _ in 1 2; do
        systemctl start ctr@file
        ok "ended" eventually 5 test_inactive file
done
is "StandardOutput=append:" "$(xargs <"$test_dir/out.log")" "to-file to-file"
configure rate ".process.args=[\"/bin/ctr-probe\",\"log\",\"100\"]" $'[Service]\nLogRateLimitIntervalSec=10s\nLogRateLimitBurst=10\nLogLevelMax=err'
systemctl start ctr@rate
ok "ended" eventually 5 test_inactive rate
is "LogLevelMax=" "$(journal -u ctr@rate _TRANSPORT=stdout | grep -c '^out')" 0
ok "LogRateLimitBurst=" test "$(journal -u ctr@rate _TRANSPORT=stdout | grep -c '^err')" -lt 100
forget_all

# ---- time limits and ends ----

configure limit "$sleeper" $'[Service]\nRuntimeMaxSec=1s'
systemctl start ctr@limit
ok "RuntimeMaxSec=: ended" eventually 6 test_state limit failed
is "Result=timeout" "$(property limit Result)" timeout
configure deaf ".process.args=$(sh_args 'trap "" TERM; while :; do sleep 0.1; done')" $'[Service]\nTimeoutStopSec=1s'
systemctl start ctr@deaf
ok "TimeoutStopSec=: a payload that ignores SIGTERM" within 1200 systemctl stop ctr@deaf
is "was killed" "$(property deaf ExecMainStatus)" 9
configure handler ".process.args=[\"/bin/ctr-probe\",\"write\",\"/tmp/handled\"]"
configure crash '.process.args=["/bin/ctr-probe","exit","3"]' $'[Unit]\nOnFailure=handler.container\nStartLimitIntervalSec=30s\nStartLimitBurst=5\n[Service]\nRestart=on-failure\nRestartSec=10ms'
systemctl start ctr@crash
test_limit_hit() { journal -u "ctr@$1" | grep -q 'Start request repeated too quickly'; }
ok "StartLimitBurst=: no sixth start" eventually 10 test_limit_hit crash
is "five starts" "$(journal -u ctr@crash | grep -c 'status=3')" 5
ok "OnFailure=: the other container ran" eventually 5 test -e "$test_dir/rootfs/tmp/handled"
configure success '.process.args=["/bin/ctr-probe","exit","5"]' $'[Service]\nSuccessExitStatus=5 SIGKILL\nRestart=on-failure'
systemctl start ctr@success
ok "SuccessExitStatus=" eventually 5 test_state success inactive
is "Result=success" "$(property success Result) $(property success NRestarts)" "success 0"
configure prevent '.process.args=["/bin/ctr-probe","exit","6"]' $'[Service]\nRestart=always\nRestartSec=10ms\nRestartPreventExitStatus=6'
systemctl start ctr@prevent
ok "RestartPreventExitStatus=" eventually 5 test_state prevent failed
is "was not restarted" "$(property prevent NRestarts)" 0
configure force '.process.args=["/bin/ctr-probe","exit","7"]' $'[Unit]\nStartLimitBurst=2\n[Service]\nRestartForceExitStatus=7\nRestartSec=10ms'
systemctl start ctr@force
ok "RestartForceExitStatus=" eventually 5 test_limit_hit force
# The first process ends, another one of the container lives on: in the host's pid namespace, else the kernel ends both.
configure daemon ".process.args=$(sh_args '(while [ ! -e /tmp/go ]; do sleep 0.05; done) & exit 6')|.linux.namespaces|=map(select(.type!=\"pid\"))|.mounts|=map(select(.type!=\"proc\"))|.linux.maskedPaths=[]|.linux.readonlyPaths=[]" \
        $'[Service]\nExitType=cgroup'
systemctl start ctr@daemon
test_main_ended() { [ "$(property "$1" MainPID)" = 0 ]; }
ok "ExitType=cgroup: the first process ends" eventually 5 test_main_ended daemon
ok "ExitType=cgroup: active while any process lives" test_state daemon active
touch "$test_dir/rootfs/tmp/go"
ok "then ended" eventually 5 test_state daemon failed
is "with the first one's status" "$(property daemon Result) $(property daemon ExecMainStatus)" "exit-code 6"
is "exact exit status as fields of the journal" "$(journalctl -q --no-pager -o json -u ctr@prevent MESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15 | jq -r '.EXIT_CODE+" "+.EXIT_STATUS' | tail -1)" "exited 6"
forget_all

# ---- one run, one invocation ----

configure once '.process.args=["/bin/ctr-probe","print","one-run","sleep","1000"]'
systemctl start ctr@once
id=$(property once InvocationID)
test_one_id() { [ "$(journalctl -q --no-pager -o json -u ctr@once _TRANSPORT=stdout | jq -r ._SYSTEMD_INVOCATION_ID | tail -1)" = "$id" ]; }
ok "one INVOCATION_ID in unit and journal" eventually 5 test_one_id
is "and in the state" "$(cut -d ' ' -f 3 $state_root/once/pid)" "$id"
forget_all

# ---- timers and paths ----

configure job '.process.args=["/bin/ctr-probe","exit","4"]'
printf '[Timer]\nOnActiveSec=200ms\nAccuracySec=10ms\n' >$run/ctr@job.timer
systemctl daemon-reload
ok "a timer" systemctl start ctr@job.timer
ok "fires one run" eventually 5 test_state job failed
is "its exit status is kept" "$(property job ExecMainStatus)" 4
# Each run by its own id, long after the unit has forgotten it.
runs() { journal -o json -u ctr@job MESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15 | jq -r '.INVOCATION_ID+" "+.EXIT_STATUS' | sort -u; }
test_runs() { [ "$(runs | wc -l)" = "$1" ]; }
systemctl start ctr@job
ok "a second run" eventually 5 test_runs 2
is "each has its own status in the journal, by INVOCATION_ID" "$(runs | cut -d ' ' -f 2 | xargs)" "4 4"
like "systemctl list-timers names it" "$(systemctl list-timers --all --no-legend --no-pager)" 'ctr@job.timer +ctr@job.service'
put persistent "$(say from-the-past)"
printf '[Timer]\nOnCalendar=minutely\nPersistent=yes\n' >$run/ctr@persistent.timer
mkdir -p /var/lib/systemd/timers
touch -d '1 day ago' /var/lib/systemd/timers/stamp-ctr@persistent.timer
systemctl daemon-reload
systemctl start ctr@persistent.timer
test_ran() { journal -u ctr@persistent _TRANSPORT=stdout | grep -qx from-the-past; }
ok "Persistent=: a run that was missed is made up for" eventually 5 test_ran
configure watch "$(say 'a file came')"
printf '[Path]\nPathExists=%s\n' "$test_dir/trigger" >$run/ctr@watch.path
systemctl daemon-reload
systemctl start ctr@watch.path
is "a path unit waits" "$(property watch ActiveEnterTimestampMonotonic)" 0
touch "$test_dir/trigger"
test_watched() { journal -u ctr@watch _TRANSPORT=stdout | grep -qx 'a file came'; }
ok "and starts the container" eventually 5 test_watched
systemctl stop ctr@watch.path
forget_all

# ---- dependencies between containers ----

put db "$sleeper"
put app "$sleeper" $'[Unit]\nRequires=db.container\nAfter=db.container'
put bound "$sleeper" $'[Unit]\nBindsTo=db.container\nAfter=db.container'
put keeper "$sleeper" $'[Unit]\nUpholds=upheld.container'
configure upheld "$sleeper"
ok "Requires= and After=: start of the second" systemctl start ctr@app
is "starts the first" "$(property db ActiveState)" active
ok "and first" test "$(property db ActiveEnterTimestampMonotonic)" -lt "$(property app ActiveEnterTimestampMonotonic)"
chain=$(systemd-analyze critical-chain --no-pager ctr@app.service 2>&1)
systemctl start ctr@bound
kill -KILL "$(property db MainPID)"
ok "BindsTo=: the follower stops when the other dies" eventually 15 test_state bound inactive
systemctl start ctr@keeper
ok "Upholds=: starts it" eventually 5 test_state upheld active
systemctl stop ctr@upheld
ok "and again when it stopped" eventually 10 test_state upheld active
systemctl stop ctr@keeper
like "systemd-analyze critical-chain knows them" "$chain" 'ctr@app.service \+[0-9]+ms'
forget_all

# ---- directories as volumes ----

volumes='.mounts+=[{destination:"/data",type:"bind",source:"/var/lib/ctrunit/vol",options:["rbind","rw"]},{destination:"/cache",type:"bind",source:"/var/cache/vol",options:["rbind"]},{destination:"/logs",type:"bind",source:"/var/log/vol",options:["rbind"]},{destination:"/work",type:"bind",source:"/run/vol",options:["rbind"]}]'
configure vol "$volumes|.process.args=$(sh_args 'for d in data cache logs work; do echo kept >/$d/file; done; exec ctr-probe sleep 1000')" \
        $'[Service]\nStateDirectory=ctrunit/vol\nStateDirectoryMode=0750\nCacheDirectory=vol\nLogsDirectory=vol\nRuntimeDirectory=vol'
ok "StateDirectory= and the others as volumes" systemctl start ctr@vol
for dir in /var/lib/ctrunit/vol /var/cache/vol /var/log/vol /run/vol; do
        ok "$dir has what the container wrote" eventually 3 test -s $dir/file
done
is "StateDirectoryMode=" "$(stat -c %a /var/lib/ctrunit/vol)" 750
systemctl stop ctr@vol
ok "RuntimeDirectory= is gone after the stop" test ! -e /run/vol
ok "the others stay" test -s /var/lib/ctrunit/vol/file
ok "systemctl clean --what=state" systemctl clean --what=state ctr@vol
ok "empties it" test ! -e /var/lib/ctrunit/vol
ok "and nothing else" test -s /var/cache/vol/file
systemctl clean --what=cache --what=logs ctr@vol
ok "it starts again with a new one" systemctl start ctr@vol
forget_all
ok "nothing is left" nothing_left vol
rm -rf /var/lib/ctrunit/vol /var/cache/vol /var/log/vol

# ---- mounts ----

mkdir -p "$test_dir/medium" "$test_dir/mounted"
echo here >"$test_dir/medium/file"
name=$(systemd-escape --path --suffix=mount "$test_dir/mounted")
printf '[Mount]\nWhat=%s\nWhere=%s\nType=none\nOptions=bind\n' "$test_dir/medium" "$test_dir/mounted" >"$run/$name"
configure onmount ".mounts+=[{destination:\"/m\",type:\"bind\",source:\"$test_dir/mounted\",options:[\"bind\"]}]|.process.args=[\"/bin/ctr-probe\",\"cat\",\"/m/file\",\"sleep\",\"1000\"]"
ok "a bind source that a mount unit provides" systemctl start ctr@onmount
is "was mounted first" "$(journal -u ctr@onmount _TRANSPORT=stdout)" "line=here"
like "RequiresMountsFor= names it" "$(property onmount RequiresMountsFor)" "$test_dir/mounted"
forget_all
systemctl stop "$name"
rm "$run/$name"

# ---- network rules without a network namespace, ManagedOOM ----

host='.linux.namespaces|=map(select(.type!="network"))|.mounts|=map(if .type=="sysfs" then {destination:"/sys",type:"bind",source:"/sys",options:["rbind","ro"]} else . end|select(.type!="cgroup"))|.linux.maskedPaths=[]'
printf '[Socket]\nListenStream=127.0.0.1:18090\n' >$run/listener.socket
printf '[Service]\nExecStart=/bin/sleep 1000\n' >$run/listener.service
systemctl daemon-reload
systemctl start listener.socket
test_said() { journal -u "ctr@$1" _TRANSPORT=stdout | grep -qx "$2"; }
configure open "$host|.process.args=[\"/bin/ctr-probe\",\"connect\",\"18090\",\"bind\",\"18091\",\"sleep\",\"1000\"]"
systemctl start ctr@open
ok "without a rule it connects" eventually 5 test_said open connect=ok
ok "and binds" eventually 5 test_said open bind=ok
systemctl stop ctr@open
configure deny "$host|.process.args=[\"/bin/sh\",\"-c\",\"timeout 2 ctr-probe connect 18090 || echo denied; exec ctr-probe sleep 1000\"]" \
        $'[Service]\nIPAddressDeny=any\nIPAccounting=yes'
systemctl start ctr@deny
ok "IPAddressDeny=any blocks a container in the host's network" eventually 5 test_said deny denied
configure bind "$host|.process.args=[\"/bin/ctr-probe\",\"bind\",\"18091\",\"sleep\",\"1000\"]" $'[Service]\nSocketBindDeny=tcp:18091'
systemctl start ctr@bind
is "SocketBindDeny= is the unit's" "$(property bind SocketBindDeny)" "tcp18091"
# Debian 12's systemd is built without what enforces it.
case $(systemctl --version) in
*+BPF_FRAMEWORK*) ok "SocketBindDeny= at work" eventually 5 test_said bind "bind=Operation not permitted" ;;
esac
forget_all
systemctl stop listener.socket listener.service
rm $run/listener.*
configure oomd "$sleeper" $'[Service]\nManagedOOMMemoryPressure=kill\nManagedOOMMemoryPressureLimit=80%\nManagedOOMPreference=avoid\nStartupCPUWeight=50'
ok "ManagedOOM*= and StartupCPUWeight=" systemctl start ctr@oomd
is "are the unit's" "$(property oomd ManagedOOMMemoryPressure) $(property oomd ManagedOOMPreference) $(property oomd StartupCPUWeight)" "kill avoid 50"
forget_all

# ---- analysis, over all generated units ----

put one "$sleeper"
put two "$volumes|$sleeper|.annotations[\"org.ctrunit.notify\"]=\"true\"" $'[Unit]\nRequires=one.container\n[Service]\nStateDirectory=ctrunit/vol\nSetCredential=a:b\nWatchdogSec=5s\n[Install]\nWantedBy=multi-user.target'
configure plus+minus-dot.x "$sleeper|.annotations[\"org.ctrunit.notify\"]=\"true\""
man=$(command -v man >/dev/null && echo yes || echo no)
output=$(systemd-analyze verify --man="$man" /run/systemd/generator/ctr@*.service 2>&1)
is "systemd-analyze verify over all generated units" "$?/$(grep -i 'ctr' <<<"$output")" "0/"
like "systemd-analyze security" "$(systemd-analyze security --no-pager ctr@two.service 2>&1 | tail -2)" 'exposure level'
forget_all
is "no unit of ours is left" "$(systemctl list-units --all --plain --no-legend 'ctr@*')" ""
done_testing
