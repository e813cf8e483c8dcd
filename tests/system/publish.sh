#!/bin/bash
# Ports of transient containers: run and create --publish, tcp and udp, what starts them and what is left.
. "$(dirname "$0")/lib.sh"

serve='.process.args=["/bin/ctr-probe","listen","80"]'
serve_udp='.process.args=["/bin/ctr-probe","listen-udp","53"]'
ask() { # PORT: the first line that comes back
        timeout 10 bash -c 'exec 9<>/dev/tcp/127.0.0.1/'"$1"' && head -n 1 <&9'
}
ask_udp() { # PORT TEXT: one datagram there and back; the kernel takes an answer only from whom it was sent to
        timeout 10 bash -c 'exec 9<>/dev/udp/'"$1"' && printf %s '"$2"' >&9 && dd bs=2048 count=1 status=none <&9'
}
fast() { # UNIT COMMAND: its forwarder ends after a second of silence
        mkdir -p "/run/systemd/system/$1.d"
        printf '[Service]\nExecStart=\nExecStart=%s\n' "$2" >"/run/systemd/system/$1.d/fast.conf"
}
fast ctr-fwd@pub-18090.service '/lib/systemd/systemd-socket-proxyd --exit-idle-time=1s 127.0.0.1:80'
fast ctr-fwd@name-18093-udp.service '/usr/lib/ctrunit/ctr-exec udp 53 1'
systemctl daemon-reload
sockets() { systemctl list-units --all --plain --no-legend "ctr-fwd@$1-*" | awk '{print $1 "=" $3}' | xargs; } # NAME
test_no_units() { [ -z "$(sockets "$1")" ]; }
forwarders() { pgrep -fc '^/(usr/)?lib/(systemd/systemd-socket-proxyd|ctrunit/ctr-exec udp)'; }
test_no_forwarder() { [ "$(forwarders)" = 0 ]; }

# ---- run ----

ok "run --publish" ctrctl run -d -b "$(bundle pub "$serve")" -p 18090:80 pub
is "a socket, nothing else" "$(sockets pub) $(forwarders)" "ctr-fwd@pub-18090.service=inactive ctr-fwd@pub-18090.socket=active 0"
is "the first connection is answered" "$(ask 18090)" "hello from inside"
is "state names the ports" "$(ctrctl state pub | jq -r '.annotations["org.ctrunit.publish"]' | xargs)" 18090:80
ok "the forwarder ends when there is nothing to do" eventually 10 test_no_forwarder
is "the container goes on, alone" "$(status_of pub) $(wc -l <"$(cgroup_of pub)/cgroup.procs")" "running 1"
is "and the next connection is answered" "$(ask 18090)" "hello from inside"
ok "daemon-reload" systemctl daemon-reload
is "units stay over it" "$(systemctl is-active ctr-fwd@pub-18090.socket)" active
is "and lead there" "$(ask 18090)" "hello from inside"

# ---- a port in use ----

exits "the port of another container" 1 ctrctl run -d -b "$(bundle second "$serve")" -p 18091:80 -p 18090:80 second
is "one line says which and why" "$output" "ctrctl: cannot publish port 18090/tcp of the host: Address already in use"
ok "nothing is left of it" nothing_left second
is "no socket either" "$(sockets second)" ""
exits "the same, attached" 1 ctrctl run -b "$(bundle second "$serve")" -p 127.0.0.1:18090:80 second
is "the same words" "$output" "ctrctl: cannot publish port 127.0.0.1:18090/tcp of the host: Address already in use"
exits "an address that is not ours" 1 ctrctl create -b "$(bundle second "$serve")" -p 192.0.2.77:18092:80 second
is "and why" "$output" "ctrctl: cannot publish port 192.0.2.77:18092/tcp of the host: Cannot assign requested address"
ok "nothing is left of these" nothing_left second
is "the first goes on" "$(ask 18090)" "hello from inside"

# ---- removed with the container ----

ok "delete" ctrctl delete -f pub
is "no unit is left when it returns" "$(sockets pub)" ""
exits "nobody listens" 1 ask 18090
ok "nothing is left" nothing_left pub
for i in 1 2 3; do
        is "the port is free for the next one at once ($i)" "$(ctrctl run -b "$(bundle pub '.process.args=["/bin/ctr-probe","exit","7"]')" -p 18090:80 pub 2>&1; echo $?)" 7
done
ok "a container that ends by itself" ctrctl run -d -b "$(bundle pub '.process.args=["/bin/ctr-probe","exit","0"]')" -p 18090:80 pub
ok "its ports end with it" eventually 10 test_no_units pub
ctrctl delete -f pub
ok "with Restart= they stay" ctrctl run -d -b "$(bundle pub "$serve")" --property Restart=always -p 18090:80 pub
pid=$(property pub MainPID)
kill -KILL "$pid"
test_restarted() { [ "$(property pub MainPID)" != "$pid" ] && [ "$(property pub MainPID)" != 0 ] && [ "$(ask 18090 2>/dev/null)" = "hello from inside" ]; }
ok "and lead to the new one" eventually 15 test_restarted
rm -rf $state_root/pub/config.json $state_root/pub/state.json
ok "delete without its state" ctrctl delete -f pub
ok "the ports go too" eventually 10 test_no_units pub
ok "nothing is left" nothing_left pub

