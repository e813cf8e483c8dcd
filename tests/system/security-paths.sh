#!/bin/bash
# Hostile root file systems: links, pipes and forged files where the set-up looks for /dev, /proc and mount targets.
# Nothing of the host is ever made, changed, shown or mounted through them.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

ulimit -f 65536
host=$test_dir/host
mkdir -p "$host"
make_rootfs "$test_dir/rootfs"
echo HOSTMARK >/etc/hostmark

# attack NAME JQ-PROGRAM: $output and $attack_rc of a run with a root file system of its own, which prepare_NAME may spoil.
# Inside $R stands for that root file system.
attack() {
        local name=$1 edit=$2 dir
        dir=$test_dir/$name
        mkdir -p "$dir"
        R=$dir/rootfs
        [ -d "$R" ] || cp -a "$test_dir/rootfs" "$R"
        ! declare -F "prepare_$name" >/dev/null || "prepare_$name"
        base_config | jq --arg R "$R" --arg H "$host" ".root.path=\$R|.process.args=[\"/bin/ctr-probe\",\"facts\"]|$edit" \
                >"$dir/config.json" || return 1
        output=$(timeout 240 ctrctl run --bundle "$dir" "sec-$name" </dev/null 2>&1)
        attack_rc=$?
        [ $attack_rc != 124 ] || ctrctl delete -f "sec-$name"
}
contained() { # NAME: after an attack
        [ "$attack_rc" != 124 ] || { echo "hangs"; return 1; }
        printf '%s\n' "$output" | head -5
        nothing_left "sec-$1"
}
host_is_clean() { # the directories and names that attacks aim at
        ! find "$host" -mindepth 1 | grep . || return 1
        ! ls -d /canary* /pwn* 2>/dev/null || return 1
}
no_dev='.mounts|=map(select(.destination|startswith("/dev")|not))'

# ---- t01: a working directory that is a descriptor of the set-up ----

for n in 3 4 5 6 7 8 9 10 11 12 13 14; do
        for cwd in "/proc/self/fd/$n" "/proc/self/fd/$n/../.." "/proc/1/fd/$n"; do
                attack cwd ".process.cwd=\"$cwd\"|.process.args=[\"cat\",\"../../../../../../etc/hostmark\"]"
                case $output in *HOSTMARK*) break 2 ;; esac
        done
done
ok "run: cwd=/proc/self/fd/N never leaves the container" test_equal "${output##*HOSTMARK*}" "$output"
dir=$(bundle cwd-exec)
ok "a container to enter" ctrctl run -d --bundle "$dir" sec-cwd-exec
leaks=
for n in 3 4 5 6 7 8 9 10 11 12 13 14; do
        for cwd in "/proc/self/fd/$n" "/proc/self/fd/$n/.."; do
                leaks+=$(timeout 240 ctrctl exec --cwd "$cwd" sec-cwd-exec cat ../../../../../../etc/hostmark 2>/dev/null </dev/null)
        done
done
is "exec: --cwd /proc/self/fd/N never leaves the container" "$leaks" ""
ok "delete" ctrctl delete -f sec-cwd-exec

# ---- t04: forged /dev/null below a bind, and device names that are links ----

