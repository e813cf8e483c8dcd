#!/bin/bash
# Containers of engines without a pid namespace of their own: their processes outlive the first one. `state` says stopped,
# and `kill` and `delete` end what is left.
. "$(dirname "$0")/lib.sh"
shared='.linux.namespaces|=map(select(.type!="pid")) | .mounts|=map(if .destination=="/proc" then {destination:"/proc",type:"bind",source:"/proc",options:["rbind","ro"]} else . end)
        | .linux.maskedPaths=[] | .linux.readonlyPaths=[]'

quiet() { "$@" </dev/null >/dev/null 2>"$test_dir/quiet" || { cat "$test_dir/quiet"; return 1; }; }
is_stopped() { [ "$("${runtime[@]}" state "$1" | jq -r .status)" = stopped ]; }
has_processes() { [ "$(wc -l <"$cgroup/cgroup.procs")" = "$1" ]; }
none_lives() { local pid; for pid in "$@"; do [ ! -e "/proc/$pid" ] || return 1; done; }
no_cgroup() { [ ! -e "$cgroup" ]; }

# outlived NAME: a container whose first process is gone, and two others are there: in $others, and $cgroup.
outlived() {
        local path=/$1 init
        [ "$mode" = cgroupfs ] || path=system.slice:out:$1
        ok "$mode: $1" quiet "${runtime[@]}" "${option[@]}" run -d --bundle "$(bundle "$1" "$shared | .linux.cgroupsPath=\"$path\"")" "$1"
        init=$("${runtime[@]}" state "$1" | jq .pid)
        cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$init/cgroup")
        ok "$mode: $1: another process" quiet "${runtime[@]}" exec -d "$1" /bin/sleep 1000
        ok "$mode: $1: a third" quiet "${runtime[@]}" exec -d "$1" /bin/sleep 1000
        kill -KILL "$init"
        ok "$mode: $1: the first one ends" eventually 10 is_stopped "$1"
        ok "$mode: $1: the others do not" eventually 10 has_processes 2
        mapfile -t others <"$cgroup/cgroup.procs"
}

for mode in cgroupfs systemd; do
        runtime=(ctr-runtime --root "$test_dir/root-$mode") option=(--cgroup-manager "$mode")

        outlived "killed-$mode"
        exits "$mode: kill TERM is for the first one" 1 "${runtime[@]}" kill "killed-$mode" TERM
        like "$mode: and says so" "$output" 'container not running'
        exits "$mode: kill KILL" 0 "${runtime[@]}" kill "killed-$mode" KILL
        ok "$mode: ends the others" eventually 10 none_lives "${others[@]}"
        exits "$mode: kill KILL again: there are none" 1 "${runtime[@]}" kill "killed-$mode" KILL
        exits "$mode: delete after kill" 0 "${runtime[@]}" delete "killed-$mode"
        ok "$mode: the cgroup is gone" eventually 10 no_cgroup

        for force in "" --force; do
                outlived "deleted$force-$mode"
                exits "$mode: delete $force" 0 "${runtime[@]}" delete $force "deleted$force-$mode"
                ok "$mode: delete $force ends the others" eventually 10 none_lives "${others[@]}"
                ok "$mode: delete $force: the cgroup is gone" eventually 10 no_cgroup
                is "$mode: delete $force: no container is left" "$("${runtime[@]}" list -q)" ""
        done
done
done_testing