# ---- create: the first connection starts it ----

ok "create --publish" ctrctl create -b "$(bundle lazy '.process.args=["/bin/ctr-probe","sleep","1","listen","80"]')" -p 127.0.0.1:18094-18095:80-81 lazy
is "waits" "$(status_of lazy)" created
is "a range of ports" "$(sockets lazy | tr ' ' '\n' | grep -c socket=active)" 2
is "the first connection starts it, and is answered though it listens late" "$(ask 18094)" "hello from inside"
is "runs" "$(status_of lazy)" running
exits "start is no more" 1 ctrctl start lazy
ok "delete" ctrctl delete -f lazy
ok "create of what cannot run" ctrctl create -b "$(bundle lazy '.process.args=["/nope"]')" -p 18094:80 lazy
is "its first connection is closed" "$(ask 18094)" ""
ok "it is stopped" eventually 10 test_stopped lazy
test_deaf() { ! systemctl is-active --quiet ctr-fwd@lazy-18094.socket; }
ok "and nobody listens any more" eventually 10 test_deaf
ctrctl delete -f lazy
is "no unit is left when it is deleted" "$(sockets lazy)" ""
ok "nothing is left" nothing_left lazy

# ---- udp ----

ok "udp" ctrctl run -d -b "$(bundle name "$serve_udp")" -p 18093:53/udp -p '[::1]:18096:53/udp' name
is "its units" "$(sockets name | tr ' ' '\n' | grep -c socket=active)" 2
is "nothing runs" "$(forwarders)" 0
is "a datagram and its answer" "$(ask_udp 127.0.0.1/18093 one)" "hello from inside, one"
is "by another address of the host the answer comes from there" "$(ask_udp 127.0.0.9/18093 two)" "hello from inside, two"
is "IPv6" "$(ask_udp ::1/18096 three)" "hello from inside, three"
is "IPv6 to the socket of both" "$(ask_udp ::1/18093 four)" "hello from inside, four"
many() { # clients at once, each its own answer
        local i pids=()
        for i in $(seq 8); do
                (for n in 1 2; do [ "$(ask_udp 127.0.0.1/18093 "$i-$n")" = "hello from inside, $i-$n" ] || exit 1; done) &
                pids+=($!)
        done
        for i in "${pids[@]}"; do wait "$i" || return 1; done
}
ok "eight clients at once" many
exits "the forwarder is no root with privileges" 1 grep -v '^Cap[A-Z][a-z]*:.0*$' <(grep ^Cap "/proc/$(systemctl show -P MainPID ctr-fwd@name-18096-udp.service)/status")
test_idle() { [ "$(systemctl show -P ActiveState ctr-fwd@name-18093-udp.service)" = inactive ]; }
ok "the forwarder ends after silence" eventually 15 test_idle
is "and comes again" "$(ask_udp 127.0.0.1/18093 five)" "hello from inside, five"
exits "a port of udp that is in use" 1 ctrctl run -d -b "$(bundle second "$serve_udp")" -p 18093:53/udp second
is "and why" "$output" "ctrctl: cannot publish port 18093/udp of the host: Address already in use"
ok "delete" ctrctl delete -f name
is "no unit is left" "$(sockets name)" ""
ok "nothing is left" nothing_left name

# ---- beside what the configuration says ----

exits "of a configuration that has annotations" 0 ctrctl run -d -b "$(bundle noted "$serve"'|.annotations={"a":"b","org.ctrunit.publish":"18097:80"}')" -p 18098:80 name
is "its ports and those of the option" "$(systemctl is-active ctr-fwd@name-18097.socket ctr-fwd@name-18098.socket | xargs)" "active active"
is "its other annotations stay" "$(ctrctl state name | jq -r .annotations.a)" b
ok "delete" ctrctl delete -f name

# ---- what cannot be published ----

for case in '80 expected' '0:80 the.host.s.port' '18094:80/sctp only.tcp.and.udp' '18094-18099:80 ranges.differ' 'a b:80 expected' '/run/x:80/udp one.port.of.tcp'; do
        exits "refused: ${case% *}" 1 ctrctl run -b "$(bundle wrong "$serve")" -p "${case% *}" wrong
        like "and why" "$output" "^ctrctl: cannot publish \"${case% *}\": .*${case##* }"
done
exits "refused: the host's network" 1 ctrctl run -b "$(bundle wrong '.linux.namespaces|=map(select(.type!="network"))|.mounts|=map(select(.type!="sysfs" and .type!="cgroup"))|.linux.maskedPaths=[]')" -p 18094:80 wrong
like "and why" "$output" 'no network namespace of its own'
exits "refused: an engine's container" 1 ctr-runtime --systemd-cgroup run -b "$(bundle wrong "$serve|.annotations[\"org.ctrunit.publish\"]=\"18094:80\"")" wrong
like "and why" "$output" 'an engine publishes those of its own'
ok "nothing is left" nothing_left wrong
is "no unit, no pin" "$(systemctl list-units --all --plain --no-legend 'ctr-fwd@*')$(grep -c ' /run/ctrunit/' /proc/self/mountinfo)" 0
rm -rf /run/systemd/system/ctr-fwd@*
systemctl daemon-reload
done_testing