prepare_forged() {
        mkdir -p "$test_dir/forged-dev"
        ln -sf /canary "$test_dir/forged-dev/null"
        echo SECRET >"$R/canary"
}
attack forged "$no_dev|.mounts+=[{\"destination\":\"/dev\",\"type\":\"bind\",\"source\":\"$test_dir/forged-dev\",\"options\":[\"bind\"]}]"
ok "forged /dev/null in a bind: contained" contained forged
ok "forged /dev/null in a bind: nothing on the host" host_is_clean
is "forged /dev/null is no mask" "$(printf '%s\n' "$output" | grep -c 'mount=/proc/keys.*/canary')" 0
attack forged "$no_dev|.mounts+=[{\"destination\":\"/dev\",\"type\":\"bind\",\"source\":\"$test_dir/forged-dev\",\"options\":[\"bind\"]}]
        |.process.args=[\"/bin/ctr-probe\",\"cat\",\"/proc/keys\"]"
is "the mask is empty" "$attack_rc:$output" "0:"

prepare_devices() {
        for n in null console zero tty full random urandom ptmx fd stdin stdout stderr; do
                rm -rf "$R/dev/$n"
                ln -s "/canary-$n" "$R/dev/$n"
        done
}
attack devices "$no_dev"
ok "links in place of devices: contained" contained devices
ok "links in place of devices: nothing on the host" host_is_clean
prepare_devices_relative() {
        for n in null console zero tty; do
                rm -rf "$R/dev/$n"
                ln -s "../../../../../../../canary-$n" "$R/dev/$n"
        done
}
attack devices_relative "$no_dev"
ok "relative links in place of devices: contained" contained devices_relative
ok "relative links in place of devices: nothing on the host" host_is_clean

# ---- t05: the console, with a terminal of the caller ----

for n in devices devices_relative; do
        jq '.process.terminal=true|.process.args=["/bin/ctr-probe","facts"]' "$test_dir/$n/config.json" >"$test_dir/c"
        mv "$test_dir/c" "$test_dir/$n/config.json"
        output=$(timeout --foreground 20 script -qec "ctrctl run --bundle $test_dir/$n sec-$n" /dev/null </dev/null 2>&1)
        attack_rc=$?
        ok "terminal, /dev/console a link ($n): contained" contained "$n"
        ok "terminal, /dev/console a link ($n): nothing on the host" host_is_clean
        is "terminal, /dev/console a link ($n): no terminal on its target" \
                "$(printf '%s\n' "$output" | grep -c 'mount=/canary')" 0
done

# ---- t06: /dev itself is a link to a directory of the host ----

prepare_dev_link() {
        rm -rf "$R/dev"
        ln -s "$host" "$R/dev"
}
prepare_dev_relative() {
        rm -rf "$R/dev"
        ln -s "../../../../../../../../../..$host" "$R/dev"
}
for n in dev_link dev_relative; do
        echo precious >"$host/ptmx"
        attack $n "$no_dev"
        ok "$n: contained" contained $n
        is "$n: the host's directory is as it was" "$(ls "$host")$(cat "$host/ptmx")" "ptmxprecious"
        attack $n .
        ok "$n, with a mount on /dev: contained" contained $n
        is "$n, with a mount on /dev: the host's directory is as it was" "$(ls "$host")$(cat "$host/ptmx")" "ptmxprecious"
        rm -f "$host/ptmx"
done

# ---- t07: a mount target behind a link ----

mkdir -p "$test_dir/source" "$test_dir/vol"
echo content >"$test_dir/source/file"
prepare_target() { ln -sfn "../../../../../../../../..$host" "$R/lnk"; }
for destination in /lnk/new/deep /lnk/../lnk/deep /lnk/./a/../b; do
        attack target ".mounts+=[{\"destination\":\"$destination\",\"type\":\"bind\",\"source\":\"$test_dir/source\",\"options\":[\"bind\"]}]"
        ok "bind on $destination: contained" contained target
        ok "bind on $destination: nothing on the host" host_is_clean
        attack target ".mounts+=[{\"destination\":\"$destination\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"}]"
        ok "tmpfs on $destination: contained" contained target
        ok "tmpfs on $destination: nothing on the host" host_is_clean
done
prepare_magic() { ln -sfn /proc/1/root "$R/lnk"; ln -sfn /proc/self/fd "$R/fds"; }
for destination in /lnk/pwned /fds/3/pwned /fds/5/pwned /proc/self/root/pwned; do
        attack magic ".mounts+=[{\"destination\":\"$destination\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"}]"
        ok "tmpfs on $destination: contained" contained magic
        ok "tmpfs on $destination: nothing on the host" test ! -e /pwned
done
prepare_cwd_made() { ln -sfn "$host" "$R/job"; }
attack cwd_made '.process.cwd="/job/made"'
ok "working directory behind a link: nothing on the host" host_is_clean
prepare_tmpcopyup() { rm -rf "$R/etc"; ln -sfn /etc "$R/etc"; }
attack tmpcopyup '.mounts+=[{"destination":"/etc","type":"tmpfs","source":"tmpfs","options":["tmpcopyup"]}]
        |.process.args=["/bin/ctr-probe","cat","/etc/hostmark"]'
is "tmpcopyup of a link: nothing of the host is copied" "$(printf '%s\n' "$output" | grep -c HOSTMARK)" 0
prepare_masked() { ln -sfn ../../../../../../../../etc/hostmark "$R/secret"; ln -sfn "$host" "$R/dirlink"; }
attack masked '.linux.maskedPaths+=["/secret","/dirlink"]|.linux.readonlyPaths+=["/secret","/dirlink"]'
ok "masked and read-only paths that are links: contained" contained masked
is "the host's file is still readable" "$(cat /etc/hostmark)" HOSTMARK
ok "the host's directory is still writable" touch "$host/x"
rm -f "$host/x"

# ---- t14: a forged /proc ----

