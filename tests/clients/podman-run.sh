#!/bin/bash
# `podman run`: how it ends, standard streams, terminals, process, mounts, namespaces. See run.sh and lib.sh.
# shellcheck disable=SC2016,SC2317,SC1091  # $ is for shells in containers; functions are called by name
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/podman-lib.sh"
podman_begin systemd

# ---- how it ends ----

exits "run" 0 run box echo hello
is "run: output" "$output" hello
for code in 0 1 7 125 126 127 128 255; do
        exits "exit status $code" $code run box sh -c "exit $code"
done
exits "a program that is not there is 127" 127 run box /nope
like "a program that is not there: the words podman looks for" "$output" 'no such file or directory|executable file .*not found'
exits "a program that is not in PATH is 127" 127 run box nope
exits "a program that cannot be executed is 126" 126 run box /etc/passwd
like "a program that cannot be executed: the words podman looks for" "$output" '[Pp]ermission denied'
exits "a directory as program is 126" 126 run box /etc
exits "podman's own error is 125" 125 run --no-such-option box true
exits "a device that is not there is 125" 125 run --device /dev/nope box true
exits "ended by SIGTERM is 143" 143 run --init box sh -c 'kill -TERM $$'
exits "ended by SIGKILL is 137" 137 run --init box sh -c 'kill -KILL $$'
exits "--timeout kills: 255, says conmon" 255 run --timeout 1 --stop-timeout 1 box sh -c 'trap "" TERM; sleep 20 & wait; wait; sleep 20'
signals_go_through() {
        podman --runtime "$runtime" run --rm --name through "${none[@]}" box sh -c 'trap "exit 33" HUP; echo ready; while :; do sleep 0.05; done' \
                >"$test_dir/through" 2>&1 &
        local client=$!
        eventually 10 grep -q ready "$test_dir/through"
        kill -HUP "$client"
        wait "$client"
}
exits "a signal to podman reaches the payload" 33 signals_go_through
is "a payload that ends at once, twenty times" "$(for _ in $(seq 20); do run box true || echo failed; done)" ""
parallel_runs() {
        for i in $(seq 8); do run box sh -c "echo $i" & done | sort | xargs
}
is "eight at once" "$(parallel_runs)" "1 2 3 4 5 6 7 8"

# ---- standard streams ----

is "standard input" "$(echo typed | run -i box cat)" typed
is "a megabyte through it" "$(head -c 1000000 /dev/zero | run -i box cat | wc -c)" 1000000
is "standard error" "$(run box sh -c 'echo err >&2; echo out' 2>&1 >/dev/null)" err
is "--attach stdout alone" "$(run --attach stdout box sh -c 'echo out; echo err >&2' 2>&1)" out
echo data >"$test_dir/fd3"
is "--preserve-fds" "$(p run --rm "${none[@]}" --preserve-fds 1 box sh -c 'cat <&3' 3<"$test_dir/fd3")" data
is "no other descriptor gets in" "$(run box sh -c 'ls /proc/self/fd | xargs' 7</dev/null)" "0 1 2 3"
exits "run -it" 4 in_terminal 30 "podman run --rm -it --network none box sh -c 'tty; \
        until stty size 2>/dev/null | grep .; do sleep 0.05; done; exit 4'"
# podman sets the size beside the start: what runs first may see none, with every runtime.
like "run -it: terminal" "$output" '^/dev/pts/0'
like "run -it: its size" "$output" '^31 81'
like "run -t: it is the controlling terminal" "$(run -t box sh -c 'echo controlled >/dev/tty')" controlled
like "run -t: /dev/console is it" "$(run -t box sh -c 'echo console >/dev/console')" console

# ---- the process ----

is "environment, user, directory, host name" \
        "$(run -e X=y -u 1000:1001 -w /tmp --hostname h box sh -c 'echo $X $(id -u):$(id -g) $PWD $(hostname)')" "y 1000:1001 /tmp h"
