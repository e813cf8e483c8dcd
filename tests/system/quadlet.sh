#!/bin/bash
# Containers made from the keys of .container files, as a user makes them: write a file, daemon-reload, systemctl.
. "$(dirname "$0")/lib.sh"

etc=/etc/ctrunit/containers
run=/run/ctrunit/config/containers
lib=/usr/lib/ctrunit/containers
root=$test_dir/rootfs
mkdir -p $etc $run $lib
make_rootfs "$root"
mkdir -p "$root"/{data,cache,logs,runtime,files,work,var/tmp,run/secrets,etc}
printf 'root:x:0:0:root:/root:/bin/sh\nweb:x:101:102:web:/data:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nweb:x:102:\naudio:x:29:web\nvideo:x:44:\n' >"$root/etc/group"

# container NAME TEXT: a file with the shared root and a program that stays; TEXT are more lines of [Container] and of
# other sections.
container() {
        printf '[Container]\nRootfs=%s\nExec=/bin/ctr-probe sleep 1000\n%s\n' "$root" "$2" >"$etc/$1.container"
}
reload() { systemctl daemon-reload; }
status() { systemctl status --no-pager --full "$(unit_of "$1")" 2>&1; } # NAME
is_active() { systemctl is-active --quiet "$(unit_of "$1")"; }
inside() { ctrctl exec "$@"; }
fact() { inside "$1" /bin/ctr-probe facts | sed -n "s/^$2=//p"; } # NAME KEY
not() { ! "$@"; }
# restarted NAME TEXT: written anew, and running as written. Until it has its handler the first process of a pid
# namespace does not hear SIGTERM at all: the next one would wait for TimeoutStopSec=.
restarted() {
        container "$1" "$2" && reload && systemctl restart "$(unit_of "$1")" && eventually 10 hears_term "$(unit_of "$1")" && return
        journalctl -q --no-pager -o cat -u "$(unit_of "$1")" -n 5
        return 1
}

hears_term() { # UNIT: or is another program
        local pid
        pid=$(systemctl show -P MainPID "$1")
        [[ $(readlink "/proc/$pid/exe") != */ctr-probe ]] || (( 0x$(awk '/^SigCgt/ { print $2 }' "/proc/$pid/status") & 0x4000 ))
}

# ---- the way of a user ----

container web 'Environment=A=1 "B=two words"
ReloadSignal=HUP
[Unit]
Description=Our web server
[Service]
Restart=on-failure
[Install]
WantedBy=quadlet-test.target'
printf '[Unit]\nDescription=%s\n' wants >/run/systemd/system/quadlet-test.target
ok "ctrctl check of the file" ctrctl check $etc/web.container
ok "daemon-reload" reload
ok "systemctl start" systemctl start ctr@web
ok "active" is_active web
is "the program runs" "$(tr '\0' ' ' </proc/"$(property web MainPID)"/cmdline)" "/bin/ctr-probe sleep 1000 "
is "description" "$(property web Description)" "Our web server"
is "source" "$(property web SourcePath)" $etc/web.container
is "NeedDaemonReload" "$(property web NeedDaemonReload)" no
is "status of the container" "$(status_of web)" running
is "host name: the id" "$(inside web hostname)" web
is "variables" "$(fact web env.B)$(fact web env.A)" "two words1"
like "defaults: few capabilities" "$(inside web cat /proc/self/status)" '^CapBnd:[[:space:]]00000000800005fb$'
like "defaults: a system call filter" "$(inside web cat /proc/self/status)" '^Seccomp:[[:space:]]2$'
like "defaults: no new privileges" "$(inside web cat /proc/self/status)" '^NoNewPrivs:[[:space:]]1$'
exits "defaults: the root is read-only" 1 inside web touch /new
ok "defaults: /tmp is not" inside web touch /tmp/new
is "defaults: no network but lo" "$(inside web ls /sys/class/net)" lo
exits "reload with a signal: the default action ends the probe" 0 systemctl reload ctr@web
ok "Restart= of [Service]" eventually 10 is_active web
man=$(command -v man >/dev/null && echo yes || echo no)
ok "systemd-analyze verify" systemd-analyze verify --man="$man" /run/systemd/generator/ctr@web.service
is "systemd-analyze verify is silent" "$(systemd-analyze verify --man="$man" /run/systemd/generator/ctr@web.service 2>&1 | grep -i ctr@)" ""
ok "systemctl stop" systemctl stop ctr@web
ok "nothing is left" nothing_left web
ok "WantedBy: the target starts it" systemctl start quadlet-test.target
ok "WantedBy: active" eventually 5 is_active web
systemctl stop ctr@web quadlet-test.target
printf '[Container]\nRootfs=%s\nExec=/bin/sh -c "echo out; echo $A"\nEnvironment=A=journal\n' "$root" >$etc/say.container
reload
systemctl start ctr@say
said() { journalctl -q --no-pager -o cat -u ctr@say | grep -qx journal; }
ok "journalctl -u" eventually 5 said
like "journalctl by name" "$(journalctl -q --no-pager -o cat CONTAINER_NAME=say)" '^out$'
rm $etc/say.container