prepare_proc_link() { rm -rf "$R/proc"; mkdir -p "$R/evil/sys/net/ipv4" "$R/evil/self/attr"; ln -sfn /evil "$R/proc"; }
attack proc_link '.linux.sysctl={"net.ipv4.ip_forward":"1"}'
ok "/proc is a link: refused" test "$attack_rc" != 0
ok "/proc is a link: contained" contained proc_link
fake=$test_dir/fake
mkdir -p "$fake/sys/net/ipv4" "$fake/net/ipv4" "$fake/self/attr"
echo untouched | tee "$fake/sys/net/ipv4/ip_forward" "$fake/victim" >"$fake/ip_forward"
attack proc_bind ".mounts|=map(select(.destination!=\"/proc\"))|.mounts=[{\"destination\":\"/proc\",\"type\":\"bind\",\"source\":\"$fake\",\"options\":[\"bind\"]}]+.mounts
        |.linux.sysctl={\"net.ipv4.ip_forward\":\"1\"}"
ok "a directory bound over /proc: refused" test "$attack_rc" != 0
ok "a directory bound over /proc: contained" contained proc_bind
is "a directory bound over /proc: nothing written" "$(cat "$fake/sys/net/ipv4/ip_forward")" untouched
for where in /proc/sys /proc/sys/net/ipv4 /proc/self/attr /proc/self; do
        attack proc_over ".mounts+=[{\"destination\":\"$where\",\"type\":\"bind\",\"source\":\"$fake\",\"options\":[\"bind\"]}]
                |.linux.sysctl={\"net.ipv4.ip_forward\":\"1\",\"net.ipv4.victim\":\"1\"}"
        ok "a directory bound over $where: refused" test "$attack_rc" != 0
        ok "a directory bound over $where: contained" contained proc_over
        is "a directory bound over $where: nothing written" \
                "$(cat "$fake/ip_forward" "$fake/victim" "$fake/sys/net/ipv4/ip_forward" | sort -u)" untouched
done
attack proc_tmpfs '.mounts+=[{"destination":"/proc","type":"tmpfs","source":"tmpfs"}]'
ok "a tmpfs over /proc: refused" test "$attack_rc" != 0
attack sys_link '.process.cwd="/"'
prepare_sys_link() { rm -rf "$R/sys"; ln -sfn /evil "$R/sys"; mkdir -p "$R/evil"; }
attack sys_link '.'
ok "/sys is a link: refused" test "$attack_rc" != 0

# ---- A20: files of the image that are no files ----

prepare_passwd_fifo() { rm -f "$R/etc/passwd" "$R/etc/group"; mkfifo "$R/etc/passwd" "$R/etc/group"; }
attack passwd_fifo '.process.user={"uid":1000,"gid":1000}'
is "/etc/passwd is a pipe: starts all the same" "$attack_rc" 0
prepare_passwd_link() { rm -f "$R/etc/passwd"; echo 'u:x:1000:1000::/HOSTHOME:/bin/sh' >/etc/hostpasswd; ln -s ../../../../../../../../etc/hostpasswd "$R/etc/passwd"; }
attack passwd_link '.process.user={"uid":1000,"gid":1000}'
is "/etc/passwd is a link out: nothing of the host's" "$(printf '%s\n' "$output" | grep -c HOSTHOME)" 0
prepare_passwd_sparse() { rm -f "$R/etc/passwd"; truncate -s 60M "$R/etc/passwd"; }
attack passwd_sparse '.process.user={"uid":1000,"gid":1000}'
is "/etc/passwd of 60 MiB: starts" "$attack_rc" 0
prepare_passwd_device() { rm -f "$R/etc/passwd"; mknod "$R/etc/passwd" c 1 5; }
attack passwd_device '.process.user={"uid":1000,"gid":1000}'
is "/etc/passwd is /dev/zero: starts" "$attack_rc" 0
prepare_exe_fifo() { mkfifo "$R/bin/pipe"; }
attack exe_fifo '.process.args=["/bin/pipe"]'
ok "the program is a pipe: refused, no hang" contained exe_fifo
prepare_script() { printf '#!/proc/self/exe\n' >"$R/bin/script"; chmod 755 "$R/bin/script"; }
before=$(md5sum </usr/lib/ctrunit/ctr-exec)
attack script '.process.args=["/bin/script"]'
ok "#!/proc/self/exe: contained" contained script
attack exe_self '.process.args=["/proc/self/exe","exec"]'
ok "the program is /proc/self/exe: contained" contained exe_self
is "the host's program is as it was" "$(md5sum </usr/lib/ctrunit/ctr-exec)" "$before"

# ---- t20: root file systems that are the host's ----

mounts_before=$(wc -l </proc/self/mountinfo)
for root in ../../.. rootfs/../.. link; do
        ln -sfn /etc "$test_dir/cwd/link"
        attack cwd ".root={\"path\":\"$root\",\"readonly\":true}"
done
is "odd roots: the host's mounts are as they were" "$(wc -l </proc/self/mountinfo)" "$mounts_before"
rm -f /etc/hostmark /etc/hostpasswd
done_testing
