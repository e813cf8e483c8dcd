#!/bin/bash
# Containers that run while their configuration breaks, goes or is masked, with a daemon-reload after it: what was asked for
# when they were started goes on to count, and they end as they should.
. "$(dirname "$0")/lib.sh"

etc=/etc/ctrunit/containers
root=$test_dir/rootfs
mkdir -p $etc
make_rootfs "$root"
mkdir -p "$root/var/tmp"
printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n' >/run/systemd/system/gone-anchor.service

# container NAME [LINE]: one that ends at SIGUSR1 only, with limits by keys of two sections.
container() {
        printf '%s\n' '[Unit]' 'BindsTo=gone-anchor.service' 'After=gone-anchor.service' '[Container]' "Rootfs=$root" \
                "Exec=/bin/sh -c \"trap 'exit 0' USR1; while :; do sleep 1000 & wait; done\"" \
                'StopSignal=USR1' 'StopTimeout=77' 'Memory=64m' "${2:-}" '[Service]' 'TasksMax=33' 'CPUWeight=42' \
                'Restart=on-failure' >"$etc/$1.container"
}
reload() { systemctl daemon-reload; }
limits() { # NAME
        systemctl show "ctr@$1" | grep -E '^(MemoryMax|TasksMax|CPUWeight|DevicePolicy|DeviceAllow|KillSignal|KillMode|TimeoutStopUSec|SuccessExitStatus|Slice|ControlGroup|RuntimeDirectory|BindsTo)='
        systemctl show -P ExecStopPost "ctr@$1" | sed 's/start_time=.*//'
        # In the kernel, where it has these controllers.
        cat "$(cgroup_of "$1")"/{memory.max,pids.max,cpu.weight} 2>/dev/null
}
# The signal that ends it has its handler.
hears_usr1() {
        (( 0x$(awk '/^SigCgt/ { print $2 }' "/proc/$(property "$1" MainPID)/status") & 0x200 ))
}
# It is not restarted, for Restart= of the first run does not count either.
ended() { [ "$(property "$1" ActiveState) $(property "$1" MainPID)" = "failed 0" ]; }
break_it() { container "$1" 'Bogus=1'; }
remove() { rm "$etc/$1.container"; }
mask() { ln -sf /dev/null "$etc/$1.container"; }
rename() { container "$1" "ContainerName=$1-other"; }

# QEMU is here for the kernel's limits, and slow.
ways='break_it remove mask rename'
[ "${CTRUNIT_TESTHOST:-}" != qemu ] || ways='break_it remove'
for way in $ways; do
        name=run-$way
        container "$name" && reload && systemctl start "ctr@$name" && eventually 30 hears_usr1 "$name"
        before=$(limits "$name") pid=$(property "$name" MainPID)
        "$way" "$name"
        ok "$way: daemon-reload" reload
        is "$way: it goes on with its limits, and what ends it" "$(limits "$name")" "$before"
        is "$way: the same process, told as running" "$(property "$name" MainPID) $(status_of "$name")" "$pid running"
        is "$way: it is frozen and thawed" "$(ctrctl pause "$name" 2>&1 && ctrctl resume "$name" 2>&1)" ""
        ok "$way: another daemon-reload" reload
        is "$way: nothing changes" "$(limits "$name") $(property "$name" NeedDaemonReload)" "$before no"
        # With the default signal it would take 90 seconds and fail.
        ok "$way: stop" systemctl stop "ctr@$name"
        is "$way: stop is clean" "$(property "$name" Result)" success
        ok "$way: nothing is left" nothing_left "$name"
        systemctl start "ctr@$name" 2>/dev/null
        is "$way: it does not start, and says why" "$(property "$name" ExecMainStatus) $(status_of "$name" 2>/dev/null)" "78 "
        ok "$way: daemon-reload after its end" reload
        systemctl reset-failed "ctr@$name" 2>/dev/null
        case $way in
        break_it) is "$way: the unit has the reason" "$(property "$name" Description | grep -c 'Bogus: unknown key')" 1 ;;
        *) is "$way: there is no such unit" "$(property "$name" LoadState)" not-found ;;
        esac
        rm -f "$etc/$name.container"
