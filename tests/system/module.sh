#!/bin/bash
# Containers of less than a bundle by ctrctl: mod-create, mod-run and import.
. "$(dirname "$0")/lib.sh"

store=/var/lib/ctrunit/bundles
bundle base >/dev/null
rootfs=$test_dir/rootfs
printf 'daemon:x:7:8::/:/bin/sh\n' >>"$rootfs/etc/passwd"
printf 'daemon:x:8:\n' >>"$rootfs/etc/group"
said() { journalctl --no-pager -o cat -u "ctr@$1" SYSLOG_IDENTIFIER="$1" + _SYSTEMD_UNIT="ctr@$1.service" | grep -qE "^$2$"; }
none_stored() { test -z "$(ls $store 2>/dev/null)"; }
no_jobs() { eventually 10 test_no_jobs; }
test_no_jobs() { ! systemctl list-units --all --no-legend 'ctr-job-*' | grep .; }
# refuses NAME PATTERN COMMAND...: one line of error, and nothing is left.
refuses() {
        local name=$1 pattern=$2 before
        shift 2
        before=$(ctrctl list -q; ls $store 2>/dev/null)
        exits "$name: refused" "${status:-1}" "$@"
        is "$name: in one line" "$(grep -c . <<<"$output")" 1
        like "$name: says why" "$output" "$pattern"
        is "$name: nothing is left" "$(ctrctl list -q; ls $store 2>/dev/null)" "$before"
}

# ---- a root file system and a few words ----

exits "mod-create" 0 ctrctl mod-create --rootfs "$rootfs" sleep 1000
id=$output
like "prints an id of its own" "$id" '^[0-9a-f]{32}$'
is "state" "$(status_of "$id")" created
ok "start" ctrctl start "$id"
ok "its process" alone "$id"
is "no new privileges: the node's defaults" "$(ctrctl inspect "$id" | jq .config.process.noNewPrivileges)" true
ok "delete" ctrctl delete -f "$id"
ok "the bundle goes with it" none_stored
ok "nothing is left of it" nothing_left "$id"

cd "$test_dir" || exit 1
mkdir -p volume
chmod 777 volume
exits "mod-run" 0 ctrctl mod-run --rootfs rootfs --name mr1 -v volume=/data --volume "$test_dir/made/here=/made" --create-volumes \
        -e A=one --env 'B=two = three' --env PATH=/bin --user daemon:daemon --cwd /tmp --hostname words \
        sh -c 'echo "$A|$B|$(id -u):$(id -g)|$(pwd)|$(hostname)"; echo written >/data/file; ls -d /made; sleep 1000'
is "prints its id" "$output" mr1
is "runs" "$(status_of mr1)" running
ok "what the options say" eventually 5 said mr1 'one\|two = three\|7:8\|/tmp\|words'
ok "a volume that was made" eventually 5 said mr1 /made
is "written inside is on the host" "$(cat volume/file)" written
ok "delete" ctrctl delete -f mr1
ok "what was made for a volume stays, with what is in it" test -d made/here
exits "once more" 0 ctrctl mod-run --rootfs rootfs --name mr1 -- sleep 1000
refuses "an id in use" 'already exists' ctrctl mod-create --rootfs rootfs --name mr1 sleep 1
ok "which goes on" test "$(status_of mr1)" = running
ok "delete" ctrctl delete -f mr1

