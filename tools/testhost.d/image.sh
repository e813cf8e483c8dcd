# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with tools/testhost
# The cached root: a small Debian 12 with systemd, made by mmdebstrap from the machine's own
# package sources. CACHE/root-KEY is the tree that nspawn boots; its name changes with the package
# list and with this file, and trees with another name are removed when no host uses them.

root_packages=(
        # The system itself.
        systemd systemd-sysv dbus udev kmod polkitd systemd-container
        # What ctrunit's programs link.
        libcap2-bin libseccomp2 libjson-c5 libmount1 libmd0 libsystemd0 libarchive13
        # Loads AppArmor's profiles (--lsm apparmor).
        apparmor
        # Peers, and what container root file systems are made of.
        crun runc criu busybox-static nginx-light
        # What tests call.
        bsdutils bsdextrautils curl jq python3-minimal python3 python3-dbus strace procps iproute2 iputils-ping
        util-linux util-linux-extra uidmap less socat attr acl psmisc file
        # ctrctl -H.
        openssh-server openssh-client
)

# Units that only slow the boot or that would touch the machine.
masked_units=(
        apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer
        e2scrub_reap.service nginx.service systemd-timesyncd.service systemd-networkd.service
        systemd-networkd-wait-online.service systemd-resolved.service machines.target
        getty.target getty-static.service console-getty.service serial-getty@.service
        apparmor.service systemd-firstboot.service systemd-pstore.service systemd-update-utmp.service
        systemd-update-utmp-runlevel.service logrotate.timer
        sys-kernel-debug.mount sys-kernel-tracing.mount systemd-journald-audit.socket
        systemd-binfmt.service proc-sys-fs-binfmt_misc.automount systemd-tmpfiles-clean.timer
)

# Services that packages start at boot: a test starts them when it wants them.
disabled_units=(
        ssh.service ssh.socket containerd.service docker.service docker.socket podman.service podman.socket podman-auto-update.service
        podman-auto-update.timer podman-restart.service
)

# One line per source of Debian's main archive, as the machine's own apt has them configured.
debian_sources() {
        # shellcheck disable=SC2016  # apt-get expands these
        apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI) $(RELEASE) $(COMPONENT)' \
                'Identifier: Packages' |
                awk '$1 == "Debian" && $2 ~ /^bookworm/ && $5 == "main" {
                        print "deb", $3, $4, $5
                }' | sort -u
}

# The machine's settings for fetching (proxy, certificates, clock checks), for mmdebstrap's apt.
apt_fetch_options() {
        apt-config dump | grep -E '^Acquire::(http|https|Check)' || true
}

key_of() {
        sha256sum | cut -c1-12
}

root_key() {
        {
                printf '%s\n' "${root_packages[@]}" "${extra_packages[@]}"
                cat "$here"/testhost.d/{image.sh,add-kernel}
        } | key_of
}

root_dir() {
        echo "$cache/root-$(root_key)"
}

# Keeps this version of the root in use (a shared lock on file descriptor 7) and makes it if need be.
acquire_root() {
        mkdir -p "$cache"
        exec 7>"$(root_dir).use"
        flock --shared 7
        touch "$(root_dir).use"
        ensure_root
}

# Runs FUNCTION with the lock of the cached images held (file descriptor 8; no subshell, so that
# what it starts dies with this process).
with_image_lock() {
        exec 8>"$cache/image.lock"
        flock 8
        "$@"
        exec 8>&-
}

# Makes the root unless it is there. A finished root appears by rename, so it needs no lock to use.
ensure_root() {
        [[ -d $(root_dir) ]] || with_image_lock build_root
}

build_root() {
        local root sources tmp
        root=$(root_dir)
        [[ ! -d $root ]] || return 0
        require_programs mmdebstrap
        sources=$(debian_sources)
        [[ -n $sources ]] || die "apt has no source of Debian 12 (main); run apt-get update"

        say "building a Debian root in $root (once)"
        tmp=$(mktemp -d "$cache/building.XXXXXX")
        apt_fetch_options >"$tmp/apt.conf"
        run_mmdebstrap "$tmp" "$sources" >"$tmp/log" 2>&1 || {
                tail -n 30 "$tmp/log" >&2
                rm -rf "$tmp"
                die "mmdebstrap failed"
        }
        configure_root "$tmp/root"
        mv "$tmp/root" "$root"
        remove_old_images
}

run_mmdebstrap() {
        local tmp=$1 sources=$2
        local packages=("${root_packages[@]}" "${extra_packages[@]}")
        setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc \
                mmdebstrap --mode=root --variant=essential --format=directory \
                --include="$(IFS=,; echo "${packages[*]}")" \
                --aptopt="$tmp/apt.conf" \
                --dpkgopt='path-exclude=/usr/share/man/*' \
                --dpkgopt='path-exclude=/usr/share/locale/*' \
                --dpkgopt='path-exclude=/usr/share/doc/*' \
                --customize-hook="$here/testhost.d/add-kernel \"\$1\"" \
                bookworm "$tmp/root" - <<<"$sources"
}

configure_root() {
        local root=$1 unit
        : >"$root/etc/fstab"
        # /tmp would be emptied at boot, shares below it included.
        ln -sfn /dev/null "$root/etc/tmpfiles.d/tmp.conf"
        echo ctrunit-testhost >"$root/etc/hostname"
        printf '127.0.0.1 localhost ctrunit-testhost\n::1 localhost\n' >"$root/etc/hosts"
        rm -f "$root/etc/resolv.conf" && : >"$root/etc/resolv.conf"
        echo 00000000000040008000000000000001 >"$root/etc/machine-id"
        sed -i 's/^root:[^:]*:/root::/' "$root/etc/shadow"
        for unit in "${masked_units[@]}"; do
                ln -sfn /dev/null "$root/etc/systemd/system/$unit"
        done
        for unit in "${disabled_units[@]}"; do
                rm -f "$root"/etc/systemd/system/*.wants/"$unit"
        done
        ln -sfn multi-user.target "$root/etc/systemd/system/default.target"
        write_conf "$root/etc/systemd/journald.conf.d/testhost.conf" '[Journal]' \
                Storage=volatile RuntimeMaxUse=256M RateLimitIntervalSec=0 Audit=no
        write_conf "$root/etc/systemd/system.conf.d/testhost.conf" '[Manager]' \
                DefaultTimeoutStopSec=20s ShowStatus=no
        rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*
}

# write_conf FILE LINE...
write_conf() {
        mkdir -p "$(dirname "$1")"
        printf '%s\n' "${@:2}" >"$1"
}

# Roots of other versions go when no host has used them for a week (other worktrees may want them).
remove_old_images() {
        local use old
        find "$cache" -maxdepth 1 -name 'root-*.use' -mtime +7 | while read -r use; do
                old=${use%.use}
                flock --nonblock "$use" rm -rf "$old" "${old/root-/qemu-}"* && rm -f "$use"
        done
}
