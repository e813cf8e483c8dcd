#!/bin/bash
# Text that becomes names: ids, kernel settings, annotations, messages to PID 1. Nothing outside of the container is
# ever named by it.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

ulimit -f 65536
dir=$(bundle plain)

test_victim() {
        [ ! -e /run/pwned ] || { echo "a command ran on the host"; return 1; }
        [ "$(systemctl is-active victim)" = active ] && [ "$(systemctl show -P MainPID victim)" = "$victim" ] &&
                grep -q /victim.service "/proc/$victim/cgroup"
}

# ---- t15: ids ----

for id in ../x . .. ./x a/b /etc '' ' ' $'a\nb' -rf --help % 'a%i' 'a\x2db' é "$(printf 'x%.0s' {1..201})" \
        @ 'a@b' ';' 'a;b' '$(id)' '~' .hidden 'a b' $'a\tb' "a'b" 'a"b' '*' 'a,b' a:b $'\x01'; do
        output=$(timeout 240 ctrctl create --bundle "$dir" -- "$id" </dev/null 2>&1)
        status=$?
        ok "id $(printf %q "$id"): refused" test $status != 0 -a $status != 124
done
ids=(a..b + "$(printf 'x%.0s' {1..200})" a.b a-b 0 _ __x)
! is_short || ids=("${ids[@]:0:3}")
for id in "${ids[@]}"; do
        ok "id \"${id:0:20}\": accepted" ctrctl create --bundle "$dir" "$id"
        ok "id \"${id:0:20}\": deleted" ctrctl delete -f "$id"
        ok "id \"${id:0:20}\": nothing is left" nothing_left "$id"
done
verbs=(state start delete kill ps pause resume exec update logs)
! is_short || verbs=(start delete exec)
for verb in "${verbs[@]}"; do
        for id in ../../etc a/b '' 'x y'; do
                output=$(timeout 240 ctrctl $verb -- "$id" </dev/null 2>&1)
                status=$?
                ok "$verb of \"$id\": refused" test $status != 0 -a $status != 124
        done
done
ok "no state of theirs" test -z "$(ls -A "$state_root")"

# ---- t13: kernel settings by other spellings ----

pattern=$(cat /proc/sys/kernel/core_pattern) files=$(cat /proc/sys/fs/file-max) panic=$(cat /proc/sys/kernel/panic)
keys=(kernel.core_pattern kernel/core_pattern /kernel/core_pattern kernel.shm/../core_pattern kernel/shmmax/../core_pattern \
        net.ipv4.../../kernel/core_pattern net/../kernel/core_pattern net/ipv4/../../kernel/core_pattern kernel.shm_rmid_forced+core_pattern \
        fs.mqueue/../file-max fs/mqueue/../file-max fs.file-max kernel.msgmax./../panic kernel.sem/../panic kernel..panic .kernel.panic \
        'kernel.panic ' net 'net.' 'net..x' kernel.domainname. net.ipv4.conf.all.../.../kernel.panic)
! is_short || keys=("${keys[@]:0:5}")
for key in "${keys[@]}"; do
        dir=$(bundle sysctl ".linux.sysctl={\"$key\":\"77\"}|.process.args=[\"/bin/true\"]")
        output=$(timeout 240 ctrctl run --bundle "$dir" sec-sysctl </dev/null 2>&1)
        ok "sysctl \"$key\": refused" test $? != 0
done
is "the host's settings are as they were" "$(cat /proc/sys/kernel/core_pattern /proc/sys/fs/file-max /proc/sys/kernel/panic)" \
        "$pattern"$'\n'"$files"$'\n'"$panic"