printf 'A=1\nB=two words\n' >"$test_dir/env"
is "--env-file" "$(run --env-file "$test_dir/env" box sh -c 'echo $A $B')" "1 two words"
is "--user by name" "$(run -u user box id -un)" user
is "--group-add" "$(run -u user --group-add 77 box sh -c 'id -G')" "1000 77"
is "--umask" "$(run --umask 0077 box sh -c umask)" 0077
is "--entrypoint" "$(run --entrypoint /bin/echo box entered)" entered
is "--workdir that exists" "$(run -w /etc box pwd)" /etc
exits "--workdir that does not" 126 run -w /not/there box true
is "--init is process 1" "$(run --init box cat /proc/1/comm)" podman-init
is "--ulimit" "$(run --ulimit nofile=123:456 --ulimit nproc=100:100 box sh -c 'ulimit -n; ulimit -Hn; grep processes /proc/self/limits' | xargs)" "123 456 Max processes 100 100 processes"
is "--oom-score-adj" "$(run --oom-score-adj 500 box cat /proc/self/oom_score_adj)" 500
is "--cap-drop and --cap-add" "$(run --cap-drop all --cap-add kill box sed -n 's/^CapEff:\t//p' /proc/self/status)" 0000000000000020
is "a user has the capabilities that were added for it" \
        "$(run -u user --cap-drop all --cap-add net_bind_service box sed -n 's/^Cap\(Prm\|Eff\|Amb\):\t//p' /proc/self/status | sort -u)" \
        0000000000000400
is "a user has none of the default ones" "$(run -u user box sed -n 's/^CapEff:\t//p' /proc/self/status)" 0000000000000000
is "--privileged: no filter, every capability" \
        "$(run --privileged box sed -n 's/^Seccomp:\t//p;s/^CapBnd:\t//p' /proc/self/status | xargs)" \
        "$(sed -n 's/^CapBnd:\t//p' /proc/1/status) 0"

# ---- security options ----

is "--security-opt no-new-privileges, and the default filter" \
        "$(run --security-opt no-new-privileges box sed -n 's/^Seccomp:.//p;s/^NoNewPrivs:.//p' /proc/self/status | xargs)" "1 2"
is "--security-opt seccomp=unconfined" "$(run --security-opt seccomp=unconfined box sed -n 's/^Seccomp:.//p' /proc/self/status)" 0
cat >"$test_dir/seccomp.json" <<'S'
{ "defaultAction": "SCMP_ACT_ALLOW", "architectures": [ "SCMP_ARCH_X86_64" ],
  "syscalls": [ { "names": [ "mkdir", "mkdirat" ], "action": "SCMP_ACT_ERRNO", "errnoRet": 28 } ] }
S
like "--security-opt seccomp=FILE" "$(run --security-opt "seccomp=$test_dir/seccomp.json" box mkdir /x 2>&1)" 'No space left'
like "the default filter refuses mount" "$(run --cap-add sys_admin box sh -c 'mount -t tmpfs x /mnt 2>&1; unshare -m true; echo $?')" '^0$'
like "the default filter without CAP_SYS_ADMIN" "$(run box sh -c 'unshare -m true 2>&1; echo ended')" 'not permitted'
is "--security-opt mask" "$(run --security-opt mask=/proc/meminfo box cat /proc/meminfo)" ""
is "default masks" "$(run box sh -c 'cat /proc/timer_list | wc -c; ls /proc/scsi /proc/acpi 2>/dev/null | grep -v : | wc -w' | xargs)" "0 0"
is "--security-opt unmask=ALL" "$(run --security-opt unmask=ALL box sh -c 'grep -c "^tmpfs /proc/" /proc/mounts')" 0
like "--security-opt proc-opts" "$(run --security-opt proc-opts=hidepid=2 box grep ' /proc proc' /proc/mounts)" 'hidepid=(2|invisible)'
is "/proc/sys is read-only" "$(run box sh -c 'echo x >/proc/sys/kernel/hostname' 2>&1 | grep -c 'Read-only')" 1
is "--sysctl" "$(run --sysctl net.ipv4.ip_default_ttl=77 box cat /proc/sys/net/ipv4/ip_default_ttl)" 77
is "--sysctl of IPC" "$(run --sysctl kernel.msgmax=9000 box cat /proc/sys/kernel/msgmax)" 9000

