# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with tools/testhost
# What goes into a host besides the root: the build, the command, the directories to show.

guest_dir=/var/lib/testhost

install_build() {
        local root=$1
        [[ -n $build_dir ]] || return 0
        DESTDIR=$root meson install -C "$build_dir" --no-rebuild --quiet >"$run_dir/install.log" 2>&1 || {
                say "meson install failed"
                exit 125
        }
}

# Writes the command as a script, so that systemd never sees (and expands) its arguments, next to
# the scripts that run it once the system has booted.
install_command() {
        local dir=$1$guest_dir name
        mkdir -p "$dir"
        {
                echo '#!/bin/bash'
                echo 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
                echo "export LANG=C.UTF-8 HOME=/root CTRUNIT_TESTHOST=$kind"
                for name in TERM CI "${!CTRUNIT_@}"; do
                        [[ $name != CTRUNIT_CACHE && $name != CTRUNIT_TESTHOST && -v $name ]] || continue
                        printf 'export %s=%q\n' "$name" "${!name}"
                done
                printf '%q ' "${command[@]:-bash}"
                # Not exec: the shell turns a deadly signal into 128+N.
                # shellcheck disable=SC2016  # the host's shell expands these
                printf '\ncode=$?\necho $code >/run/testhost-code\nexit $code\n'
        } >"$dir/command"
        cp "$here"/testhost.d/guest-* "$dir/"
}

# Binds FROM of this machine to TO, a directory or file that is made for it.
bind_to() {
        local from=$1 to=$2
        mkdir -p "$(dirname "$to")"
        if [[ -d $from ]]; then
                mkdir -p "$to"
        else
                : >"$to"
        fi
        mount --bind "$from" "$to"
}

# Binds every share below DIR, by its number on the command line.
bind_shares() {
        local i
        for i in "${!shares[@]}"; do
                bind_to "${shares[i]%:/*}" "$1/$i"
        done
}

share_target() {
        echo "/${shares[$1]##*:/}"
}
