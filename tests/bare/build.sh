#!/bin/bash
# The build without networking, as a whole: configured, compiled, unit tests, and the life of containers and pods in a
# booted host. TAP.
#
#   build.sh SOURCE-ROOT BUILD-DIR
set -u

source=$1 build=$2 number=0 failed=0
ok() { # NAME COMMAND...
        local name=$1 log
        shift
        number=$((number + 1))
        if log=$("$@" 2>&1); then
                echo "ok $number - bare-build: $name"
        else
                failed=1
                echo "not ok $number - bare-build: $name"
                tail -n 40 <<<"$log" | sed 's/^/#   /'
        fi
}

cd "$source" || exit 1
[ -e "$build/build.ninja" ] || ok "meson -Dnetwork=false" meson setup "$build" -Dnetwork=false
ok "nothing of networks is compiled" bash -c "! grep -E 'lib/runtime/(cni|veth|veth-read|ports|pod-links|pod-network-models)[.]c|plan-port|sd-port|generator/ports[.]c' '$build/build.ninja'"
ok "it builds" ninja -C "$build"
ok "unit and golden tests" meson test -C "$build" --suite unit --suite golden
tools/testhost --build "$build" -- /src/tests/system/run.sh no-network no-network-lifecycle service exec pause 2>&1
rc=$?
echo "1..$number"
[ $rc = 0 ] && [ $failed = 0 ]