# ---- mounts ----

mkdir "$test_dir/volume" && echo data >"$test_dir/volume/file"
is "--volume :ro" "$(run -v "$test_dir/volume:/v:ro" box sh -c 'cat /v/file; touch /v/x 2>/dev/null || echo ro')" $'data\nro'
is "--volume" "$(run -v "$test_dir/volume:/v" box sh -c 'echo new >/v/new'; cat "$test_dir/volume/new")" new
is "--volume of a file" "$(run -v "$test_dir/volume/file:/a/b/c:ro" box cat /a/b/c)" data
mkdir "$test_dir/owned" && touch "$test_dir/owned/f"
is "--volume :U" "$(run -u user -v "$test_dir/owned:/v:U" box sh -c 'touch /v/x && stat -c %u:%g /v/f')" 1000:1000
mkdir "$test_dir/mapped" && touch "$test_dir/mapped/f"
is "--volume :idmap" "$(run --uidmap 0:100000:65536 --gidmap 0:100000:65536 -v "$test_dir/mapped:/v:idmap" box \
        sh -c 'stat -c %u:%g /v/f; touch /v/new && stat -c %u /v/new' | xargs)" "0:0 0"
is "--volume :idmap: the host's owner of a new file" "$(stat -c %u "$test_dir/mapped/new" 2>/dev/null)" 0
is "--volume :O, an overlay" "$(run -v "$test_dir/volume:/v:O" box sh -c 'echo changed >/v/file; cat /v/file'; cat "$test_dir/volume/file")" $'changed\ndata'
is "--volume :noexec" "$(cp /bin/busybox "$test_dir/volume/true"; run -v "$test_dir/volume:/v:noexec" box sh -c '/v/true 2>/dev/null || echo no')" no
is "--volume by name" "$(run -v named:/v box sh -c 'echo kept >/v/f'; run -v named:/v box cat /v/f; p volume rm named >/dev/null)" kept
mkdir -p "$test_dir/shared" && mount -t tmpfs shared "$test_dir/shared" && mount --make-shared "$test_dir/shared"
is "--volume :rshared" "$(run --privileged -v "$test_dir/shared:/v:rshared" box sh -c 'mkdir /v/m && mount -t tmpfs in /v/m'
        grep -c " $test_dir/shared/m " /proc/self/mountinfo)" 1
umount -R "$test_dir/shared"
is "--mount type=bind" "$(run --mount "type=bind,src=$test_dir/volume,dst=/v,ro" box cat /v/file)" data
is "--mount type=tmpfs" "$(run --mount type=tmpfs,dst=/t,tmpfs-size=1m box sh -c 'df -k /t | tail -1' | awk '{ print $2 }')" 1024
is "--tmpfs" "$(run --tmpfs /t box sh -c 'touch /t/x && echo rw')" rw
is "--tmpfs copies what the image has there" "$(run --tmpfs /etc box sh -c 'touch /etc/x && grep -c root /etc/passwd')" 1
is "--read-only" "$(run --read-only box sh -c 'touch /x 2>/dev/null || echo ro; touch /tmp/x && echo rw')" $'ro\nrw'
is "--read-only --read-only-tmpfs=false" "$(run --read-only --read-only-tmpfs=false box sh -c 'touch /tmp/x 2>/dev/null || echo ro')" ro
is "--shm-size" "$(run --shm-size 2m box sh -c 'df -k /dev/shm | tail -1' | awk '{ print $2 }')" 2048
is "--device" "$(run --device /dev/null:/dev/mynull box sh -c 'test -c /dev/mynull && echo x >/dev/mynull && echo ok')" ok
like "a device that was not given: the node can be made, not opened" \
        "$(run --cap-add mknod box sh -c 'mknod /x c 10 229 && echo made; cat /x 2>&1' | tr '\n' ' ')" '^made .*not permitted'
