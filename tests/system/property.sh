#!/bin/bash
# ctrctl run and create --property: properties of transient units, by an allow-list.
. "$(dirname "$0")/lib.sh"

dir=$(bundle prop)
run() { # ID PROPERTY...
        local id=$1 args=() p
        shift
        for p; do
                args+=(--property "$p")
        done
        ctrctl run -d --bundle "$dir" "${args[@]}" "$id"
}

printf 'from a file\n' >"$test_dir/secret"
ok "run with properties of every kind" run prop 'Description=A text with $HOME; and %n' 'Restart=on-failure' 'RestartSec=200ms' \
        'TimeoutStopSec=2min' 'RuntimeMaxSec=infinity' 'MemoryMax=64M' 'TasksMax=50' 'CPUQuota=150%' 'CPUWeight=200' \
        'OOMPolicy=stop' 'KillSignal=SIGUSR1' 'SuccessExitStatus=5' 'RestartPreventExitStatus=6' 'StartLimitBurst=3' \
        'StartLimitIntervalSec=1min' 'Wants=nothing-at-all.service' 'After=nothing-at-all.service' 'ExitType=main' \
        'SyslogIdentifier=other' 'LogExtraFields=TENANT=green' 'StateDirectory=prop-test/a' \
        'SetCredential=key:s3:cret' "LoadCredential=file:$test_dir/secret" 'IPAccounting=yes'
show() { property prop "$1"; }
is "Description, not expanded" "$(show Description)" 'A text with $HOME; and %n'
is "Restart, RestartSec" "$(show Restart) $(show RestartUSec)" "on-failure 200ms"
is "times" "$(show TimeoutStopUSec) $(show RuntimeMaxUSec)" "2min infinity"
is "sizes and counts" "$(show MemoryMax) $(show TasksMax) $(show CPUWeight) $(show CPUQuotaPerSecUSec)" "67108864 50 200 1.500000s"
is "OOMPolicy, KillSignal" "$(show OOMPolicy) $(show KillSignal)" "stop 10"
is "exit statuses" "$(show SuccessExitStatus) $(show RestartPreventExitStatus)" "5 143 6"
is "start limit" "$(show StartLimitBurst) $(show StartLimitIntervalUSec)" "3 1min"
like "dependencies" "$(show Wants) $(show After)" 'nothing-at-all.service.*nothing-at-all.service'
is "StateDirectory" "$(show StateDirectory) $(test -d /var/lib/prop-test/a && echo made)" "prop-test/a made"
is "SetCredential" "$(ctrctl exec prop cat /run/credentials/key)" "s3:cret"
is "LoadCredential" "$(ctrctl exec prop cat /run/credentials/file)" "from a file"
is "nothing of it in state and inspect" "$( (ctrctl state prop; ctrctl inspect prop; cat $state_root/prop/*.json) 2>/dev/null | grep -c 's3:cret')" 0
pid=$(show MainPID)
kill -KILL "$pid"
test_restarted() { [ "$(show NRestarts)" = 1 ] && [ "$(show ActiveState)" = active ]; }
ok "Restart= works" eventually 10 test_restarted
systemctl daemon-reload
is "after daemon-reload the same" "$(show MemoryMax) $(show RestartUSec) $(show CPUQuotaPerSecUSec) $(show NeedDaemonReload)" "67108864 200ms 1.500000s no"
ok "delete" ctrctl delete -f prop
ok "nothing is left" nothing_left prop
rm -rf /var/lib/prop-test

ok "create with a property" ctrctl create --bundle "$dir" --property TasksMax=7 prop
is "is the unit's" "$(show TasksMax)" 7
ctrctl delete -f prop
dir=$(bundle output '.process.args=["/bin/ctr-probe","print","to-a-file"]')
run prop "StandardOutput=append:$test_dir/out" StandardError=null
ok "StandardOutput=append:" eventually 5 grep -qx to-a-file "$test_dir/out"
ctrctl delete -f prop
dir=$(bundle prop)

for bad in 'ExecStartPre=/bin/sh' 'User=nobody' 'Conflicts=dbus.service' 'PropagatesStopTo=dbus.service' 'FailureAction=reboot' \
        'RootDirectory=/' 'BindPaths=/etc' 'Delegate=yes' 'Type=simple' 'NotifyAccess=none' 'KillMode=none' 'RuntimeDirectory=x' 'PIDs=1' \
        'AmbientCapabilities=~' 'Slice=system.slice' 'Environment=A=1' 'memorymax=1M' 'X=1' '=1' 'MemoryMax' ''; do
        exits "refused: $bad" 1 run bad "$bad"
done
like "says what and where to look" "$(run bad User=nobody 2>&1)" '--property User=: this property cannot be set here'
for bad in 'MemoryMax=64Q' 'MemoryMax=-1' 'MemoryMax=99999999999999G' 'TasksMax=0' 'Restart=maybe' 'TimeoutStopSec=5 lightyears' \
        'CPUQuota=50' 'CPUWeight=0' 'KillSignal=NOPE' 'SuccessExitStatus=256' 'After=no-suffix' 'After=a b/c.service' 'StateDirectory=/abs' \
        'StateDirectory=../up' 'StateDirectory=ctrunit/containers/x' 'SetCredential=nocolon' 'SetCredential=a/b:c' 'LogExtraFields=lower=1' \
        'LogExtraFields=_X=1' 'StandardOutput=file:relative' 'StandardOutput=socket' 'StandardOutput=truncate:/tmp/x' 'StandardError=truncate:/tmp/x' 'IPAccounting=maybe' "Description=two
lines"; do
        exits "not valid: ${bad%%$'\n'*}" 1 run bad "$bad"
done
like "a secret is not repeated" "$(run bad SetCredential=s3cret 2>&1)" 'SetCredential=: not valid, expected NAME:VALUE'
is "nor anywhere" "$(run bad SetCredential=s3cret 2>&1 | grep -c s3cret)" 0
exits "an engine's container has none" 1 ctr-runtime run -d --bundle "$dir" --property TasksMax=5 bad
ok "nothing is left" nothing_left bad
done_testing