# A setting of a namespace that the container does not have is the host's.
for pair in network=net.ipv4.ip_forward ipc=kernel.msgmax uts=kernel.domainname; do
        dir=$(bundle sysctl ".linux.namespaces|=map(select(.type!=\"${pair%%=*}\"))|.linux.sysctl={\"${pair##*=}\":\"1\"}
                |del(.hostname)|.mounts|=map(select(.type!=\"mqueue\" and .type!=\"sysfs\"))|.process.args=[\"/bin/true\"]")
        before=$(sysctl -n "${pair##*=}")
        output=$(timeout 240 ctrctl run --bundle "$dir" sec-sysctl </dev/null 2>&1)
        ok "${pair##*=} of the host's namespace: refused" test $? != 0
        is "${pair##*=} of the host is as it was" "$(sysctl -n "${pair##*=}")" "$before"
done

# ---- t18: properties of units by annotation ----

systemd-run --quiet --unit=victim --property=Type=exec sleep 1000
ok "the victim runs" systemctl is-active --quiet victim
victim=$(systemctl show -P MainPID victim)
exec_value="[('/bin/touch', ['touch', '/run/pwned'], false)]"
while IFS='|' read -r property value; do
        dir=$(P="org.systemd.property.$property" V="$value" bundle annotation \
                '.annotations={(env.P): env.V}|.process.args=["/bin/true"]')
        output=$(timeout 240 ctrctl run --bundle "$dir" sec-annotation </dev/null 2>&1)
        ok "annotation $property: refused" test $? = 1
        like "annotation $property: the message names it" "$output" "annotations\\[\"org.systemd.property.$property\"\\]"
        ! is_short || continue
        ok "annotation $property: the victim is as it was" test_victim
        ok "annotation $property: nothing is left" nothing_left sec-annotation
done <<END
ExecStart|$exec_value
ExecStartPre|$exec_value
ExecStartPost|$exec_value
ExecStop|$exec_value
ExecStopPost|$exec_value
ExecReload|$exec_value
ExecCondition|$exec_value
PIDs|[uint32 $victim]
Conflicts|['victim.service']
PropagatesStopTo|['victim.service']
PropagatesReloadTo|['victim.service']
StopPropagatedFrom|['victim.service']
OnSuccess|['poweroff.target']
OnFailure|['poweroff.target']
JobTimeoutAction|'poweroff'
FailureAction|'poweroff-force'
SuccessAction|'exit'
StartLimitAction|'reboot'
JoinsNamespaceOf|['victim.service']
Before|['victim.service']
BindsTo|['victim.service']
Wants|['poweroff.target']
User|'nobody'
RootDirectory|'/'
BindPaths|[('/etc','/mnt',false,uint64 0)]
LoadCredential|[('x','/etc/shadow')]
EnvironmentFiles|[('/etc/passwd',false)]
Delegate|true
KillMode|'none'
SendSIGKILL|false
Slice|'system.slice'
Slice|'-.slice'
Slice|'ctr-../x.slice'
Slice|'system-ctr.slice'
DevicePolicy|'auto'
DeviceAllow|[('/dev/mem','rwm')]
TasksMax|'infinity; ExecStart=/bin/touch /run/pwned'
Description|'x\\nExecStart=/bin/touch /run/pwned'
NoSuchProperty|'x'
description|'x'
|'x'
END
ok "annotations: the victim is as it was" test_victim
ok "annotations: nothing is left" nothing_left sec-annotation
dir=$(bundle description '.annotations={"org.systemd.property.Description":"'"'"'%n $HOME ;x%%'"'"'"}')
ok "a description with specifiers" ctrctl run -d --bundle "$dir" sec-description
is "it is taken as text" "$(property sec-description Description)" '%n $HOME ;x%%'
ok "delete" ctrctl delete -f sec-description

# ---- A23: MAINPID= of a victim, from inside ----

cp "$test_build/tests/attack/notify-attack" "$test_dir/rootfs/bin/"
for edit in . '.linux.namespaces|=map(select(.type!="pid" and .type!="network"))|.mounts|=map(select(.type!="sysfs"))'; do
        dir=$(bundle notify "$edit|.process.args=[\"/bin/notify-attack\",\"$victim\",\"100\"]")
        ok "a payload that sends MAINPID=" ctrctl run -d --bundle "$dir" sec-notify
        payload=$(ctrctl state sec-notify | jq .pid)
        sleep 0.3
        # A scope has neither.
        if [ "${CTRUNIT_MODE:-}" != scope ]; then
                is "the main process is as it was" "$(property sec-notify MainPID)" "$payload"
                is "no descriptor is kept by PID 1" "$(property sec-notify NFileDescriptorStore)" 0
        fi
        ok "systemctl stop" systemctl stop "$(unit_of sec-notify)"
        ok "the victim is as it was" test_victim
        ctrctl delete -f sec-notify
        ok "nothing is left" nothing_left sec-notify
done
systemctl stop victim
done_testing