printf 'hidden' >"$test_dir/secret"
p secret create hush "$test_dir/secret" >/dev/null
is "--secret" "$(run --secret hush box cat /run/secrets/hush)" hidden
p secret rm hush >/dev/null
p create --name source -v /data "${none[@]}" box sh -c true >/dev/null
is "--volumes-from" "$(run --volumes-from source box sh -c 'test -d /data && echo there')" there
p rm -v source >/dev/null
make_rootfs "$test_dir/plain"
is "--rootfs" "$(p run --rm "${none[@]}" --rootfs "$test_dir/plain" echo plain)" plain

# ---- namespaces ----

ns() { readlink "/proc/self/ns/$1"; }
for kind in pid ipc uts cgroup net; do
        case $kind in
        cgroup) option=--cgroupns=host ;;
        net) option=--network=host ;;
        *) option=--$kind=host ;;
        esac
        is "$option" "$(p run --rm "$option" box readlink "/proc/self/ns/$kind")" "$(ns $kind)"
        ok "own $kind namespace" test "$(run box readlink "/proc/self/ns/$kind")" != "$(ns $kind)"
done
is "the cgroup namespace's root is the container" "$(run box sed -n s/^0:://p /proc/self/cgroup)" /
p run -d --name other --hostname theirs "${none[@]}" box sleep 100 >/dev/null
is "--network container:" "$(p run --rm --network container:other box readlink /proc/self/ns/net)" "$(p exec other readlink /proc/self/ns/net)"
is "--pid container:" "$(p run --rm --pid container:other "${none[@]}" box sh -c 'cat /proc/1/cmdline | tr "\0" " "')" "sleep 100 "
is "--ipc container:, --uts of its own" "$(p run --rm --ipc container:other "${none[@]}" box readlink /proc/self/ns/ipc)" \
        "$(p exec other readlink /proc/self/ns/ipc)"
p rm -f -t 0 other >/dev/null
is "--uidmap" "$(run --uidmap 0:100000:65536 --gidmap 0:100000:65536 box cat /proc/self/uid_map | xargs)" "0 100000 65536"
# Of a root of its own: podman cannot mount its images with more than one range.
is "--uidmap: of several ranges" "$(p run --rm "${none[@]}" --uidmap 0:100000:1000 --uidmap 1000:200000:1000 \
        --gidmap 0:100000:2000 --rootfs "$test_dir/plain" cat /proc/self/uid_map | xargs)" \
        "0 100000 1000 1000 200000 1000"
is "--uidmap: root may write its files" "$(run --uidmap 0:100000:65536 --gidmap 0:100000:65536 box sh -c 'touch /x /dev/shm/y && stat -c %u /x')" 0
grep -q ^containers: /etc/subuid || { echo containers:1000000:65536 >>/etc/subuid; echo containers:1000000:65536 >>/etc/subgid; }
is "--userns=auto" "$(run --userns=auto:size=1024 box cat /proc/self/uid_map | awk '{ print $1, ($2 >= 1000000), $3 }')" "0 1 1024"
is "--userns=container:" "$(p run -d --name mapped --uidmap 0:100000:5000 --gidmap 0:100000:5000 "${none[@]}" box sleep 1000 >/dev/null
        run --userns=container:mapped box cat /proc/self/uid_map | xargs)" "0 100000 5000"
p rm -f -t 0 mapped >/dev/null
p run -d --name mapped --uidmap 0:0:5000 --gidmap 0:0:5000 "${none[@]}" box sleep 1000 >/dev/null
is "--userns=ns:PATH" "$(run --userns="ns:/proc/$(pid_of mapped)/ns/user" box readlink /proc/self/ns/user)" \
        "$(readlink "/proc/$(pid_of mapped)/ns/user")"
p rm -f -t 0 mapped >/dev/null
is "--userns=host" "$(run --userns=host box readlink /proc/self/ns/user)" "$(ns user)"

podman_end