# ---- drop-ins ----

mkdir -p $etc/web.container.d $run/web.container.d
printf '[Container]\nEnvironment=A=2\nHostName=dropped\n' >$run/web.container.d/20-b.conf
printf '[Container]\nEnvironment=A=3\n[Service]\nTasksMax=50\n' >$etc/web.container.d/10-a.conf
reload
ok "with additions" systemctl restart ctr@web
is "a later addition counts" "$(fact web env.A)$(inside web hostname)" 2dropped
is "what it does not change stays" "$(fact web env.B)" "two words"
is "an addition to [Service]" "$(property web TasksMax)" 50
printf '[Container]\nHostName=etc\n' >$etc/web.container.d/20-b.conf
reload
ok "an addition in /etc takes the place of one in /run" systemctl restart ctr@web
is "it counts" "$(fact web env.A)$(inside web hostname)" 3etc
ln -sf /dev/null $etc/web.container.d/20-b.conf
reload
systemctl restart ctr@web
is "a link to /dev/null takes one away" "$(inside web hostname)" web
systemctl stop ctr@web
rm -r $etc/web.container.d $run/web.container.d

# ---- templates, additions for several containers ----

printf '[Unit]\nDescription=%%p %%i\n[Container]\nRootfs=%s\nExec=/bin/ctr-probe sleep 1000\nEnvironment=SITE=%%i\n' "$root" >$lib/my-site@.container
ln -s $lib/my-site@.container $etc/my-site@one.container
ln -s my-site@.container $lib/my-site@two.container
mkdir -p $etc/my-site@.container.d $etc/container.d $lib/container.d $run/my-.container.d
printf '[Container]\nEnvironment=A=all B=all C=all\n' >$lib/container.d/10-all.conf
printf '[Container]\nEnvironment=A=prefix B=prefix\n' >$run/my-.container.d/20-prefix.conf
printf '[Container]\nEnvironment=A=template\n' >$etc/my-site@.container.d/30-template.conf
printf '[Container]\nEnvironment=A=wider\n' >$etc/container.d/30-template.conf
reload
ok "a template: its instances" systemctl start ctr@my-site-one ctr@my-site-two
is "a template: %i and %p" "$(fact my-site-one env.SITE) $(property my-site-two Description)" "one my-site two"
is "a template: additions of all three kinds, the narrower one wins" "$(fact my-site-one env.A) $(fact my-site-one env.B) $(fact my-site-one env.C)" "template prefix all"
is "a template: NeedDaemonReload" "$(property my-site-one NeedDaemonReload)" no
exits "a template: no container by itself" 5 systemctl start ctr@my-site-
exits "a template: ctrctl check of an instance" 0 ctrctl check $etc/my-site@one.container
like "a template: ctrctl check of itself" "$(ctrctl check $lib/my-site@.container 2>&1)" 'a template is no container'
like "a template: ctrctl plan of an instance" "$(ctrctl plan $etc/my-site@one.container 2>&1)" 'A=template'
systemctl stop ctr@my-site-one ctr@my-site-two
ln -s /dev/null $run/my-site@two.container
reload
is "a template: a link to /dev/null masks an instance" "$(systemctl show -P LoadState ctr@my-site-one ctr@my-site-two | xargs)" "loaded not-found"
rm -r $lib/my-site@* $etc/my-site@* $run/my-* $lib/container.d $etc/container.d
reload

# ---- changes ----

reload
systemctl start ctr@web
container web 'HostName=changed'
is "NeedDaemonReload of a changed file" "$(property web NeedDaemonReload)" yes
exits "restart without daemon-reload is refused" 1 systemctl restart ctr@web
like "it says what to do" "$(journalctl -q --no-pager -o cat -u ctr@web -n 20)" "$etc/web.container: configuration changed.*systemctl daemon-reload"
reload
ok "after it" systemctl restart ctr@web
is "the new file counts" "$(inside web hostname)" changed
systemctl stop ctr@web

