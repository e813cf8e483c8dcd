#!/bin/bash
# Credentials of the unit as files of the container, for whoever its payload is.
. "$(dirname "$0")/lib.sh"

configure() { # NAME JQ CONTAINER-FILE-TEXT
        mkdir -p /etc/ctrunit/containers
        ln -sfn "$(bundle "$1" "$2")" "/etc/ctrunit/containers/$1"
        [ -z "${3:-}" ] || printf '%s\n' "$3" >"/etc/ctrunit/containers/$1.container"
        systemctl daemon-reload
}
forget() { # NAME
        systemctl stop "ctr@$1" 2>/dev/null
        rm -rf "/etc/ctrunit/containers/$1" "/etc/ctrunit/containers/$1.container" "/etc/systemd/system/ctr@$1.service.d"
        systemctl daemon-reload
        systemctl reset-failed "$(unit_of "$1")" 2>/dev/null
}
output() { # NAME: what it wrote
        journalctl --sync
        journalctl -q --no-pager -o cat -u "ctr@$1" _TRANSPORT=stdout
}
test_ended() { case $(property "$1" ActiveState) in inactive | failed) return 0 ;; esac; return 1; }
show='.process.args=["/bin/sh","-c","cd $CREDENTIALS_DIRECTORY && pwd && grep . * && stat -c \"%a %u %g %n\" . * && touch x 2>&1; grep credentials /proc/self/mounts; exec ctr-probe sleep 1000"]'
userns='.mounts+=[{"destination":"/run","type":"tmpfs","source":"tmpfs"}]|.linux.namespaces+=[{"type":"user"}]|.linux.uidMappings=[{"containerID":0,"hostID":100000,"size":65536}]|.linux.gidMappings=.linux.uidMappings'
printf 'from a file\n' >"$test_dir/file"
chmod 600 "$test_dir/file"
secrets=$'[Service]\nLoadCredential=loaded:'"$test_dir/file"$'\nSetCredential=set:s3cret'

check() { # NAME UID GID
        local pid
        ok "$1: start" systemctl start "ctr@$1"
        pid=$(property "$1" MainPID)
        like "$1: the directory" "$(output "$1")" '^/run/credentials$'
        like "$1: LoadCredential=" "$(output "$1")" '^loaded:from a file$'
        like "$1: SetCredential=" "$(output "$1")" '^set:s3cret$'
        like "$1: belongs to the payload's user, mode 0400" "$(output "$1")" "^400 $2 $3 set\$"
        like "$1: the directory too" "$(output "$1")" "^500 $2 $3 \.\$"
        like "$1: read-only" "$(output "$1")" 'touch:.*Read-only file system'
        like "$1: never swapped out" "$(output "$1")" '^credentials /run/credentials ramfs ro,nosuid,nodev,noexec'
        like "$1: CREDENTIALS_DIRECTORY" "$(tr '\0' '\n' <"/proc/$pid/environ")" '^CREDENTIALS_DIRECTORY=/run/credentials$'
        is "$1: not in the environment" "$(tr '\0' '\n' <"/proc/$pid/environ" | grep -c s3cret)" 0
        is "$1: not in state, inspect and the state directory" \
                "$( (ctrctl state "$1"; ctrctl inspect "$1"; ctrctl list -f json; cat "$state_root/$1/"* 2>/dev/null) | grep -ac 's3cret\|from a file')" 0
        is "$1: not in the command line" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | grep -c s3cret)" 0
        is "$1: nothing of it is a mount of the host" "$(grep -c ' /run/credentials ' /proc/self/mountinfo)" 0
}

configure root "$show" "$secrets"
check root 0 0
is "exec sees the files" "$(ctrctl exec root cat /run/credentials/set)" s3cret
kill -KILL "$(property root MainPID)"
ok "ended" eventually 5 test_ended root
forget root
ok "nothing is left" nothing_left root

configure user "$show|.process.user={uid:1000,gid:1001}" "$secrets"
check user 1000 1001
exits "another user of the container cannot read them" 1 ctrctl exec --user 2000:2000 user cat /run/credentials/set
forget user

configure userns "$show|$userns|.process.user={uid:7,gid:8}" "$secrets"
check userns 7 8
forget userns

configure readonly "$show|.root.readonly=true" "$secrets"
check readonly 0 0
forget readonly

# An administrator's drop-in for a container that knows nothing of it; without any, nothing is made.
configure dropin '.process.args=["/bin/ctr-probe","facts","sleep","1000"]'
ok "without credentials" systemctl start ctr@dropin
is "no variable, no mount" "$(output dropin | grep -ci credentials)" 0
systemctl stop ctr@dropin
mkdir -p /etc/systemd/system/ctr@dropin.service.d
printf '[Service]\nSetCredential=a:b\n' >/etc/systemd/system/ctr@dropin.service.d/cred.conf
systemctl daemon-reload
ok "with a drop-in" systemctl start ctr@dropin
is "the credential is there" "$(ctrctl exec dropin cat /run/credentials/a)" b
forget dropin

# Encrypted with the host's key.
if systemd-creds setup >/dev/null 2>&1 && encrypted=$(printf 'enc0ded' | systemd-creds encrypt --with-key=host --name=sealed - - 2>/dev/null | tr -d '\n'); then
        configure sealed '.process.args=["/bin/ctr-probe","sleep","1000"]' "[Service]
SetCredentialEncrypted=sealed:$encrypted"
        ok "SetCredentialEncrypted=" systemctl start ctr@sealed
        is "is decrypted for the container" "$(ctrctl exec sealed cat /run/credentials/sealed)" enc0ded
        forget sealed
        printf 'in a file' | systemd-creds encrypt --with-key=host --name=kept - "$test_dir/kept.cred"
        configure sealed '.process.args=["/bin/ctr-probe","sleep","1000"]' "[Service]
LoadCredentialEncrypted=kept:$test_dir/kept.cred"
        ok "LoadCredentialEncrypted=" systemctl start ctr@sealed
        is "LoadCredentialEncrypted=: is decrypted for the container" "$(ctrctl exec sealed cat /run/credentials/kept)" "in a file"
        is "LoadCredentialEncrypted=: on the disk it is not" "$(grep -c 'in a file' "$test_dir/kept.cred")" 0
        is "LoadCredentialEncrypted=: nothing else shows it" \
                "$( (tr '\0' '\n' <"/proc/$(property sealed MainPID)/environ"; ctrctl state sealed; ctrctl inspect sealed; systemctl show ctr@sealed; systemctl cat ctr@sealed; cat "$state_root/sealed/"* 2>/dev/null) | grep -ac 'in a file')" 0
        forget sealed
        printf 'of another name' | systemd-creds encrypt --with-key=host --name=other - "$test_dir/kept.cred"
        configure sealed '.process.args=["/bin/ctr-probe","sleep","1000"]' "[Service]
LoadCredentialEncrypted=kept:$test_dir/kept.cred"
        exits "LoadCredentialEncrypted=: one that was sealed under another name fails the start" 1 systemctl start ctr@sealed
        forget sealed
else
        skip "SetCredentialEncrypted=, LoadCredentialEncrypted=" "this host cannot encrypt credentials"
fi

configure gone "$show" $'[Service]\nLoadCredential=x:/nowhere/at/all'
exits "a credential that is not there fails the start" 1 systemctl start ctr@gone
is "with CREDENTIALS" "$(systemctl show ctr@gone -p ExecMainStatus -p ExecStartPre | grep -o '243' | head -1)" 243
forget gone
ok "nothing is left" nothing_left gone
done_testing
