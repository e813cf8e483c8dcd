#!/bin/bash
# Mutated configurations through `ctrctl create`, and a rich valid one again and again. 100 of each; 1000 and 2000 with
# CTRUNIT_LONG=1. CTRUNIT_SEED chooses other mutations, CTRUNIT_MUTATIONS another number (0: all).
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

ulimit -f 1048576
mutations=${CTRUNIT_MUTATIONS:-100} creates=${CTRUNIT_CREATES:-100}
[ -z "${CTRUNIT_LONG:-}" ] || { mutations=1000 creates=2000; }
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

failures=0
test_no_failure() { [ "$failures" = 0 ] || { echo "$failures failures, the last: $last"; return 1; }; }
for ((i = 0; i < creates; i++)); do
        output=$(timeout 120 ctrctl create --bundle "$dir" rich </dev/null 2>&1) || { failures=$((failures + 1)); last=$output; }
        ctrctl delete -f rich >/dev/null 2>&1 || { failures=$((failures + 1)); last="delete failed"; }
done
ok "$creates creates of a rich configuration: no failure" test_no_failure
ok "nothing is left of them" nothing_left rich

python3 "$(dirname "$0")/mutate.py" "$dir" "$mutations" "${CTRUNIT_SEED:-1}" >"$test_dir/tap"
while read -r line; do
        case $line in
        "ok "* | "not ok "*)
                test_number=$((test_number + 1))
                result=${line%% [0-9]*}
                [ "$result" = ok ] || test_failed=$((test_failed + 1))
                echo "$result $test_number - mutate: ${line#* - }"
                ;;
        '#'*) printf '%s\n' "$line" ;;
        esac
done <"$test_dir/tap"
ok "all of them were tried" grep -q '^1\.\.' "$test_dir/tap"
ok "no process of ours is left" none_runs ctr-exec
is "no unit of ours is left" "$(systemctl list-units --all --no-legend 'ctr@*')" ""
done_testing
