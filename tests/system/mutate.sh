#!/bin/bash
# Mutated configurations through `create`, and a rich valid one again and again: as services 100 of each, as scopes
# half as many. 1000 and 2000 of each with CTRUNIT_LONG=1. CTRUNIT_SEED chooses other mutations, CTRUNIT_MUTATIONS
# another number (0: all), CTRUNIT_RUNTIMES="native engine crun runc" who is asked: peers are counted, not judged.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

ulimit -f 1048576
runtimes=${CTRUNIT_RUNTIMES:-native engine}
root=/run/mutate
make_rootfs "$test_dir/rootfs"
chmod 755 "$test_dir"
dir=$test_dir/rich
mkdir -p "$dir/data"
cp -a "$test_dir/rootfs" "$dir/rootfs"
mkdir -p "$dir/rootfs/usr/bin"
ln -s /bin/busybox "$dir/rootfs/usr/bin/test"
echo rich >"$dir/rich.conf"
chown -R 100000:100000 "$dir/rootfs"
# What a host in nspawn cannot do: raise limits, devices that it does not have, files of missing controllers.
jq '.process.rlimits=[{"type":"RLIMIT_NOFILE","soft":64,"hard":128}]
        |.linux.devices|=map(select(.type=="p"))
        |del(.linux.resources.cpu.burst,.linux.resources.hugepageLimits)' /src/tests/data/config/rich.json >"$dir/config.json"
cp "$dir/config.json" "$test_dir/valid.json"

runtime_command() { # RUNTIME: $command
        case $1 in
        native) command=(ctrctl) ;;
        engine) command=(ctr-runtime --root "$root" --systemd-cgroup) ;;
        *) command=("$1" --root "$root" --systemd-cgroup) ;;
        esac
}

# What Debian's peers know of it and can do in nspawn: crun sets kernel.* in vain there, runc no such user namespace.
peers='.ociVersion="1.0.2"|del(.domainname,.process.scheduler,.process.ioPriority,.linux.timeOffsets,.linux.seccomp.flags,.linux.resources)
        |.linux.namespaces|=map(select(.type!="time"))'
valid_for() { # RUNTIME
        case $1 in
        crun) jq "$peers"'|.linux.sysctl={"net.core.somaxconn":"256"}' "$test_dir/valid.json" ;;
        runc) jq "$peers"'|.linux.namespaces|=map(select(.type!="user"))|del(.linux.uidMappings,.linux.gidMappings)' "$test_dir/valid.json" ;;
        *) cat "$test_dir/valid.json" ;;
        esac
}

failures=0
test_no_failure() { [ "$failures" = 0 ] || { echo "$failures failures, the last: $last"; return 1; }; }
rich_creates() { # RUNTIME COUNT
        local i
        failures=0 last=
        runtime_command "$1"
        for ((i = 0; i < $2; i++)); do
                timeout --foreground 120 "${command[@]}" create --bundle "$dir" rich </dev/null >"$test_dir/output" 2>&1 ||
                        { failures=$((failures + 1)); last=$(cat "$test_dir/output"); }
                "${command[@]}" delete -f rich >/dev/null 2>&1 || { failures=$((failures + 1)); last="delete failed"; }
        done
        printf '# creates\t%s\t%s\t%s failed\n' "$1" "$2" "$failures"
}
no_rich_scope() { ! systemctl list-units --all --plain --no-legend 'ctr-rich.scope' | grep . && ! ls -d "$root"/*/rich 2>/dev/null; }

for runtime in $runtimes; do
        mutations=100 creates=100 label=
        [ "$runtime" = native ] || { mutations=50 creates=50 label="$runtime: "; }
        [ -z "${CTRUNIT_LONG:-}" ] || { mutations=1000 creates=2000; }
        mutations=${CTRUNIT_MUTATIONS:-$mutations} creates=${CTRUNIT_CREATES:-$creates}
        valid_for "$runtime" >"$dir/config.json"
        rich_creates "$runtime" "$creates"
        case $runtime in
        native | engine)
                ok "$label$creates creates of a rich configuration: no failure" test_no_failure
                ok "${label}nothing is left of them" nothing_left rich
                ok "${label}nor a scope" eventually 5 no_rich_scope
                ;;
        *) [ "$failures" = 0 ] || echo "# $runtime: ${last:0:300}" ;;
        esac

        python3 "$(dirname "$0")/mutate.py" "$dir" "$mutations" "${CTRUNIT_SEED:-1}" "$runtime" >"$test_dir/tap"
        while read -r line; do
                case $runtime:$line in
                native:"ok "* | native:"not ok "* | engine:"ok "* | engine:"not ok "*)
                        test_number=$((test_number + 1))
                        result=${line%% [0-9]*}
                        [ "$result" = ok ] || test_failed=$((test_failed + 1))
                        echo "$result $test_number - mutate: $label${line#* - }"
                        ;;
                *:'#'*) printf '%s\n' "$line" ;;
                esac
        done <"$test_dir/tap"
        ok "${label}all of them were tried" grep -q '^1\.\.' "$test_dir/tap"
done
ok "no process of ours is left" none_runs ctr-exec
is "no unit of ours is left" "$(systemctl list-units --all --no-legend 'ctr@*')" ""
done_testing