# ---- users ----

ok "User= by name" restarted web 'User=web'
is "User= by name: ids" "$(fact web uid):$(fact web gid):$(fact web groups)" 101:102:29
ok "User= and Group= by number" restarted web $'User=7\nGroup=8\nGroupAdd=44 audio'
is "User= and Group= by number: ids" "$(fact web uid):$(fact web gid):$(fact web groups)" 7:8:29,44
like "a user holds no capability" "$(inside web cat /proc/self/status)" '^CapEff:[[:space:]]0000000000000000$'
ok "User= and AddCapability=" restarted web $'User=7\nAddCapability=NET_RAW'
like "but what is added" "$(inside web cat /proc/self/status)" '^CapAmb:[[:space:]]0000000000002000$'
container web 'User=nobody-here'
reload
exits "a user that is not there" 1 systemctl restart ctr@web
like "a user that is not there: file, line, key" "$(journalctl -q --no-pager -o cat -u ctr@web -n 20)" \
        "$etc/web.container:4:1: User: user \"nobody-here\" is not in /etc/passwd"

# ---- environment ----

printf '# comment\nC=from file\n  D="as it is"\nA=file\n' >"$test_dir/variables"
systemctl set-environment QUADLET_HOST=yes
ok "EnvironmentFile=" restarted web "Environment=A=key
EnvironmentFile=$test_dir/variables
EnvironmentFile=-$test_dir/absent
EnvironmentHost=yes"
is "EnvironmentFile=: variables" "$(fact web env.C)|$(fact web env.D)|$(fact web env.A)" 'from file|"as it is"|key'
is "EnvironmentHost=: the manager's" "$(fact web env.QUADLET_HOST)" yes
is "EnvironmentHost=: not the service's own" "$(fact web env.INVOCATION_ID)$(fact web env.RUNTIME_DIRECTORY)$(fact web env.SYSTEMD_EXEC_PID)" ""
systemctl unset-environment QUADLET_HOST
printf 'no assignment\n' >"$test_dir/variables"
exits "a bad line" 1 systemctl restart ctr@web
like "a bad line: both places" "$(journalctl -q --no-pager -o cat -u ctr@web -n 20)" \
        "$etc/web.container:5:1: EnvironmentFile: $test_dir/variables:1: \"no assignment\" is not NAME=VALUE"

# ---- volumes ----

mkdir -p "$test_dir/files"
echo seen >"$test_dir/files/one"
ok "volumes" restarted web "User=web
Volume=state:/data
Volume=cache:/cache
Volume=logs:/logs
Volume=runtime:/runtime
Volume=state/more:/work
Volume=$test_dir/files:/files:ro"
is "a bind" "$(inside web cat /files/one)" seen
exits "a read-only bind" 1 inside web touch /files/two
for pair in state:/data:/var/lib/ctrunit/web cache:/cache:/var/cache/ctrunit/web logs:/logs:/var/log/ctrunit/web \
        runtime:/runtime:/run/ctrunit/volumes/web; do
        IFS=: read -r kind target source <<<"$pair"
        ok "$kind: the payload's user writes" inside web sh -c "echo $kind >$target/file"
        is "$kind: on the host" "$(cat "$source/data/file")" "$kind"
        is "$kind: its owner on the host" "$(stat -c %u:%g "$source/data")" 101:102
done
ok "state/NAME" inside web touch /work/file
ok "state/NAME: on the host" test -e /var/lib/ctrunit/web/more/file
is "StateDirectory=" "$(property web StateDirectory)" ctrunit/web
ok "restart" systemctl restart ctr@web
is "what is in state stays" "$(inside web cat /data/file)" state
is "and whose it is" "$(inside web stat -c %u /data/file)" 101
systemctl stop ctr@web
ok "runtime goes with the container" test ! -e /run/ctrunit/volumes/web
ok "systemctl clean --what=cache" systemctl clean --what=cache ctr@web
ok "cache is gone, state is not" test ! -e /var/cache/ctrunit/web -a -e /var/lib/ctrunit/web/data/file
ok "systemctl clean --what=state" systemctl clean --what=state ctr@web
ok "state is gone" test ! -e /var/lib/ctrunit/web
systemctl clean --what=logs ctr@web