done

if [ "${CTRUNIT_TESTHOST:-}" = qemu ]; then
        done_testing
fi

# What is corrected, or comes back, is as configured at once.
container back && reload && systemctl start ctr@back && eventually 30 hears_usr1 back
break_it back && reload
is "corrected: the unit said what is wrong" "$(property back Description | grep -c 'Bogus: unknown key')" 1
container back 'Environment=A=1' && sed -i 's/TasksMax=33/TasksMax=44/' $etc/back.container
ok "corrected: daemon-reload" reload
is "corrected: as configured now" "$(property back TasksMax) $(property back Description)" "44 Container back"
ok "corrected: restart" systemctl restart ctr@back
eventually 30 hears_usr1 back
remove back && reload
is "gone after a restart: as it was restarted" "$(property back TasksMax)" 44
ok "gone: what it is bound to takes it along" systemctl stop gone-anchor.service
ok "gone: it has ended" eventually 30 test_inactive back
is "gone: cleanly" "$(property back Result)" success

# Units beside its own: a published port and health checks.
served() { # NAME [LINE]
        printf '%s\n' '[Container]' "Rootfs=$root" 'Exec=/bin/httpd -f -p 80 -h /etc' 'StopSignal=KILL' "PublishPort=127.0.0.1:18097:80" \
                'HealthCmd=true' 'HealthInterval=1h' "${2:-}" '[Service]' 'SuccessExitStatus=KILL' >"$etc/$1.container"
}
answers() { [ "$(timeout 30 bash -c "exec 3<>/dev/tcp/127.0.0.1/18097 && printf 'GET /group HTTP/1.0\r\n\r\n' >&3 && cat <&3" | tail -1)" = root:x:0: ]; }
timer() { systemctl show -P ActiveState,LoadState ctr-health@served.timer | tr '\n' ' '; }
timer_ended() { [ "$(timer)" = "loaded inactive " ]; }
served served && reload && systemctl start ctr@served
ok "ports: it answers" eventually 30 answers
is "health: the timer is there" "$(timer)" "loaded active "
served served Bogus=1 && reload
ok "ports: broken, it answers" answers
is "health: broken, the timer is there" "$(timer)" "loaded active "
rm $etc/served.container && reload
ok "ports: gone, it answers" answers
is "health: gone, the timer is there" "$(timer)" "loaded active "
served served && reload
ok "ports: back, it answers" answers
rm $etc/served.container && reload
ok "ports: gone again, stop" systemctl stop ctr@served
ok "ports: gone again, the timer has ended with it" eventually 30 timer_ended
systemctl stop ctr-fwd@served-18097.socket
reload
no_units() { [ -z "$(systemctl list-units --all --plain --no-legend 'ctr-*@served*')" ]; }
ok "ports: after its end there is nothing" eventually 30 no_units

# One that dies while it has no configuration: written down, and not started again.
container dies && reload && systemctl start ctr@dies && eventually 30 hears_usr1 dies
remove dies && reload
systemctl kill --kill-whom=main --signal=KILL ctr@dies
ok "gone and killed: it failed, and stays so" eventually 30 ended dies
is "gone and killed: by the signal" "$(property dies Result)" signal
systemctl reset-failed ctr@dies
reload
is "gone and killed: no unit is left" "$(property dies LoadState)" not-found

# An administrator's own unit of this name has nothing to do with it.
container own && reload
sed 's/TasksMax=33/TasksMax=21/' /run/systemd/generator/ctr@own.service >/run/systemd/system/ctr@own.service
reload && systemctl start ctr@own && eventually 30 hears_usr1 own
remove own && reload
is "a unit of the administrator's own: counts" "$(property own TasksMax) $(property own FragmentPath)" "21 /run/systemd/system/ctr@own.service"
ok "a unit of the administrator's own: stop" systemctl stop ctr@own
rm /run/systemd/system/ctr@own.service /run/systemd/system/gone-anchor.service
reload
ok "nothing is left" test -z "$(ls /run/systemd/generator | grep -E '^ctr@(run-|back|dies|own)')"

done_testing
