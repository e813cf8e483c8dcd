#!/bin/bash
# What podman and conmon read of a runtime: the shipped containers.conf, the JSON log, texts and exit codes of the
# errors, a runtime by name. See run.sh and lib.sh.
# shellcheck disable=SC2016,SC2317,SC1091  # $ is for shells in containers; functions are called by name
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/podman-lib.sh"
podman_begin systemd
by_name() { limited 60 podman --log-level=error "$@"; }

# ---- the shipped snippet, as an administrator installs it ----

snippet=/usr/share/doc/ctrunit/examples/containers.conf
mkdir -p /etc/containers/containers.conf.d
if [ "$label" = ours ]; then
        cp $snippet /etc/containers/containers.conf.d/ctrunit.conf
        name=ctr-runtime
else
        name=$label
fi
sed -i '/^runtime = /d' /etc/containers/containers.conf
[ "$label" = ours ] || sed -i "s|^\[containers\]|runtime = \"$name\"\n&|" /etc/containers/containers.conf
is "the runtime is found by its name" "$(by_name info --format '{{.Host.OCIRuntime.Name}}')" "$name"
is "its path" "$(realpath "$(by_name info --format '{{.Host.OCIRuntime.Path}}')")" "$(realpath "$runtime")"
like "its version" "$(by_name info --format '{{.Host.OCIRuntime.Version}}')" '^(runc|crun|ctr-runtime) version [0-9]'
is "its version: the whole text" "$(by_name info --format '{{.Host.OCIRuntime.Version}}')" "$("$runtime" --version)"
is "run" "$(by_name run --rm "${none[@]}" box echo plain)" plain
is "inspect: the name" "$(by_name create --name n "${none[@]}" box true >/dev/null; by_name inspect n --format '{{.OCIRuntime}}'; by_name rm n >/dev/null)" "$name"
exits "a program that is not there" 127 by_name run --rm "${none[@]}" box /nope
like "a program that is not there: one message, from the JSON log" "$output" "^Error: (OCI runtime|$name).*(no such file or directory|No such file or directory)"
is "a program that is not there: one line" "$(wc -l <<<"$output")" 1
exits "a program that cannot be executed" 126 by_name run --rm "${none[@]}" box /etc/passwd
like "a program that cannot be executed: one message" "$output" '[Pp]ermission denied'
by_name run -d --name e "${none[@]}" box sleep 1000 >/dev/null
exits "exec of a program that is not there" 127 by_name exec e /nope
like "exec of a program that is not there: one message" "$output" '[Nn]o such file or directory'
is "exec of a program that is not there: one line" "$(wc -l <<<"$output")" 1
exits "exec of one that cannot be executed" 126 by_name exec e /etc/passwd
by_name rm -f -t 0 e >/dev/null
# Names that podman takes as able to do without a cgroup: crun has always been one.
if [ "$label" != runc ]; then
        is "--cgroups=disabled" "$(by_name run --rm "${none[@]}" --cgroups=disabled box echo none)" none
fi
rm -rf /etc/containers/containers.conf.d

# ---- other ways to name it ----

mkdir "$test_dir/bin" && ln -s "$runtime" "$test_dir/bin/runc"
is "a link with the name runc" "$(limited 60 podman --runtime "$test_dir/bin/runc" run --rm "${none[@]}" box echo linked)" linked
exits "a link: the message is the JSON log's" 127 limited 60 podman --runtime "$test_dir/bin/runc" run --rm "${none[@]}" box /nope
is "a link: one line" "$(wc -l <<<"$output")" 1
is "--runtime-flag" "$(limited 60 podman --runtime "$runtime" --runtime-flag debug run --rm "${none[@]}" box echo flagged)" flagged
is "--cgroups=no-conmon" "$(p run --rm "${none[@]}" --cgroups=no-conmon box echo here)" here
is "--cgroups=split" "$(systemd-run --wait --pipe --quiet --collect podman --runtime "$runtime" run --rm --network none --cgroups=split box echo split)" split
is "--cgroup-parent" "$(p run -d --name parent --cgroup-parent texts.slice "${none[@]}" box sleep 100 >/dev/null
        sed -n 's/^0:://p' "/proc/$(pid_of parent)/cgroup" | cut -d/ -f2)" texts.slice
p rm -f -t 0 parent >/dev/null
systemctl stop texts.slice

# ---- an environment that is next to nothing ----

is "podman without PATH and HOME" "$(env -i /usr/bin/podman --runtime "$runtime" run --rm --network none box echo bare)" bare
is "an empty XDG_RUNTIME_DIR" "$(XDG_RUNTIME_DIR='' p run --rm "${none[@]}" box echo empty)" empty
is "no variable of ours gets in" "$(run --env-host=false box sh -c 'env | grep -cE "OCI_|CTR|NOTIFY|SYSTEMD|XDG"')" 0
is "nothing of conmon's descriptors gets in" "$(run box sh -c 'ls /proc/self/fd | xargs')" "0 1 2 3"

podman_end
