#!/bin/bash
# ctrctl -H and -M: containers of another machine through its own D-Bus service. The host is this one, by ssh(1) where
# there is a daemon for it, else by its bridge alone; the machine is this one, and one that boots inside of it.
. "$(dirname "$0")/lib.sh"

mkdir -p "$test_dir/bin"
if [ -x /usr/sbin/sshd ]; then
        way=ssh
        mkdir -p /run/sshd /root/.ssh
        rm -f "$test_dir/key"
        ssh-keygen -q -t ed25519 -N '' -f "$test_dir/key"
        ssh-keygen -q -t ed25519 -N '' -f "$test_dir/hostkey"
        cp "$test_dir/key.pub" /root/.ssh/authorized_keys
        printf 'Port 2222\nListenAddress 127.0.0.1\nHostKey %s\nPermitRootLogin yes\nStrictModes no\nUsePAM no\n' "$test_dir/hostkey" >"$test_dir/sshd_config"
        systemd-run -q --unit=test-sshd --service-type=exec /usr/sbin/sshd -D -f "$test_dir/sshd_config"
        printf 'Host there\nHostName 127.0.0.1\nPort 2222\nIdentityFile %s\nStrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\n' "$test_dir/key" >/root/.ssh/config
        ok "sshd" eventually 20 ssh root@there true
else
        way=bridge
        printf '#!/bin/sh\n# ssh -xT -- HOST COMMAND...\nwhile [ "$1" != -- ]; do shift; done\n[ "$2" = root@there ] || { echo "ssh: no such host" >&2; exit 255; }\nshift 2\nexec "$@"\n' >"$test_dir/bin/ssh"
        chmod +x "$test_dir/bin/ssh"
        PATH=$test_dir/bin:$PATH
fi

there() { # NAME OPTION...: every verb
        local name="$way: $1" on
        shift
        on=("$@")
        ctrctl create -b "$(bundle far)" far
        is "$name: list" "$(ctrctl "${on[@]}" list | tail -n +2 | awk '{print $1, $3}')" "far created"
        is "$name: list -q" "$(ctrctl "${on[@]}" list -q)" far
        is "$name: list as JSON" "$(ctrctl "${on[@]}" list -f json | jq -r '.[0].id')" far
        ok "$name: start" ctrctl "${on[@]}" start far
        is "$name: state" "$(ctrctl "${on[@]}" state far | jq -r .status)" running
        is "$name: inspect" "$(ctrctl "${on[@]}" inspect far | jq -r '.state.id + " " + .config.hostname')" "far test"
        is "$name: ps as JSON" "$(ctrctl "${on[@]}" ps -f json far)" "$(ctrctl ps -f json far)"
        like "$name: ps" "$(ctrctl "${on[@]}" ps far -o pid,args)" 'ctr-probe sleep 1000'
        ok "$name: pause" ctrctl "${on[@]}" pause far
        is "$name: paused" "$(status_of far)" paused
        ok "$name: resume" ctrctl "${on[@]}" resume far
        exits "$name: start of a running one" 1 ctrctl "${on[@]}" start far
        like "$name: the other side's words" "$output" '^ctrctl: .*cannot start an already running container$'
        ok "$name: kill" ctrctl "${on[@]}" kill far KILL
        ok "$name: killed" eventually 20 test_stopped far
        ok "$name: delete" ctrctl "${on[@]}" delete far
        ok "$name: nothing is left" nothing_left far
        exits "$name: no such container" 1 ctrctl "${on[@]}" state far
        like "$name: says so" "$output" 'ctrctl: .*does not exist'
        ok "$name: features" sh -c 'ctrctl "$@" features | jq -e .ociVersionMax' - "${on[@]}"
}
there host -H root@there
is "machine: list" "$(ctrctl -M .host list -q)" ""
there machine -M .host

# ---- a machine inside of this one: its root is ours with a layer of its own ----

inner=$test_dir/inner
boot_inner() {
        mkdir -p "$inner"/{upper,work,root}
        mount -t overlay inner -o "lowerdir=/,upperdir=$inner/upper,workdir=$inner/work" "$inner/root" &&
                make_rootfs "$inner/root/far-rootfs" &&
                systemd-run -q --unit=test-inner -p Delegate=yes -p KillMode=mixed -E SYSTEMD_SECCOMP=0 -E SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 \
                        systemd-nspawn -D "$inner/root" -M inner -b --keep-unit --capability=all --private-network --console=pipe
}
is_inner_up() { busctl -M inner --timeout=5 status org.freedesktop.systemd1 >/dev/null 2>&1 || ! systemctl is-active -q test-inner; }
in_inner() { ctrctl -M inner "$@"; }
test_inner_state() { [ "$(in_inner state far | jq -r .status)" = "$1" ]; }
if boot_inner && eventually 30 is_inner_up && systemctl is-active -q test-inner; then
        is "a machine: list" "$(in_inner list -q)" ""
        ok "a container in it" busctl -M inner call org.ctrunit1 /org/ctrunit1 org.ctrunit1.Manager CreateContainerSimple 'a{sv}' 3 \
                ID s far RootFS s /far-rootfs Cmd as 3 /bin/ctr-probe sleep 1000
        is "it is there" "$(in_inner list -q)" far
        is "and not here" "$(ctrctl list -q)" ""
        ok "a machine: start" in_inner start far
        is "a machine: state" "$(in_inner state far | jq -r .status)" running
        like "a machine: ps" "$(in_inner ps far -o pid,args)" 'ctr-probe sleep 1000'
        ok "a machine: pause" in_inner pause far
        is "a machine: paused" "$(in_inner state far | jq -r .status)" paused
        ok "a machine: resume" in_inner resume far
        ok "a machine: kill" in_inner kill far KILL
        ok "a machine: killed" eventually 20 test_inner_state stopped
        ok "a machine: delete" in_inner delete far
        is "a machine: gone" "$(in_inner list -q)" ""
else
        skip "a machine inside of this one" "it does not boot here: $(journalctl -q -u test-inner -o cat -n 1)"
fi
systemctl stop test-inner 2>/dev/null
umount "$inner/root"

exits "no such host" 1 ctrctl -H root@nowhere.invalid list
like "one clear error" "$output" '^ctrctl: .*root@nowhere.invalid'
exits "no such machine" 1 ctrctl -M nosuchmachine list
like "one clear error for it" "$output" '^ctrctl: .*nosuchmachine'
for verb in 'run x' 'create x' 'exec x true' 'attach x' 'logs x' 'update x' 'events x' 'enable x' 'reload' 'health x' 'plan' 'spec'; do
        read -ra words <<<"$verb"
        case ${words[0]} in exec | attach) code=255 ;; *) code=1 ;; esac
        exits "not there: ${words[0]}" $code ctrctl -H root@there "${words[@]}"
        like "and says so" "$output" "^ctrctl: ${words[0]} works on this machine only"
done
exits "one of the two" 1 ctrctl -H root@there -M .host list
exits "an option is no host" 1 ctrctl -H -oProxyCommand=x list
exits "the other program knows no other machines" 1 ctr-runtime -H root@there list
systemctl stop test-sshd 2>/dev/null
done_testing
