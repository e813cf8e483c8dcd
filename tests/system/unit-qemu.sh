#!/bin/bash
# needs: qemu (devices of its own, core dumps, memory)
# Units that hang on devices, programs that dump core, and what is said of one that was killed for memory.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/configured.inc"

[ "${CTRUNIT_TESTHOST:-}" = qemu ] || { skip "all" "not in QEMU"; done_testing; }
journal() { journalctl -q --no-pager "$@"; }
said() { # NAME PATTERN
        journal -o cat -u "ctr@$1" | grep -qE -- "$2"
}
link() { ip link add "$1" type dummy 2>/dev/null || ip link add "$1" type bridge; }

# ---- devices ----

modprobe dummy 2>/dev/null
device=sys-subsystem-net-devices-ctrt0.device
put bound "$sleeper" "[Unit]
BindsTo=$device
After=$device"
put plugged "$sleeper"
mkdir -p /run/udev/rules.d
printf 'SUBSYSTEM=="net", ACTION=="add", KERNEL=="ctrt1", TAG+="systemd", ENV{SYSTEMD_WANTS}+="ctr@plugged.service"\n' \
        >/run/udev/rules.d/99-ctr-test.rules
udevadm control --reload
systemctl daemon-reload
systemctl start --no-block ctr@bound
waits() { [ -n "$(systemctl list-jobs --no-legend "ctr@$1.service")" ]; }
ok "BindsTo= and After= a device: the start waits for it" eventually 20 waits bound
is "BindsTo= and After= a device: and nothing runs" "$(property bound MainPID)" 0
link ctrt0
ok "BindsTo= and After= a device: it comes" eventually 60 test_state bound active
ip link del ctrt0
ok "BindsTo= and After= a device: it goes, the container stops" eventually 60 test_state bound inactive
is "BindsTo= and After= a device: cleanly" "$(property bound Result)" success
is "SYSTEMD_WANTS= of a device: nothing runs before" "$(property plugged ActiveState)" inactive
link ctrt1
ok "SYSTEMD_WANTS= of a device: starts the container" eventually 60 test_state plugged active
ip link del ctrt1
rm /run/udev/rules.d/99-ctr-test.rules
udevadm control --reload
forget_all

# ---- core dumps ----

# What systemd-coredump does first: the unit of a process that is dying, by its pid in the host.
pattern=$(cat /proc/sys/kernel/core_pattern)
cat >"$test_dir/handler" <<E
#!/bin/sh
# Before the dump: the kernel lets the process go when all of it was written.
{ cat /proc/\$1/cgroup; echo "signal \$2 uid \$3 comm \$4"; } >$test_dir/dumped.new
cat >/dev/null
mv $test_dir/dumped.new $test_dir/dumped
E
chmod +x "$test_dir/handler"
echo "|$test_dir/handler %P %s %u %e" >/proc/sys/kernel/core_pattern
host='.linux.namespaces|=map(select(.type!="pid"))|.mounts|=map(select(.type!="proc"))|.linux.maskedPaths=[]|.linux.readonlyPaths=[]'
crash='.process.args=["/bin/ctr-probe","signal","11"]'
put crash "$host|$crash"
put inner "$crash|.annotations[\"org.ctrunit.init\"]=\"true\""
systemctl daemon-reload
for name in crash inner; do
        rm -f "$test_dir/dumped"
        systemctl start ctr@$name
        ok "core dump, $name: failed" eventually 30 test_state $name failed
        ok "core dump, $name: the handler ran" eventually 30 test -s "$test_dir/dumped"
        like "core dump, $name: the unit is known by the cgroup" "$(cat "$test_dir/dumped")" "^0::/ctr.slice/ctr@$name.service$"
        like "core dump, $name: which program and signal" "$(cat "$test_dir/dumped")" '^signal 11 uid 0 comm ctr-probe$'
done
is "core dump, crash: is the unit's result" "$(property crash Result) $(property crash ExecMainCode) $(property crash ExecMainStatus)" "core-dump 3 11"
is "core dump, inner: is in the init's exit status" "$(property inner Result) $(property inner ExecMainStatus)" "exit-code 139"
echo "$pattern" >/proc/sys/kernel/core_pattern
forget_all

# ---- memory ----

eats='.process.args=["/bin/ctr-probe","alloc","64","sleep","1000"]'
little='.linux.resources={"memory":{"limit":16777216,"swap":16777216}}'
put eater "$eats|$little" $'[Service]\nRestart=on-failure\nRestartSec=10ms\n[Unit]\nStartLimitIntervalSec=10min\nStartLimitBurst=2'
put starved "$eats|$little"
put killed "$sleeper|$little"
systemctl daemon-reload
since=$(date +%s)
systemctl start ctr@eater
ok "out of memory: killed" eventually 120 test_state eater failed
line='out of memory: the kernel killed a process of it at its limit of 16777216 bytes \(MemoryMax=; peak: [0-9]+\)'
ok "out of memory: the journal says by which limit" eventually 20 said eater "$line"
is "out of memory: once for each run" "$(journal -o cat --since "@$since" -u ctr@eater | grep -cE "$line")" 2
# What systemctl status shows begins with the last attempt to start: one that is not tried again.
systemctl start ctr@starved
ok "out of memory: killed, and not started again" eventually 120 test_state starved failed
shows() { systemctl status --no-pager -l -n 30 "ctr@$1" | grep -qE -- "$2"; }
ok "out of memory: systemctl status shows it" eventually 20 shows starved "$line"
systemctl start ctr@killed
ctrctl kill killed KILL
ok "killed by somebody: ended" eventually 30 test_state killed failed
is "killed by somebody: nothing is said of memory" "$(journal -o cat -u ctr@killed | grep -c 'out of memory')" 0
ctrctl run -d --bundle "$(bundle transient "$eats|$little")" transient
ok "out of memory: a transient container too" eventually 60 said transient "$line"
ctrctl delete -f transient
forget_all
is "no unit of ours is left" "$(systemctl list-units --all --plain --no-legend 'ctr@*')" ""
done_testing