refuses "no root file system" '--rootfs DIR is missing' ctrctl mod-create sleep 1
refuses "one that does not exist" 'nope' ctrctl mod-run --rootfs /nope --name bad sleep 1
status=127 refuses "no such program" '"/nope"' ctrctl mod-run --rootfs rootfs --name bad --create-volumes -v "$test_dir/new/one=/x" /nope
ok "nor the volume that was made for it" test ! -e "$test_dir/new"
refuses "a volume that does not exist" "$test_dir/none" ctrctl mod-create --rootfs rootfs -v "$test_dir/none=/x" sleep 1
refuses "a volume without a place" 'DIR=PATH' ctrctl mod-create --rootfs rootfs -v "$test_dir" sleep 1
refuses "a volume with a relative place" 'DIR=PATH' ctrctl mod-create --rootfs rootfs -v "$test_dir=x" sleep 1
refuses "a variable without a value" 'NAME=VALUE' ctrctl mod-create --rootfs rootfs -e A sleep 1
refuses "a user that the image has not" 'nobodyatall' ctrctl mod-create --rootfs rootfs -u nobodyatall sleep 1
refuses "a name that is none" 'id' ctrctl mod-create --rootfs rootfs --name a/b sleep 1
refuses "a profile that is not there" 'profile|profiles' ctrctl mod-create --rootfs rootfs --profile none sleep 1
mkdir -p /etc/ctrunit/profiles
echo '{"process":{"oomScoreAdj":55,"env":["PATH=/bin","NODE=yes"]}}' >/etc/ctrunit/profiles/some.json
exits "a profile of the node" 0 ctrctl mod-run --rootfs rootfs --name mp1 --profile some sh -c 'echo "node $NODE"; exec sleep 1000'
ok "its environment" eventually 5 said mp1 'node yes'
is "its score" "$(cat "/proc/$(property mp1 MainPID)/oom_score_adj")" 55
ok "delete" ctrctl delete -f mp1
rm -r /etc/ctrunit/profiles

exits "a port" 0 ctrctl mod-run --rootfs rootfs --name mw1 -p 127.0.0.1:18182:80 --publish 127.0.0.1:18183:81/udp sleep 1000
is "listens" "$(systemctl is-active ctr-fwd@mw1-18182.socket ctr-fwd@mw1-18183-udp.socket | xargs)" "active active"
refuses "a port in use" '127.0.0.1:18182.*in use' ctrctl mod-run --rootfs rootfs --name bad -p 127.0.0.1:18182:80 sleep 1
ok "delete" ctrctl delete -f mw1
refuses "no port" '"http": expected .*HOSTPORT:PORT' ctrctl mod-create --rootfs rootfs -p http sleep 1

# ---- archives ----

