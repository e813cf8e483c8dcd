#!/bin/bash
# needs: qemu
# update: each option changes its file, at once and over daemon-reload; JSON from a file and from standard input; what
# belongs together stays together; what cannot be is an error and changes nothing.
. "$(dirname "$0")/lib.sh"

cgroup_file() { # FILE
        tr '\n' ';' <"$(cgroup_of upd)/$1" 2>&1 | sed 's/;$//'
}
# changes FILE EXPECTED OPTION...; the files are looked at again by `reload`.
changed=
changes() {
        local file=$1 expected=$2
        shift 2
        ok "$*" ctrctl update "$@" upd
        is "$*: $file" "$(cgroup_file "$file")" "$expected"
        changed="$changed$file $expected
"
}
reload() {
        local file expected
        systemctl daemon-reload
        while read -r file expected; do
                [ -z "$file" ] || is "after daemon-reload: $file" "$(cgroup_file "$file")" "$expected"
        done <<<"$changed"
        is "NeedDaemonReload" "$(property upd NeedDaemonReload)" no
        changed=
}

ok "start" ctrctl run -d --bundle "$(bundle upd '.linux.resources={"memory":{"limit":268435456},"cpu":{"quota":50000,"period":100000}}')" upd
changes memory.max 134217728 --memory 128M
changes memory.low 8388608 --memory-reservation 8m
changes memory.swap.max 33554432 --memory-swap 160m
changes cpu.max "20000 100000" --cpu-quota 20000
changes cpu.max.burst 5000 --cpu-burst 5000
changes cpu.weight 59 --cpu-share 512
changes cpuset.cpus 0 --cpuset-cpus 0
changes cpuset.mems 0 --cpuset-mems 0
changes io.weight "default 4950" --blkio-weight 500
changes pids.max 30 --pids-limit 30
reload
changes memory.max 67108864 --memory 65536k
changes memory.swap.max 0 --memory 64m --memory-swap 64m
changes cpu.max "20000 50000" --cpu-period 50000
changes cpu.max.burst 0 --cpu-burst 0
changes cpu.idle 1 --cpu-idle 1
changes pids.max max --pids-limit -1
reload
changes memory.swap.max max --memory-swap -1
changes memory.max max --memory -1
changes cpu.idle 0 --cpu-idle 0
changes cpu.max "25000 100000" --cpu-quota 25000 --cpu-period 100000
reload
# With neither weight nor quota systemd takes the controller away.
changes cpu.weight 100 --cpu-share 1024
changes cpu.max "max 100000" --cpu-quota -1
reload

for option in --kernel-memory --kernel-memory-tcp; do
        exits "$option is accepted" 0 ctrctl update $option 1m upd
        like "$option: with a warning" "$output" 'warning: linux\.resources\.memory\.kernel(TCP)?: ignored'
done

# refused NAME PATTERN OPTION...: an error, and nothing changes.
before=$(cgroup_file memory.max)/$(cgroup_file pids.max)/$(cgroup_file cpu.max)
refused() {
        local name=$1 pattern=$2
        shift 2
        exits "$name is refused" 1 ctrctl update "$@" upd
        like "$name: says why" "$output" "$pattern"
        is "$name: nothing changes" "$(cgroup_file memory.max)/$(cgroup_file pids.max)/$(cgroup_file cpu.max)" "$before"
}
refused "nothing" 'nothing to change'
refused "a size that is none" 'wants a size' --memory 12x
refused "a number that is none" 'wants a number' --pids-limit many
refused "swap below memory" 'memory\.swap' --memory 64m --memory-swap 32m
refused "real-time scheduling" 'realtimeRuntime' --cpu-rt-runtime 1000
refused "real-time period" 'realtime' --cpu-rt-period 1000
refused "CPUs that are none" 'cpus' --cpuset-cpus x

# ---- JSON ----

echo '{"memory":{"limit":50331648},"pids":{"limit":40},"unified":{"memory.high":"40000000"}}' >"$test_dir/r.json"
ok "-r FILE" ctrctl update -r "$test_dir/r.json" upd
is "-r: memory.max" "$(cgroup_file memory.max)" 50331648
is "-r: pids.max" "$(cgroup_file pids.max)" 40
is "-r: memory.high" "$(cgroup_file memory.high)" 39997440
ok "-r FILE with options: the file counts" ctrctl update -r "$test_dir/r.json" --pids-limit 77 upd
is "-r: pids.max is the file's" "$(cgroup_file pids.max)" 40
ok "--resources=-" sh -c 'echo "{\"cpu\":{\"shares\":1024}}" | ctrctl update --resources=- upd'
is "--resources=-: cpu.weight" "$(cgroup_file cpu.weight)" 100
exits "-r of nothing" 1 ctrctl update -r /nonexistent upd
echo '{"memory":{"limit":"x"}}' >"$test_dir/bad.json"
exits "-r of something wrong" 1 ctrctl update -r "$test_dir/bad.json" upd
like "names the place" "$output" 'memory\.limit'
page=$(ls /sys/kernel/mm/hugepages | sed 's/hugepages-//;s/kB//' | sort -n | head -1)
echo "{\"hugepageLimits\":[{\"pageSize\":\"$((page / 1024))MB\",\"limit\":2097152}]}" >"$test_dir/huge.json"
ok "-r hugepageLimits" ctrctl update -r "$test_dir/huge.json" upd
is "hugetlb" "$(cgroup_file "hugetlb.$((page / 1024))MB.max")" 2097152

# ---- devices stay ----

policy=$(property upd DeviceAllow)
echo '{"devices":[{"allow":true,"access":"rwm"}],"pids":{"limit":41}}' >"$test_dir/dev.json"
ok "-r with devices" ctrctl update -r "$test_dir/dev.json" upd
is "devices are untouched" "$(property upd DeviceAllow)" "$policy"

# ---- memory.checkBeforeUpdate ----

ok "a larger payload" ctrctl run -d --bundle "$(bundle big '.linux.resources={"memory":{"limit":134217728}}|.process.args=["/bin/ctr-probe","alloc","48","sleep","1000"]')" big
ok "uses memory" eventually 60 sh -c "[ \"\$(cat '$(cgroup_of big)/memory.current')\" -gt 48000000 ]"
echo '{"memory":{"limit":16777216,"checkBeforeUpdate":true}}' >"$test_dir/check.json"
exits "checkBeforeUpdate below the use is refused" 1 ctrctl update -r "$test_dir/check.json" big
like "says why" "$output" 'below the [0-9]+ bytes in use'
is "still running" "$(status_of big)" running
is "with its limit" "$(cat "$(cgroup_of big)/memory.max")" 134217728
echo '{"memory":{"limit":100663296,"checkBeforeUpdate":true}}' >"$test_dir/check.json"
ok "checkBeforeUpdate above it" ctrctl update -r "$test_dir/check.json" big
is "the new limit" "$(cat "$(cgroup_of big)/memory.max")" 100663296
ok "delete" ctrctl delete -f big

ok "kill" ctrctl kill upd KILL
ok "stopped" eventually 5 test_stopped upd
exits "update of a stopped container" 1 ctrctl update --memory 64m upd
like "says so" "$output" 'container not running'
exits "update of nothing" 1 ctrctl update --memory 64m nope
ok "delete" ctrctl delete upd
ok "nothing is left" nothing_left upd

done_testing