# The host may have no time zones; what is bound is a file of that name.
zone=/usr/share/zoneinfo/Test/Quadlet
mkdir -p "$(dirname $zone)"
echo zone >$zone
ok "Tmpfs=, Mount=, ShmSize=, Timezone=" restarted web "ReadOnlyTmpfs=no
ShmSize=2m
Tmpfs=/work:size=1m,mode=1777
Mount=type=tmpfs,dst=/cache,tmpfs-size=3m
Mount=type=bind,src=$test_dir/files,dst=/files,ro
Timezone=Test/Quadlet"
is "Timezone=" "$(inside web cat /etc/localtime)" zone
rm -r /usr/share/zoneinfo/Test
is "sizes" "$(inside web sh -c 'df -k /dev/shm /work /cache | awk "NR>1{print \$2}" | tr "\n" " "')" "2048 1024 3072 "
is "Mount=type=bind" "$(inside web cat /files/one)" seen
exits "ReadOnlyTmpfs=no" 1 inside web touch /tmp/new
ok "ReadOnly=no" restarted web 'ReadOnly=no'
ok "ReadOnly=no: the root is writable" inside web sh -c 'touch /new && rm /new'
ok "Mask=, Unmask=" restarted web $'Mask=/proc/version:/etc/group\nUnmask=/proc/timer_l*:/proc/sys'
is "Mask=" "$(inside web cat /proc/version /etc/group)" ""
ok "Unmask=: no longer read-only" inside web sh -c 'echo changed-by-test >/proc/sys/kernel/hostname; test "$(hostname)" = changed-by-test || ! test -w /proc/sys/kernel/hostname'
not_mounted() { ! inside web grep -q " $1 " /proc/self/mountinfo; }
ok "Unmask=: not mounted over" not_mounted /proc/sys
ok "what is not named stays" inside web sh -c 'grep -q " /proc/fs " /proc/self/mountinfo'

# ---- privileges ----

ok "capabilities" restarted web $'DropCapability=all\nAddCapability=CAP_KILL net_raw'
like "DropCapability=all, AddCapability=" "$(inside web cat /proc/self/status)" '^CapEff:[[:space:]]0000000000002020$'
ok "NoNewPrivileges=no" restarted web 'NoNewPrivileges=no'
like "NoNewPrivileges=no: said inside" "$(inside web cat /proc/self/status)" '^NoNewPrivs:[[:space:]]0$'
ok "SeccompProfile=unconfined" restarted web 'SeccompProfile=unconfined'
like "SeccompProfile=unconfined: said inside" "$(inside web cat /proc/self/status)" '^Seccomp:[[:space:]]0$'
echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":28}]}' >"$test_dir/profile.json"
ok "SeccompProfile=FILE" restarted web "SeccompProfile=$test_dir/profile.json"
like "SeccompProfile=FILE: it counts" "$(inside web mkdir /tmp/x 2>&1)" 'No space left'
echo '{"defaultAction":"SCMP_ACT_ALLOWED"}' >"$test_dir/profile.json"
exits "a profile with a mistake" 1 systemctl restart ctr@web
like "a profile with a mistake: which" "$(journalctl -q --no-pager -o cat -u ctr@web -n 20)" 'linux.seccomp.defaultAction'
# As podman and docker write them: rules for architectures and for capabilities.
cat >"$test_dir/profile.json" <<JSON
{ "defaultAction": "SCMP_ACT_ALLOW", "archMap": [ { "architecture": "SCMP_ARCH_X86_64", "subArchitectures": [ "SCMP_ARCH_X86" ] } ],
  "syscalls": [
    { "names": [ "mkdir", "mkdirat" ], "action": "SCMP_ACT_ERRNO", "errno": "ENOSPC", "excludes": { "caps": [ "CAP_SYS_CHROOT" ] } },
    { "names": [ "symlink", "symlinkat" ], "action": "SCMP_ACT_ERRNO", "errnoRet": 28, "includes": { "arches": [ "s390x" ] } },
    { "name": "rmdir", "action": "SCMP_ACT_ERRNO", "errnoRet": 28, "comment": "for all", "includes": {}, "excludes": {} } ] }
JSON
ok "SeccompProfile=FILE with conditions" restarted web "SeccompProfile=$test_dir/profile.json"$'\nDropCapability=SYS_CHROOT'
is "SeccompProfile=FILE with conditions: what counts here" \
        "$(inside web sh -c 'cd /tmp; mkdir x 2>&1; ln -s a s 2>&1; rmdir nothing 2>&1' | sed 's/.*: //')" \
        $'No space left on device\nNo space left on device'
