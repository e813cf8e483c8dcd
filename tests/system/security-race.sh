#!/bin/bash
# An attacker swaps directories of a shared volume with links while containers start: nothing is ever made or mounted
# behind the link (CVE-2021-30465, CVE-2024-45310). 500 rounds each, in services and scopes by turns; with
# CTRUNIT_LONG=1 10,000 of each kind. CTRUNIT_ROUNDS=N: N rounds each. CTRUNIT_RUNTIMES="crun": a peer, counted, not judged.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

ulimit -f 65536
rounds=500
[ -z "${CTRUNIT_LONG:-}" ] || rounds=20000
rounds=${CTRUNIT_ROUNDS:-$rounds}
race=$test_build/tests/attack/race
echo HOSTMARK >/etc/hostmark
host=$test_dir/host source=$test_dir/source vol=$test_dir/vol
mkdir -p "$host" "$source"
make_rootfs "$test_dir/rootfs"
read -ra modes <<<"${CTRUNIT_RUNTIMES:-native engine}"
declare -A played hits
is_ours() { [[ ${modes[0]} == native || ${modes[0]} == engine ]]; }
# runtime_command N: $command of the Nth round, a service or, every second time, a scope.
runtime_command() {
        mode=${modes[$1 % ${#modes[@]}]}
        case $mode in
        native) command=(ctrctl) ;;
        engine) command=(ctr-runtime --root "$test_dir/root" --systemd-cgroup) ;;
        *) command=("$mode" --root "$test_dir/root" --systemd-cgroup) ;;
        esac
}
no_scope_left() {
        ! systemctl list-units --all --plain --no-legend "*race-$1*.scope" | grep .
}
nothing_left_in_modes() { # NAME
        ! is_ours || nothing_left "race-$1" && eventually 5 no_scope_left "$1" && ! ls -d "$test_dir/root/containers/race-$1" 2>/dev/null
}
mounts_of_host() { grep -cv "$test_dir" /proc/self/mountinfo; }

# play NAME ROUNDS DIRECTORY A B: the container of bundle NAME started again and again while A and B are swapped.
# Stops at the first find, with a peer counts them. Sets $started, $refused, $swaps and $finds.
play() {
        local name=$1 n=$2 racer i before status found
        before=$(mounts_of_host)
        "$race" "$3" "$4" "$5" >"$test_dir/swaps" &
        racer=$!
        started=0 refused=0 finds=
        for ((i = 0; i < n; i++)); do
                found=
                runtime_command "$i"
                timeout --foreground 240 "${command[@]}" run --bundle "$test_dir/$name" "race-$name" </dev/null >"$test_dir/output" 2>&1
                status=$?
                output=$(<"$test_dir/output")
                case $status in
                0) started=$((started + 1)) ;;
                124) found+="hangs in round $i; " && "${command[@]}" delete -f "race-$name" ;;
                *) refused=$((refused + 1)) ;;
                esac
                case $output in *HOSTMARK*) found+="shows the host's file in round $i; " ;; esac
                [ -z "$(ls -A "$host")" ] || found+="made $(ls -A "$host" | head -3) in round $i; "
                count_round
                is_ours || continue
                finds+=$found
                [ -z "$finds" ] || break
        done
        kill -TERM $racer
        wait $racer
        swaps=$(cat "$test_dir/swaps")
        ! is_ours || [ "$(mounts_of_host)" = "$before" ] || finds+="mounts of the host: $before, now $(mounts_of_host); "
}
count_round() { # by $mode, $found
        played[$mode]=$((${played[$mode]:-0} + 1))
        hits[$mode]=$((${hits[$mode]:-0} + 0))
        [ -n "$found" ] || return 0
        hits[$mode]=$((hits[$mode] + 1))
        is_ours || find "${host:?}" -mindepth 1 -delete
}
report() { # NAME
        is "$1: $rounds rounds, no find" "$finds" ""
        ok "$1: the attacker was at work ($swaps)" test "${swaps% swaps}" -gt "$rounds"
        ok "$1: started $started, refused $refused" test $((started + refused)) = "$rounds"
        ok "$1: nothing is left" nothing_left_in_modes "$2"
}

