#!/bin/bash
# linux.seccomp as the kernel has it: conditions with every operator, values of errors, flags, architectures, agents; of
# init and of exec, as a service and as a scope. What the filters say is tested in test-plan-seccomp.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)

run() { # JQ: a container to its end, output in $output
        output=$(timeout 120 "${runtime[@]}" run --bundle "$(bundle filter "$1")" filter </dev/null 2>&1)
}
start() { # ID JQ
        "${runtime[@]}" run -d --bundle "$(bundle "$1" "$2")" "$1" </dev/null >"$test_dir/start.log" 2>&1 ||
                { cat "$test_dir/start.log"; return 1; }
}
results() { sed -n 's/^[a-z]*=//p' <<<"$output" | tr '\n' ','; }
facts() { sed -n 's/^\(CapEff\|NoNewPrivs\|Seccomp\):[[:space:]]*//p'; }

# ---- conditions ----

refused='Disk quota exceeded'
conditions() {
        local op value two bad good
        while read -r op value two bad good; do
                run ".process.args=[\"/bin/ctr-probe\",\"personality\",\"$bad\",\"personality\",\"$good\"] | .linux.seccomp={defaultAction:\"SCMP_ACT_ALLOW\",
                        syscalls:[{names:[\"personality\"],action:\"SCMP_ACT_ERRNO\",errnoRet:122,args:[{index:0,value:$value,valueTwo:$two,op:\"SCMP_CMP_$op\"}]}]}"
                is "$mode: $op $value: $bad is refused, $good is not" "$(results)" "$refused,ok,"
        done <<'END'
NE 5 0 6 5
LT 5 0 4 5
LE 5 0 5 6
EQ 5 0 5 6
GE 5 0 5 4
GT 5 0 6 5
MASKED_EQ 240 16 0x15 0x25
EQ 4294967301 0 0x100000005 5
GT 4294967296 0 0x100000001 5
END
        # Rules for one call: any may hold, of one rule all conditions.
        run '.process.args=["/bin/ctr-probe","personality","4","personality","6","personality","5"] | .linux.seccomp={defaultAction:"SCMP_ACT_ALLOW",
                syscalls:[{names:["personality"],action:"SCMP_ACT_ERRNO",errnoRet:122,args:[{index:0,value:4,op:"SCMP_CMP_EQ"}]},
                {names:["personality"],action:"SCMP_ACT_ERRNO",errnoRet:16,args:[{index:0,value:6,op:"SCMP_CMP_EQ"}]}]}'
        is "$mode: two rules with values of their own" "$(results)" "$refused,Device or resource busy,ok,"
}

# ---- default ----

mkdir -p "$test_dir/default"
(cd "$test_dir/default" && ctrctl spec)
profile=$(jq -c '.linux.seccomp' "$test_dir/default/config.json")
defaults() {
        run ".process.args=[\"/bin/ctr-probe\",\"mkdir\",\"/tmp/x\"] | .linux.seccomp=($profile | .defaultErrnoRet=122
                | .syscalls|=map(.names-=[\"mkdir\",\"mkdirat\"]) | .syscalls|=map(select(.names!=[])))"
        is "$mode: defaultErrnoRet" "$(results)" "$refused,"
}

# ---- architectures ----

# The probe also calls as a 32-bit program does.
architectures() {
        cp "$test_build/tests/attack/escape-probe" "$test_dir/rootfs/bin/"
        run '.process.args=["/bin/escape-probe"] | .linux.seccomp={defaultAction:"SCMP_ACT_ALLOW",architectures:["SCMP_ARCH_X86_64","SCMP_ARCH_X86"],
                syscalls:[{names:["mount","unshare"],action:"SCMP_ACT_ERRNO",errnoRet:122}]}'
        like "$mode: a 32-bit call of an architecture that is listed" "$output" '^mount_32bit EDQUOT$'
        run '.process.args=["/bin/escape-probe"] | .linux.seccomp={defaultAction:"SCMP_ACT_ALLOW",architectures:["SCMP_ARCH_X86_64"]}'
        like "$mode: one of another architecture ends the program" "$output" '^mount_32bit killed$'
        run '.linux.seccomp={defaultAction:"SCMP_ACT_ALLOW",architectures:["SCMP_ARCH_SH"]}'
        like "$mode: an architecture that libseccomp does not know" "$output" 'linux\.seccomp\.architectures\[0\]'
        run '.linux.seccomp={defaultAction:"SCMP_ACT_ALLOW",architectures:["SCMP_ARCH_PDP11"]}'
        like "$mode: one that nobody knows" "$output" 'linux\.seccomp\.architectures\[0\].*PDP11'
}

# ---- agents ----

agents() {
        local agent=$test_dir/agent-$mode state
        "$here/agent.py" "$agent" "$agent.log" 2 &
        agent_pid=$!
        eventually 5 test -S "$agent"
        ok "$mode: agent: start" start held ".annotations={a:\"b\"} | .linux.seccomp={defaultAction:\"SCMP_ACT_ALLOW\",listenerPath:\"$agent\",
                listenerMetadata:\"of $mode\",flags:[\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"],syscalls:[{names:[\"mkdir\",\"mkdirat\"],action:\"SCMP_ACT_NOTIFY\"}]}"
        exits "$mode: agent: exec" 1 "${runtime[@]}" exec held /bin/ctr-probe mkdir /x
        like "$mode: agent: its answer" "$output" 'mkdir=Inappropriate ioctl'
        state=$(sed -n 1p "$agent.log")
        is "$mode: agent: run: the state" "$(jq -c '[.fds,.metadata,.state.id,.state.status,.state.annotations.a,(.pid==.state.pid)]' <<<"${state% *}")" \
                "[[\"seccompFd\"],\"of $mode\",\"held\",\"creating\",\"b\",true]"
        state=$(sed -n 2p "$agent.log")
        is "$mode: agent: exec: the state" "$(jq -c '[.fds,.metadata,.state.id,.state.status,.state.pid,(.pid!=.state.pid)]' <<<"${state% *}")" \
                "[[\"seccompFd\"],\"of $mode\",\"held\",\"running\",$("${runtime[@]}" state held | jq .pid),true]"
        ok "$mode: agent: delete" "${runtime[@]}" delete -f held
        wait $agent_pid
}

# A signal that comes while the agent thinks: the call is made again after it, unless a flag says that it is to wait on.
signals() {
        local agent=$test_dir/signals-$mode flags said
        while read -r flags said; do
                rm -f "$agent" "$agent.log"
                "$here/agent.py" "$agent" "$agent.log" 1 10 &
                agent_pid=$!
                eventually 5 test -S "$agent"
                run ".process.args=[\"/bin/ctr-probe\",\"handle\",\"10\",\"mkdir\",\"/x\",\"handled\"] | .linux.seccomp={defaultAction:\"SCMP_ACT_ALLOW\",
                        listenerPath:\"$agent\",flags:$flags,syscalls:[{names:[\"mkdir\",\"mkdirat\"],action:\"SCMP_ACT_NOTIFY\"}]}"
                wait $agent_pid
                is "$mode: agent: a signal during a call, flags $flags" "$(tail -n 1 "$agent.log")|$(results)" "$said|Inappropriate ioctl for device,1,"
        done <<'END'
["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"] waits on
[] again
END
}

# ---- init and exec ----

both() {
        ok "$mode: init and exec: start" start both '.linux.seccomp={defaultAction:"SCMP_ACT_ALLOW",
                syscalls:[{names:["personality"],action:"SCMP_ACT_ERRNO",errnoRet:122,args:[{index:0,value:5,op:"SCMP_CMP_EQ"}]}]}'
        is "$mode: init and exec: filter, no new privileges, capabilities" "$("${runtime[@]}" exec both cat /proc/self/status | facts | xargs)" \
                "$("${runtime[@]}" exec both cat /proc/1/status | facts | xargs)"
        is "$mode: init and exec: they have them" "$("${runtime[@]}" exec both cat /proc/self/status | facts | xargs)" "0000000000000420 1 2"
        output=$("${runtime[@]}" exec both /bin/ctr-probe personality 5 personality 6 2>&1)
        is "$mode: exec: the same conditions" "$(results)" "$refused,ok,"
        ok "$mode: init and exec: delete" "${runtime[@]}" delete -f both
}

make_rootfs "$test_dir/rootfs"
for mode in service scope; do
        runtime=(ctrctl)
        [ $mode = service ] || runtime=(ctr-runtime --systemd-cgroup)
        for part in conditions defaults architectures agents signals both; do
                $part
        done
done

# ---- what features lists ----

# Every architecture of the specification: libseccomp knows it, and features lists it, or it is refused by its name. Of those
# that are listed this machine has the calls, or they are refused for their byte order.
listed=$(ctrctl features | jq -r '.linux.seccomp.archs[]')
for arch in X86 X86_64 X32 ARM AARCH64 LOONGARCH64 M68K MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PARISC PARISC64 PPC PPC64 \
        PPC64LE RISCV64 S390 S390X SH SHEB; do
        b=$(bundle arch ".linux.seccomp={defaultAction:\"SCMP_ACT_ALLOW\",architectures:[\"SCMP_ARCH_$arch\"],syscalls:[{names:[\"mkdir\"],action:\"SCMP_ACT_ERRNO\"}]}")
        output=$(ctrctl plan --bundle "$b" 2>&1 >/dev/null)
        case $output in
        *"does not know \"SCMP_ARCH_$arch\"") said=unknown ;;
        '' | *"\"SCMP_ARCH_$arch\" has another byte order"*) said=listed ;;
        *) said=$output ;;
        esac
        is "features: architecture $arch" "$said" "$(grep -qx "SCMP_ARCH_$arch" <<<"$listed" && echo listed || echo unknown)"
done

# ---- flags: what seccomp(2) is given ----

flags_of() { # FLAG...: as strace names them, or as a number
        local list
        list=$(printf '"SECCOMP_FILTER_FLAG_%s",' "$@")
        strace -f -qq -X verbose -e trace=seccomp -o "$test_dir/calls" ctr-runtime --systemd-cgroup run --bundle "$(bundle flags ".process.args=[\"/bin/true\"]
                |.linux.seccomp={defaultAction:\"SCMP_ACT_ALLOW\",flags:[${list%,}],syscalls:[{names:[\"swapon\"],action:\"SCMP_ACT_ERRNO\"}]}")" flags </dev/null >/dev/null 2>&1
        sed -n 's/.*seccomp(0x1 [^,]*, \(0x[0-9a-f]*\|0\)[ ,].*/\1/p' "$test_dir/calls" | tail -1
}
is "flags: LOG" "$(flags_of LOG)" 0x2
is "flags: SPEC_ALLOW" "$(flags_of SPEC_ALLOW)" 0x4
is "flags: TSYNC" "$(flags_of TSYNC)" 0x1
is "flags: all that need no agent" "$(flags_of LOG SPEC_ALLOW TSYNC)" 0x7
for id in filter flags held both; do
        ok "nothing is left of $id" nothing_left $id
done
done_testing