ok "SeccompProfile=FILE, and the capability" restarted web "SeccompProfile=$test_dir/profile.json"$'\nAddCapability=SYS_CHROOT'
ok "SeccompProfile=FILE: a rule that it takes away" inside web mkdir /tmp/x
sed -i 's/excludes/exclude/' "$test_dir/profile.json"
exits "SeccompProfile=FILE: an unknown condition" 1 systemctl restart ctr@web
like "SeccompProfile=FILE: an unknown condition: where" "$(journalctl -q --no-pager -o cat -u ctr@web -n 20)" 'profile.json:3:[0-9]+: syscalls\[0\].exclude: not known'
systemctl reset-failed ctr@web
ok "Ulimit=, Sysctl=" restarted web $'Ulimit=nofile=100:200\nUlimit=core=0\nSysctl=net.ipv4.ip_forward=1 "kernel.shm_rmid_forced=1"'
is "Ulimit=" "$(inside web sh -c 'ulimit -Sn; ulimit -Hn; ulimit -c' | tr '\n' ' ')" "100 200 0 "
is "Sysctl=" "$(inside web cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced | tr '\n' ' ')" "1 1 "
ok "AddDevice=" restarted web $'AddDevice=/dev/zero:/dev/other:r\nAddDevice=-/dev/absent'
is "AddDevice=: the node" "$(inside web stat -c '%t:%T' /dev/other)" 1:5
like "AddDevice=: the unit" "$(systemctl cat ctr@web)" '^DeviceAllow=/dev/zero r$'
container web 'AddDevice=/dev/absent'
reload
exits "a device that is not there" 1 systemctl restart ctr@web
like "a device that is not there: which" "$(journalctl -q --no-pager -o cat -u ctr@web -n 20)" 'AddDevice: cannot find the device /dev/absent'

# ---- namespaces ----

ok "Network=host" restarted web 'Network=host'
is "Network=host: the host's namespace" "$(readlink /proc/"$(property web MainPID)"/ns/net)" "$(readlink /proc/self/ns/net)"
like "Network=host: after the network" "$(property web Wants)" network-online.target
ok "[Quadlet] DefaultDependencies=no" restarted web $'Network=host\n[Quadlet]\nDefaultDependencies=no'
ok "no Wants=network-online.target" not grep -q network-online /run/systemd/generator/ctr@web.service
ip netns add quadlet 2>/dev/null
if [ -e /run/netns/quadlet ]; then
        ok "Network=ns:PATH" restarted web 'Network=ns:/run/netns/quadlet'
        is "Network=ns:PATH: joined" "$(stat -Lc %i /proc/"$(property web MainPID)"/ns/net)" "$(stat -c %i /run/netns/quadlet)"
        systemctl stop ctr@web
        ip netns delete quadlet
else
        skip "Network=ns:PATH" "ip(8) cannot make a namespace here"
fi
chmod 755 "$test_dir"
ok "UIDMap=" restarted web $'UIDMap=0:100000:65536\nVolume=state:/data\nUser=5'
is "UIDMap=: on the host" "$(awk '/^Uid:/{print $2}' /proc/"$(property web MainPID)"/status)" 100005
ok "UIDMap=: state is the payload's" inside web touch /data/file
is "UIDMap=: owner on the host" "$(stat -c %u /var/lib/ctrunit/web/data/file)" 100005
systemctl stop ctr@web
systemctl clean --what=state ctr@web
echo 'quadlet:200000:1000' >>/etc/subuid
echo 'quadlet:300000:1000' >>/etc/subgid
ok "SubUIDMap=, SubGIDMap=" restarted web $'SubUIDMap=quadlet\nSubGIDMap=quadlet'
is "SubUIDMap=: on the host" "$(awk '/^[UG]id:/{print $2}' /proc/"$(property web MainPID)"/status | tr '\n' ' ')" "200000 300000 "
sed -i '/^quadlet:/d' /etc/subuid /etc/subgid

# ---- limits and life ----