# A mount point that has to be made below the directory that is swapped with a link to the host's.
mkdir -p "$vol/a"
ln -s "$host" "$vol/b"
ln -s "../../../../../../../..$host" "$vol/c"
bundle deep "(.mounts+=[{\"destination\":\"/vol\",\"type\":\"bind\",\"source\":\"$vol\",\"options\":[\"rbind\"]},
        {\"destination\":\"/vol/a/x/y/z\",\"type\":\"bind\",\"source\":\"$source\",\"options\":[\"rbind\"]}])
        |.process.args=[\"/bin/true\"]" >/dev/null
play deep $((rounds / 2)) "$vol" a b
first=$finds first_swaps=${swaps% swaps} first_started=$started first_refused=$refused
rm -rf --one-file-system "${vol:?}/a" "$vol/b"
mkdir -p "$vol/a"
play deep $((rounds - rounds / 2)) "$vol" a c
finds=$first$finds swaps="$((first_swaps + ${swaps% swaps})) swaps"
started=$((started + first_started)) refused=$((refused + first_refused))
report "directories made below a swapped one" deep

# Mounts on the name that is swapped with a link to "/".
rm -rf --one-file-system "${vol:?}"
mkdir -p "$vol/a"
ln -s / "$vol/b"
bundle onto "(.mounts+=[{\"destination\":\"/vol\",\"type\":\"bind\",\"source\":\"$vol\",\"options\":[\"rbind\"]}]
        +([range(6)]|map({\"destination\":\"/vol/a\",\"type\":\"bind\",\"source\":\"$source\",\"options\":[\"rbind\"]})))
        |.process.args=[\"/bin/sh\",\"-c\",\"cat /etc/hostmark /vol/a/etc/hostmark /vol/b/etc/hostmark; true\"]" >/dev/null
play onto "$rounds" "$vol" a b
report "mounts on a swapped name" onto

# The image's /dev and one of its device names, without a mount on /dev.
own=$test_dir/own
cp -a "$test_dir/rootfs" "$own"
ln -s "../../../../../../../..$host" "$own/dev-link"
bundle dev ".mounts|=map(select(.destination|startswith(\"/dev\")|not))|.root.path=\"$own\"|.process.args=[\"/bin/true\"]" >/dev/null
play dev "$rounds" "$own" dev dev-link
report "/dev swapped with a link" dev
rm -rf "$own"
cp -a "$test_dir/rootfs" "$own"
ln -s "../../../../../../../..$host/pwned" "$own/dev/link"
: >"$own/dev/null"
bundle null ".mounts|=map(select(.destination|startswith(\"/dev\")|not))|.root.path=\"$own\"|.process.args=[\"/bin/true\"]" >/dev/null
play null "$rounds" "$own/dev" null link
report "/dev/null swapped with a link" null
for name in console ptmx; do
        ln -sfn "../../../../../../../..$host/pwned" "$own/dev/$name-link"
        rm -f "$own/dev/$name" && : >"$own/dev/$name"
        jq '.process.terminal=true' "$test_dir/null/config.json" >"$test_dir/c" && mkdir -p "$test_dir/$name" &&
                mv "$test_dir/c" "$test_dir/$name/config.json"
        "$race" "$own/dev" $name $name-link >/dev/null &
        racer=$!
        for ((i = 0; i < rounds / 10; i++)); do
                runtime_command "$i"
                timeout --foreground 20 script -qec "${command[*]} run --bundle $test_dir/$name race-$name" /dev/null </dev/null >/dev/null 2>&1
                found=$(ls -A "$host")
                count_round
                [ -z "$(ls -A "$host")" ] || break
        done
        kill $racer
        wait $racer
        is "terminal, /dev/$name swapped with a link: nothing on the host" "$(ls -A "$host")" ""
        ok "terminal, /dev/$name swapped with a link: nothing is left" nothing_left_in_modes "$name"
done

# The working directory, made or only entered, and masked paths.
rm -rf --one-file-system "${vol:?}"
mkdir -p "$vol/a"
ln -s "../../../../../../../..$test_dir" "$vol/b"
bundle cwd "(.mounts+=[{\"destination\":\"/vol\",\"type\":\"bind\",\"source\":\"$vol\",\"options\":[\"rbind\"]}])
        |.process.cwd=\"/vol/a/host\"|.linux.maskedPaths+=[\"/vol/a\"]|.linux.readonlyPaths+=[\"/vol/a\"]
        |.process.args=[\"/bin/sh\",\"-c\",\"echo x >made 2>/dev/null; cat ../../../../../../../etc/hostmark; true\"]" >/dev/null
play cwd "$rounds" "$vol" a b
report "working directory and masks on a swapped name" cwd
rm -f /etc/hostmark
for mode in "${modes[@]}"; do
        printf '# races\t%s\t%s rounds\t%s hits\n' "$mode" "${played[$mode]}" "${hits[$mode]}"
done
done_testing
