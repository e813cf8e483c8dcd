#!/bin/bash
# Containers from archives: unpacked where nothing else can be reached, with progress, and hostile ones refused.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/manager-lib.sh"
if ! ls /usr/lib/*/libarchive.so.13 >/dev/null 2>&1; then
        echo "1..0 # SKIP libarchive13 is missing (tools/testhost --packages libarchive13)"
        exit 0
fi

call=ctr_call
store=/var/lib/ctrunit/bundles
m=(/org/ctrunit1 org.ctrunit1.Manager)
bundle base >/dev/null
rootfs=$test_dir/rootfs
printf 'daemon:x:7:8::/:/bin/sh\n' >>"$rootfs/etc/passwd"
config=$(base_config | jq '.process.args=["/bin/ctr-probe","sleep","1000"]')
from_tar() { # FILE ID CONFIG [OPTIONS...]
        local file=$1 id=$2 text=$3
        shift 3
        output=$("$call" "${m[@]}" CreateContainerFromTar 'ssha{sv}' "$id" "$text" 5 "${@:-0}" 5<"$file" 2>&1)
}
refused() { # NAME FILE [CONFIG]
        from_tar "$2" bad "${3-$config}" && output="no error: $output"
        like "$1: is refused" "$output" '^org.ctrunit1.Error.ConfigInvalid: '
        ok "$1: nothing is left" test ! -e $store/bad
}

chown 7:8 "$rootfs/root"
chmod 4755 "$rootfs/bin/ctr-probe"
ln -s /etc/passwd "$rootfs/etc/absolute"
ln "$rootfs/etc/passwd" "$rootfs/etc/hard"
tar -C "$rootfs" -cf "$test_dir/a.tar" .
gzip -k "$test_dir/a.tar"
xz -k "$test_dir/a.tar" 2>/dev/null || cp "$test_dir/a.tar.gz" "$test_dir/a.tar.xz"
for kind in tar tar.gz tar.xz; do
        ok "from $kind" from_tar "$test_dir/a.$kind" t1 "$config"
        is "State" "$(get t1 State)" 's "created"'
        works "Start" container t1 Start
        is "State" "$(get t1 State)" 's "running"'
        is "owner, mode and links" "$(cd $store/t1/rootfs && stat -c '%n %u %g %a %h' root bin/ctr-probe etc/hard && readlink etc/absolute)" \
                "$(cd "$rootfs" && stat -c '%n %u %g %a %h' root bin/ctr-probe etc/hard && readlink etc/absolute)"
        works "Delete" container t1 Delete b true
        ok "the bundle goes with it" test ! -e $store/t1
done
from_tar "$test_dir/a.tar" "" "$config"
own=$(head -1 <<<"$output")
works "Delete" container "$own" Delete b true

# ---- an archive with its own description ----

mkdir "$test_dir/flist"
cp -a "$rootfs" "$test_dir/flist/rootfs"
echo '{"process":{"args":["/bin/sh","-c","echo said $A; sleep 1000"],"env":["A=b","PATH=/bin"],"user":"daemon"},"hostname":"flist","exposedPorts":["80/tcp"]}' >"$test_dir/flist/meta.json"
tar -C "$test_dir/flist" -cf "$test_dir/flist.tar" rootfs meta.json
ok "meta.json and rootfs/" from_tar "$test_dir/flist.tar" f1 ''
works "Start" container f1 Start
ok "its command" eventually 5 in_journal 'said b'
is "its user" "$(stat -c %u "/proc/$(property f1 MainPID)")" 7
works "Delete" container f1 Delete b true
echo '{"linux":{}}' >"$test_dir/flist/meta.json"
tar -C "$test_dir/flist" -cf "$test_dir/wrong.tar" rootfs meta.json
refused "meta.json that wants too much" "$test_dir/wrong.tar" ''
like "is named" "$output" '"linux"'
tar -C "$test_dir/flist" -cf "$test_dir/wrong.tar" rootfs meta.json -C / etc/hostname
refused "a third name" "$test_dir/wrong.tar" ''

# ---- hostile ones ----

python3 - "$test_dir" <<'EOF'
import io, sys, tarfile
d = sys.argv[1]
def archive(name, *members):
    with tarfile.open(f"{d}/{name}.tar", "w") as t:
        for member, kind, target in members:
            i = tarfile.TarInfo(member)
            i.type = kind
            i.linkname = target or ""
            data = b"canary\n" if kind == tarfile.REGTYPE else b""
            i.size = len(data)
            t.addfile(i, io.BytesIO(data))
F, L, H = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
archive("dotdot", ("../../../../../../srv/canary", F, None))
archive("absolute", ("/srv/canary", F, None))
archive("through", ("a", L, "/srv"), ("a/canary", F, None))
archive("relative", ("a", L, "../../../../../../srv"), ("a/canary", F, None))
archive("hardlink", ("b", H, "/etc/shadow"), ("b", F, None))
archive("hardlink2", ("b", H, "../../../../../../etc/hostname"))
archive("empty")
EOF
head -c 100000 "$test_dir/a.tar" >"$test_dir/cut.tar"
head -c 100000 /dev/urandom >"$test_dir/noise.tar"
: >"$test_dir/nothing.tar"
before=$(stat -c '%i %s %h' /etc/shadow /etc/hostname)
for name in dotdot absolute through relative hardlink hardlink2 empty cut noise nothing; do
        refused "$name" "$test_dir/$name.tar"
done
ok "nothing came out" test ! -e /srv/canary
is "nothing was touched" "$(stat -c '%i %s %h' /etc/shadow /etc/hostname)" "$before"
refused "a good archive with a bad configuration" "$test_dir/a.tar" '{"ociVersion":1}'
exec 6</
fails "a directory instead" ConfigInvalid manager CreateContainerFromTar 'ssha{sv}' bad "$config" 6 0
ok "no bundle is left" test -z "$(ls $store)"

# Once more of the same is enough.
[ -z "${CTR_MANAGER_KILL:-}" ] || done_testing

# ---- the unit that unpacks ----

head -c 300000000 /dev/zero >"$rootfs/large"
tar -C "$rootfs" -cf "$test_dir/large.tar" .
listen "member='Progress'"
from_tar "$test_dir/large.tar" big "$config" &
unit() { systemctl list-units --plain --no-legend 'ctr-job-*' | awk '/CreateContainerFromTar/ { print $1 }'; }
# Not its beginning, which is still PID 1's. It waits while it is looked at.
unpacking() { [ -e $store/big/rootfs ] && running; }
test_lacks_annotation() { ! container big GetAnnotations | grep taken; }
running() {
        u=$(unit)
        [ -n "$u" ] && pid=$(systemctl show -P MainPID "$u") && [ "$(readlink "/proc/$pid/exe")" = /usr/lib/ctrunit/ctr-worker ] &&
                kill -STOP "$pid"
}
eventually 10 running
show=$(systemctl show "$u" -p ProtectSystem -p PrivateNetwork -p NoNewPrivileges -p CapabilityBoundingSet -p ReadWritePaths \
        -p SystemCallFilter -p DevicePolicy)
is "may write at one place" "$(grep -E 'ProtectSystem|ReadWrite' <<<"$show" | sort | tr '\n' ' ')" 'ProtectSystem=strict ReadWritePaths=/var/lib/ctrunit '
like "cannot make a socket" "$show" '^SystemCallFilter=~.* socket(:EPERM)?( |$)'
like "nor open the nodes that it makes" "$show" '^DevicePolicy=closed$'
is "has no network" "$(grep PrivateNetwork <<<"$show")" PrivateNetwork=yes
ok "has no capability but those of files" test "$((0x$(awk '/CapEff/ { print $2 }' "/proc/$pid/status") & ~0x8800001b))" = 0
kill -CONT "$pid"
wait %2 2>/dev/null
is "is done" "$(get big State)" 's "created"'
test_whole() { jq -c .payload.data "$test_dir/signals" | tail -1 | jq -e '.[1] == .[2]'; }
ok "progress says the whole in the end" eventually 5 test_whole
ok "progress came several times" test "$(wc -l <"$test_dir/signals")" -ge 2
kill "$monitor"
works "Delete" container big Delete b true

# What it answers is what it read, even if an archive has made it say more: here by somebody who has its socket.
from_tar "$test_dir/large.tar" big "$config" &
eventually 10 unpacking
jq -c '{ id: "big", meta: "", config: (.hostname = "taken" | tojson), options: { annotations: { taken: "yes" } }, "": 0 }' <<<"$config" >"$test_dir/said"
ok "a unit that says more than it was asked" python3 "$(dirname "$0")/../attack/say.py" "$pid" "$test_dir/said"
wait
kill -KILL "$pid"
is "the container is there" "$(get big State)" 's "created"'
is "and is the client's" "$(container big GetConfig | unquoted | jq -r .hostname)" "$(jq -r .hostname <<<"$config")"
ok "with nothing added" test_lacks_annotation
works "Delete" container big Delete b true
ok "no job is left" no_jobs
done_testing