ok "Memory=, PidsLimit=" restarted web $'Memory=64m\nPidsLimit=20'
is "Memory=" "$(property web MemoryMax)" 67108864
is "PidsLimit=" "$(property web TasksMax)" 20
ok "a key of [Service] counts before them" restarted web $'Memory=64m\n[Service]\nMemoryMax=128M\nCPUWeight=50'
is "it does" "$(property web MemoryMax) $(property web CPUWeight)" "134217728 50"
ok "StopSignal=, StopTimeout=" restarted web $'StopSignal=SIGUSR1\nStopTimeout=3'
is "StopSignal=" "$(property web KillSignal)" 10
is "StopTimeout=" "$(property web TimeoutStopUSec)" 3s
ok "ReloadCmd=" restarted web $'ReloadCmd=/bin/sh -c "echo $$B >/tmp/reloaded"\nEnvironment=B=variable'
ok "systemctl reload" systemctl reload ctr@web
like "ReloadCmd=: ran inside" "$(inside web cat /tmp/reloaded)" '^[0-9]+B$'
ok "a reload that fails" restarted web 'ReloadCmd=/bin/false'
exits "ReloadCmd=: its failure is the job's" 1 systemctl reload ctr@web
ok "the container goes on" is_active web
ok "LogOpt=" restarted web 'LogOpt=tag=mine'
like "LogOpt=tag" "$(property web LogExtraFields)" CONTAINER_TAG=mine
ok "LogDriver=none" restarted web 'LogDriver=none'
is "LogDriver=none: no output" "$(property web StandardOutput)" null
ok "Annotation=, Label=" restarted web $'Annotation=a.b=1\nLabel="c=two words"'
is "Annotation=, Label=: of the state" "$(ctrctl state web | jq -c '[.annotations["a.b"], .annotations.c]')" '["1","two words"]'
ok "Entrypoint=, WorkingDir=" restarted web $'Exec=1000\nEntrypoint=["/bin/ctr-probe","sleep"]\nWorkingDir=/work'
is "Entrypoint=, WorkingDir=: the process" "$(tr '\0' ' ' </proc/"$(property web MainPID)"/cmdline)$(readlink /proc/"$(property web MainPID)"/cwd)" \
        "/bin/ctr-probe sleep 1000 /work"
systemctl stop ctr@web

# ---- an init ----

ok "RunInit=" restarted web $'RunInit=yes\nReloadSignal=USR1\nExec=/bin/sh -c "trap \'echo got >/tmp/usr1\' USR1; trap \'exit 7\' TERM; (sleep 0.1 &); while :; do sleep 0.05; done"'
is "RunInit=: the first process" "$(inside web cat /proc/1/comm)" ctr-init
like "RunInit=: the payload is its child" "$(inside web cat /proc/2/status)" '^PPid:[[:space:]]1$'
is "RunInit=: the payload has no descriptor of ours" "$(inside web sh -c 'ls /proc/2/fd' | tr '\n' ' ' | tr -d ' 0-9')" ""
no_zombie() { ! inside web sh -c 'cat /proc/[0-9]*/status' 2>/dev/null | grep -q '^State:.*zombie'; }
ok "RunInit=: orphans are reaped" eventually 5 no_zombie
ok "RunInit=: a signal" systemctl reload ctr@web
ok "RunInit=: it reaches the payload" eventually 5 inside web test -e /tmp/usr1
exits "RunInit=: the init's program cannot be written to" 1 inside web sh -c ': >/proc/1/exe'
exits "RunInit=: stop" 0 systemctl stop ctr@web
is "RunInit=: the unit ends as the payload does" "$(journalctl -q --no-pager -o cat -u ctr@web -n 30 | grep -c 'status=7')" 1
systemctl reset-failed ctr@web
ok "RunInit= and a killed payload" restarted web $'RunInit=yes'
kill -KILL "$(cat "$(cgroup_of web)/cgroup.procs" | sort -n | tail -1)"
killed() { [ "$(property web ExecMainStatus)" = 137 ]; }
ok "RunInit=: 128 plus the signal" eventually 5 killed
systemctl reset-failed ctr@web
container web $'RunInit=yes\nExec=/bin/nope'
reload
exits "RunInit= and no such program" 1 systemctl start ctr@web
like "RunInit= and no such program: said" "$(journalctl -q --no-pager -o cat -u ctr@web -n 10)" '"/bin/nope"'
is "RunInit= and no such program: 203" "$(property web ExecMainStatus)" 203
systemctl reset-failed ctr@web
container web $'RunInit=yes\nExec=/bin/true'
reload
ok "RunInit= and a program that ends at once" systemctl start ctr@web
systemctl stop ctr@web