if ! ls /usr/lib/*/libarchive.so.13 >/dev/null 2>&1; then
        skip "import" "libarchive13 is missing (tools/testhost --packages libarchive13)"
        done_testing
fi
mkdir flist
cp -a rootfs flist/rootfs
meta() { printf '%s\n' "$1" >flist/meta.json && tar -C flist -cf "$2" rootfs meta.json; }
meta '{"process":{"terminal":false,"args":["/bin/sh","-c","echo said $A; df -t tmpfs /scratch; exec sleep 1000"],"env":["A=b","PATH=/bin"],"user":"daemon","cwd":"/tmp"},
  "hostname":"flist","mounts":[{"destination":"/scratch","type":"tmpfs","source":"tmpfs"}],"exposedPorts":["8080/tcp","53/udp"]}' good.tar
gzip -k good.tar
exits "import, with the ports that it exposes" 0 ctrctl import --name im0 -p exposed -p 127.0.0.1:18184:81 good.tar
is "each at the same number" "$(systemctl list-units --plain --no-legend 'ctr-fwd@im0-*.socket' | awk '{ print $1 }' | sort | xargs)" \
        "ctr-fwd@im0-18184.socket ctr-fwd@im0-53-udp.socket ctr-fwd@im0-8080.socket"
ok "delete" ctrctl delete -f im0
refuses "none that it exposes" 'the image exposes no port' ctrctl mod-create --rootfs rootfs -p exposed sleep 1
dir=$(bundle images '.linux.namespaces|=((.+[{"type":"network"}])|unique)|.annotations["org.opencontainers.image.exposedPorts"]="18185/tcp,18186/udp"')
exits "ports of an image's annotation" 0 ctrctl run -d -p exposed --bundle "$dir" im0
is "are published" "$(systemctl is-active ctr-fwd@im0-18185.socket ctr-fwd@im0-18186-udp.socket | xargs)" "active active"
ok "delete" ctrctl delete -f im0
jq '.annotations["org.opencontainers.image.exposedPorts"]="80/sctp"' "$dir/config.json" >"$dir/new" && mv "$dir/new" "$dir/config.json"
refuses "ports that cannot be published" '"80/sctp", which the image exposes: only tcp and udp' ctrctl run -d -p exposed --bundle "$dir" im0
exits "import" 0 ctrctl import --name im1 good.tar
is "prints its id" "$output" im1
is "state" "$(status_of im1)" created
ok "it runs" ctrctl start im1
ok "as meta.json says" eventually 5 said im1 'said b'
ok "with a mount of its own" eventually 5 said im1 'tmpfs .* /scratch'
is "its user" "$(stat -c %u "/proc/$(property im1 MainPID)")" 7
is "inspect lists its ports" "$(ctrctl inspect im1 | jq -c '.config.annotations["org.ctrunit1.exposedPorts"] | fromjson')" '["8080/tcp","53/udp"]'
ok "delete" ctrctl delete -f im1
ok "the bundle goes with it" none_stored
exits "from a pipe, compressed, with words" 0 sh -c 'ctrctl import --env A=two - sh -c "echo other \$A; exec sleep 1000" <good.tar.gz'
id=$output
ok "it runs" ctrctl start "$id"
ok "as the words say" eventually 5 said "$id" 'other two'
ok "delete" ctrctl delete -f "$id"
tar -C rootfs -cf plain.tar .
exits "a plain root file system" 0 ctrctl import --plain --name im2 plain.tar sleep 1000
ok "it runs" ctrctl start im2
ok "delete" ctrctl delete -f im2
base_config | jq '.process.args=["/bin/sh","-c","echo configured; exec sleep 1000"]' >config.json
exits "with a configuration" 0 ctrctl import --config config.json --name im3 plain.tar
ok "it runs" ctrctl start im3
ok "as that says" eventually 5 said im3 configured
ok "delete" ctrctl delete -f im3

# What an image must not say.
while read -r name pattern json; do
        meta "$json" bad.tar
        refuses "meta.json: $name" "$pattern" ctrctl import --name bad bad.tar
done <<'TABLE'
capabilities "capabilities" {"process":{"capabilities":{}}}
top-level-capabilities "capabilities" {"capabilities":[]}
linux "linux" {"linux":{}}
hooks "hooks" {"hooks":{}}
bind mounts\[0\].*tmpfs {"mounts":[{"destination":"/x","type":"bind","source":"/etc","options":["rbind"]}]}
no-type mounts\[0\].*tmpfs {"mounts":[{"destination":"/x","source":"/etc","options":["rbind"]}]}
tmpfs-that-binds rbind {"mounts":[{"destination":"/x","type":"tmpfs","source":"/etc","options":["rbind"]}]}
port exposedPorts\[1\] {"exposedPorts":["80/tcp","80"]}
large-port exposedPorts\[0\] {"exposedPorts":["65536/tcp"]}
number args\[0\] {"process":{"args":[5]}}
not-JSON Meta {"process":
TABLE
refuses "two roots" 'RootFS|rootfs|unknown' ctrctl import --rootfs / good.tar
refuses "a configuration and words" '--config FILE says everything' ctrctl import --config config.json --env A=b plain.tar
refuses "no archive" 'none.tar' ctrctl import none.tar
refuses "a directory" 'archive' ctrctl import /srv
mkdir -p /var/lib/ctrunit
mount -t tmpfs -o size=1M none /var/lib/ctrunit
exits "a full disk" 1 ctrctl import --plain --name bad plain.tar
is "is not the archive's fault" "$output" "ctrctl: import: cannot unpack: No space left on device"
ok "nothing is left there" test -z "$(ls /var/lib/ctrunit/bundles)"
umount /var/lib/ctrunit
refuses "noise" 'archive|rchive' ctrctl import config.json
refuses "an archive without rootfs/" 'rootfs/' ctrctl import plain.tar
python3 - <<'PY'
import io, tarfile
with tarfile.open("dotdot.tar", "w") as t:
    i = tarfile.TarInfo("rootfs/../../../../../../srv/canary")
    i.size = 1
    t.addfile(i, io.BytesIO(b"x"))
PY
refuses "a name that leads out" 'canary|\.\.' ctrctl import dotdot.tar
ok "nothing came out" test ! -e /srv/canary
ok "no unit is left" no_jobs

# What the library cannot read by itself it would give to a program of the host.
printf '#!/bin/sh\ntouch /var/lib/ctrunit/canary\ncat\n' >/usr/local/bin/lrzip
chmod 755 /usr/local/bin/lrzip
{ printf 'LRZI\0\6'; head -c 4000 plain.tar; } >program.tar
refuses "an archive that wants a program of the host" 'archive' ctrctl import --plain program.tar
ok "no program was started" test ! -e /var/lib/ctrunit/canary
rm /usr/local/bin/lrzip

# A container may nest directories as deep as it likes.
ok "one that nests directories" ctrctl import --plain --name deep plain.tar sleep 1000
python3 -c 'import os
os.chdir("'$store'/deep/rootfs/tmp")
for i in range(1200):
    os.mkdir("d"); os.chdir("d")'
ok "is deleted" ctrctl delete -f deep
ok "and nothing is left" none_stored

# ---- who ends in between ----

mkfifo slow
unit() { systemctl list-units --plain --no-legend 'ctr-job-*' | awk '/import of slow/ { print $1 }'; }
unpacks() { # The unit runs, and waits for more.
        u=$(unit)
        [ -n "$u" ] && pid=$(systemctl show -P MainPID "$u") && [ "$pid" != 0 ] && [ -e $store/slow/rootfs ]
}
begin() {
        ctrctl import --plain --name slow - <slow >begun 2>&1 &
        import=$!
        exec 5>slow
        head -c 100000 plain.tar >&5
        eventually 10 unpacks
        ok "$1: is at work" test -e $store/slow/rootfs
}
begin "a unit that is looked at"
is "may write at one place" "$(systemctl show "$u" -p ProtectSystem -p ReadWritePaths | sort | tr '\n' ' ')" 'ProtectSystem=strict ReadWritePaths=/var/lib/ctrunit '
is "has no network" "$(systemctl show -P PrivateNetwork "$u")" yes
ok "has no capability but those of files" test "$((0x$(awk '/CapEff/ { print $2 }' "/proc/$pid/status") & ~0x8800001b))" = 0
# Root is who PID 1 and other daemons listen to, and a node that it may make is a disk that it might read.
show=$(systemctl show "$u" -p SystemCallFilter -p SystemCallArchitectures -p DevicePolicy)
like "cannot make a socket" "$show" '^SystemCallFilter=~.* socket(:EPERM)?( |$)'
like "nor open the nodes that it makes" "$show" '^DevicePolicy=closed$'
ok "it is filtered" grep -q '^Seccomp:.2$' "/proc/$pid/status"
mapfile -t like_it < <(sed 's/^/-p/' <<<"$show")
systemd-run -q --wait --pipe systemd-run -q touch /srv/canary >asked 2>&1
ok "another unit can ask PID 1" eventually 10 test -e /srv/canary
rm /srv/canary
systemd-run -q --wait --pipe "${like_it[@]}" systemd-run -q touch /srv/canary >asked 2>&1
is "one like it cannot ask PID 1" $? 1
ok "nothing was asked" test ! -e /srv/canary
kill -KILL "$pid"
wait "$import"
is "the unit was killed: exit status" $? 1
like "says so" "$(cat begun)" 'ended without an answer'
exec 5>&-
ok "nothing is left" none_stored
begin "an import that is interrupted"
kill -TERM "$import"
wait "$import"
is "exit status" $? 1
like "says so" "$(cat begun)" 'not unpacked'
exec 5>&-
ok "no unit is left" no_jobs
ok "nothing is left" none_stored
begin "an import that is killed"
kill -KILL "$import"
wait "$import" 2>/dev/null
exec 5>&-
ok "no unit is left" no_jobs
ok "what it leaves" ctrctl delete -f slow
ok "goes by delete -f" none_stored

cd /
done_testing