# ---- readiness and ports ----

container ready $'Notify=yes\nExec=/bin/sh -c "sleep 2; exec ctr-probe notify READY=1 sleep 1000"'
reload
start=$(date +%s%N)
ok "Notify=: systemctl start" systemctl start ctr@ready
ok "Notify=: waits until the program says so" test $((($(date +%s%N) - start) / 1000000)) -ge 1900
systemctl stop ctr@ready
container door $'PublishPort=127.0.0.1:18090:80\nExec=/bin/ctr-probe listen 80'
reload
ok "PublishPort=: the socket" systemctl start ctr-fwd@door-18090.socket
is "PublishPort=: nothing runs before" "$(property door ActiveState)" inactive
answers() { [ "$(timeout 240 bash -c 'exec 9<>/dev/tcp/127.0.0.1/18090 && head -n 1 <&9' 2>/dev/null)" = 'hello from inside' ]; }
ok "PublishPort=: a connection starts the container, and it answers" eventually 10 answers
is "PublishPort=: the container is up" "$(property door ActiveState)" active
systemctl stop ctr-fwd@door-18090.socket 'ctr-fwd@door-*.service' ctr@door
rm $etc/door.container $etc/ready.container
reload

# ---- an overlay ----

echo below >"$root/file"
sed "s|^Rootfs=.*|&:O|" $etc/web.container >$etc/layer.container
sed -i 's|^Exec=.*|Exec=/bin/ctr-probe sleep 1000|; /RunInit/d' $etc/layer.container
reload
ok "Rootfs=DIR:O" systemctl start ctr@layer
ok "Rootfs=DIR:O: writable" inside layer sh -c 'echo above >/file && rm /bin/ctr-probe && touch /etc/new'
is "Rootfs=DIR:O: inside" "$(inside layer cat /file)" above
is "Rootfs=DIR:O: the directory is as it was" "$(cat "$root/file")$(ls "$root/bin/ctr-probe" "$root/etc/new" 2>/dev/null | wc -l)" below1
is "Rootfs=DIR:O: mode of the root" "$(inside layer stat -c %a /)" "$(stat -c %a "$root")"
is "Rootfs=DIR:O: one mount is the root" "$(inside layer sh -c 'grep -c " / / " /proc/self/mountinfo')" 1
ok "Rootfs=DIR:O: restart" systemctl restart ctr@layer
is "Rootfs=DIR:O: all is forgotten" "$(inside layer cat /file)" below
systemctl stop ctr@layer
printf 'UIDMap=0:100000:65536\n' >>$etc/layer.container
chown -R 100000:100000 "$root/tmp" "$root/files"
reload
ok "Rootfs=DIR:O with a user namespace" systemctl start ctr@layer
ok "Rootfs=DIR:O with a user namespace: writable" inside layer touch /files/new
ok "Rootfs=DIR:O with a user namespace: not the directory" test ! -e "$root/files/new"
systemctl stop ctr@layer
rm $etc/layer.container "$root/file"
chown -R 0:0 "$root/tmp" "$root/files"

# ---- secrets ----

mkdir -p /etc/credstore
(umask 077 && echo hidden >/etc/credstore/quadlet-token)
ok "Secret=" restarted web $'User=web\nSecret=quadlet-token\nSecret=quadlet-token,target=other'
is "Secret=: the file" "$(inside web cat /run/secrets/quadlet-token /run/secrets/other | tr '\n' ' ')" "hidden hidden "
is "Secret=: its user's alone" "$(inside web stat -c %u:%a /run/secrets/other)" 101:400
ok "Secret=: in no variable" not grep -q hidden /proc/"$(property web MainPID)"/environ
ok "Secret=: not in the state" not grep -rq hidden $state_root/web
container web 'Secret=quadlet-absent'
reload
exits "a secret that is not there" 1 systemctl restart ctr@web
like "a secret that is not there: where to put it" "$(journalctl -q --no-pager -o cat -u ctr@web -n 20)" \
        "$etc/web.container:4:1: Secret: there is no credential \"quadlet-absent\": put it into the file /etc/credstore/quadlet-absent"
rm /etc/credstore/quadlet-token
systemctl stop ctr@web
systemctl reset-failed ctr@web

# ---- names ----

container file $'ContainerName=other\nServiceName=www@other'
container user $'[Unit]\nRequires=file.container\nAfter=file.container'
reload
ok "ContainerName=" systemctl start ctr@other
is "ContainerName=: the id" "$(ctrctl list -q)" other
is "ServiceName=: one more name" "$(systemctl show -P Id www@other)" ctr@other.service
systemctl stop ctr@other
ok "a dependency on the file's name" systemctl start ctr@user
ok "it started the other" is_active other
like "as its unit" "$(property user Requires)" ctr@other.service
systemctl stop ctr@user ctr@other
rm $etc/file.container $etc/user.container

# ---- dependencies ----

container db ''
for key in Requires BindsTo Wants; do
        container app "[Unit]
$key=db.container
After=db.container"
        reload
        systemctl start ctr@app
        ok "$key=db.container starts it first" is_active db
        systemctl stop ctr@db
        case $key in
        Requires | BindsTo) ok "$key: stopped with it" eventually 5 not is_active app ;;
        Wants) ok "Wants: goes on" is_active app ;;
        esac
        systemctl stop ctr@app ctr@db
done
container app $'[Unit]\nPartOf=db.container'
reload
systemctl start ctr@db ctr@app
pid=$(property app MainPID)
systemctl restart ctr@db
is_another() { is_active app && [ "$(property app MainPID)" != "$pid" ]; }
ok "PartOf: restarted with it" eventually 5 is_another
systemctl stop ctr@db
ok "PartOf: stopped with it" eventually 5 not is_active app
container db $'[Unit]\nUpholds=app.container'
reload
systemctl start ctr@db
ok "Upholds: started" eventually 5 is_active app
systemctl stop ctr@db ctr@app
rm $etc/db.container $etc/app.container

# ---- mistakes ----

# broken NAME LINES PATTERN: a stub with the reason.
broken() {
        container stub "$2"
        reload
        like "$1" "$(status stub)" "$3"
}
broken "an unknown key: file, line, nearest" 'Enviroment=A=1' "$etc/stub.container:4:1: Enviroment: unknown key in \[Container\], did you mean \"Environment\"\?"
exits "its start fails" 1 systemctl start ctr@stub
is "with 78" "$(property stub ExecMainStatus)" 78
broken "images" 'Image=nginx' 'Image: not possible here: there are no images here: unpack one into a directory and name that by Rootfs='
broken "ports of a range" 'PublishPort=80-90:80' 'the two ranges differ in length'
broken "udp" 'ExposeHostPort=53/udp' 'ExposeHostPort: not possible here: use systemd-socket-proxyd'
broken "health" 'HealthStartupCmd=true' 'HealthStartupCmd: needs HealthCmd= beside it'
broken "pods" 'Pod=a.pod' 'Pod: there is no a.pod'
broken "networks" 'Network=bridge' 'Network: "bridge" is not supported'
broken "a capability" 'AddCapability=CAP_NET_ROW' 'AddCapability: "CAP_NET_ROW" is not a capability'
broken "a boolean" 'ReadOnly=maybe' 'ReadOnly: "maybe" is not valid, expected yes or no'
broken "a named volume" 'Volume=data:/data' 'Volume: "data" is no volume: use state:'
broken "relabelling" 'Volume=/srv:/data:Z' 'Volume: the option "Z" is not supported'
broken "a map that overlaps" $'UIDMap=0:1000:10\nUIDMap=5:5000:10' 'linux.uidMappings\[1\]: overlaps'
broken "a sysctl of the host" 'Sysctl=vm.swappiness=1' 'linux.sysctl'
mkdir -p $etc/stub
base_config >$etc/stub/config.json
broken "beside a config.json" '' "cannot stand beside $etc/stub/config.json"
rm -r $etc/stub
printf '[Container]\nExec=/bin/true\n' >$etc/stub.container
reload
like "no root" "$(status stub)" 'needs Rootfs='
like "ctrctl check says the same" "$(ctrctl check $etc/stub.container 2>&1)" 'stub.container: \[Container\] needs Rootfs='
exits "ctrctl run of such a file" 1 ctrctl run --config $etc/stub.container stub
like "ctrctl run of such a file: what to do" "$output" 'systemctl start ctr@stub.service'
rm $etc/stub.container

rm -f $etc/web.container /run/systemd/system/quadlet-test.target
reload
systemctl reset-failed 'ctr@*' 2>/dev/null
ok "nothing is left" nothing_left web
is "no unit of ours is left" "$(systemctl list-units --all --plain --no-legend 'ctr@*')" ""
done_testing
