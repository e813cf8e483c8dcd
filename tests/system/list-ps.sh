#!/bin/bash
# list and ps: tables, JSON, ids; containers in every state, and what cannot be read.
. "$(dirname "$0")/lib.sh"

is "list of nothing, as JSON" "$(ctrctl list -f json)" "[]"
is "list of nothing, as a table" "$(ctrctl list)" "ID          PID         STATUS      BUNDLE      CREATED     OWNER"
is "list of nothing, ids" "$(ctrctl list -q)" ""

ctrctl create --bundle "$(bundle created)" created
ctrctl run -d --bundle "$(bundle running '.process.args=["/bin/sleep","1000"]')" running
ctrctl run -d --bundle "$(bundle paused)" paused
ctrctl pause paused
ctrctl run -d --bundle "$(bundle stopped '.process.args=["/bin/ctr-probe","exit","0"]')" stopped
eventually 5 test_stopped stopped
is "ids, sorted" "$(ctrctl list -q | paste -sd' ')" "created paused running stopped"
is "each state" "$(ctrctl list -f json | jq -r '.[]|.id+"="+.status' | paste -sd' ')" \
        "created=created paused=paused running=running stopped=stopped"
is "JSON is one line" "$(ctrctl list -f json | wc -l)" 1
is "list and state say the same" "$(ctrctl list -f json | jq -cS '.[]|select(.id=="running")')" "$(ctrctl state running | jq -cS .)"
like "a row of the table" "$(ctrctl list)" "^running +$(property running MainPID) +running +$test_dir/running +20[0-9-]+T[0-9:.]+Z +root$"
is "no pid for a stopped one" "$(ctrctl list | awk '$1 == "stopped" { print $2 }')" 0
exits "an unknown format" 1 ctrctl list -f xml

# Every container by itself, and all at once: two ways to the same answer.
each_alone() { for id in $(ctrctl list -q); do ctrctl state "$id" | jq -cS .; done; }
all_at_once() { ctrctl list -f json | jq -cS '.[]'; }
is "list says of each what state says" "$(all_at_once)" "$(each_alone)"

# A process of the recorded number that is not the recorded one: its start time tells.
record=$(cat "$state_root/running/pid")
read -r pid start invocation <<<"$record"
echo "$pid $((start + 1)) $invocation" >"$state_root/running/pid"
live=$(readlink "$state_root/running/live")
read -r version _ kind identity rest <<<"$live"
ln -sfn "$version $pid $kind $((identity + 1)) $rest" "$state_root/running/live"
is "a number that was given again is not the container" "$(ctrctl list | awk '$1 == "running" { print $2, $3 }')" "0 stopped"
echo "$record" >"$state_root/running/pid"
table=$(ctrctl list)
rm "$state_root/running/live"
is "a table without the record of what lives is the same" "$(ctrctl list)" "$table"
ln -s "$version $pid $kind nonsense" "$state_root/running/live"
is "and with one that is damaged" "$(ctrctl list)" "$table"
ln -sfn "9 $pid $kind $identity $rest" "$state_root/running/live"
is "and with one of a newer version" "$(ctrctl list)" "$table"
ln -sfn "$live" "$state_root/running/live"
is "and with it" "$(ctrctl list)" "$table"
# Whoever creates a container holds a lock on its directory until it is whole.
flock "$state_root/running" -c "ctrctl list -f json" >"$test_dir/locked.json"
is "one whose creator is not done" "$(jq -r '.[]|select(.id=="running").status' "$test_dir/locked.json")" creating
is "is whole with the lock's end" "$(ctrctl list | awk '$1 == "running" { print $3 }')" running
# Frozen by whatever means.
systemctl freeze ctr@running
is "frozen by systemctl" "$(ctrctl list | awk '$1 == "running" { print $3 }')" paused
systemctl thaw ctr@running
is "and thawed" "$(ctrctl list | awk '$1 == "running" { print $3 }')" running

# A container by the generator is one like the others.
mkdir -p /etc/ctrunit/containers
ln -s "$(bundle generated)" /etc/ctrunit/containers/generated
systemctl daemon-reload
systemctl start ctr@generated
is "a configured container is listed" "$(ctrctl list -q | grep -c '^generated$')" 1
is "and running" "$(status_of generated)" running
systemctl stop ctr@generated
rm /etc/ctrunit/containers/generated
systemctl daemon-reload
ctrctl delete -f generated

mkdir "$state_root/damaged"
echo '{' >"$state_root/damaged/state.json"
touch "$state_root/stray"
exits "what cannot be read is no reason to fail" 0 ctrctl list -q
is "but is left out" "$(ctrctl list -q 2>/dev/null | paste -sd' ')" "created paused running stopped"
for form in "" -q "-f json"; do
        # shellcheck disable=SC2086
        is "and said${form:+ ($form)}" "$(ctrctl list $form 2>&1 >/dev/null | cut -d: -f1-4)" 'ctrctl: warning: damaged: state.json'
done
rm "$state_root/stray"
ok "delete -f of it" ctrctl delete -f damaged

# So many that they are looked at in parts: none is missing, none is twice, all in order.
for i in $(seq 1000 1299); do
        mkdir "$state_root/many-$i"
        sed "s/\"id\": \"stopped\"/\"id\": \"many-$i\"/" "$state_root/stopped/state.json" >"$state_root/many-$i/state.json"
done
for i in 1007 1130 1299; do echo '{' >"$state_root/many-$i/state.json"; done
ctrctl list -f json >"$test_dir/many.json" 2>"$test_dir/many.err"
is "many: all that can be read" "$(jq '[.[]|select(.id|startswith("many-"))]|length' "$test_dir/many.json")" 297
ok "in order, each once" jq -e '[.[].id] == ([.[].id]|unique)' "$test_dir/many.json"
is "each with its state" "$(jq -r '.[]|select(.id|startswith("many-")).status' "$test_dir/many.json" | sort | uniq -c | awk '{ print $1, $2 }')" "297 stopped"
is "the live ones too" "$(jq -r '.[]|select(.id=="running" or .id=="paused" or .id=="created").status' "$test_dir/many.json" | paste -sd' ')" \
        "created paused running"
is "the others are said, in order" "$(grep -o 'many-[0-9]*: state.json' "$test_dir/many.err" | paste -sd' ')" \
        "many-1007: state.json many-1130: state.json many-1299: state.json"
rm -r "$state_root"/many-*

# ---- ps ----

is "ps as JSON" "$(ctrctl ps -f json running)" "[$(property running MainPID)]"
ctrctl exec -d running sleep 500 </dev/null >/dev/null 2>&1
is "two processes, as integers" "$(ctrctl ps -f json running | jq -c 'map(type)')" '["number","number"]'
is "as a table" "$(ctrctl ps running | awk 'NR > 1 { print $NF }' | sort | paste -sd' ')" "1000 500"
like "with ps's header" "$(ctrctl ps running | head -1)" '^UID +PID'
is "ps's own options" "$(ctrctl ps running -eo pid,comm | awk 'NR > 1 { print $2 }' | sort -u)" sleep
exits "options without a PID column" 1 ctrctl ps running -eo comm
is "of a stopped container" "$(ctrctl ps -f json stopped)" "[]"
exits "of nothing" 1 ctrctl ps nothing
like "says so" "$output" 'container does not exist'

for id in created running paused stopped; do
        ok "delete -f $id" ctrctl delete -f $id
        ok "nothing is left of $id" nothing_left $id
done

# ---- what needs no bus ----

ctrctl run -d --bundle "$(bundle quiet)" quiet
for verb in "state quiet" "list" "ps -f json quiet" "kill quiet USR1" "exec quiet true"; do
        # shellcheck disable=SC2086
        is "$verb does not load libsystemd" "$(strace -f -e trace=openat ctrctl $verb 2>&1 | grep -c 'libsystemd\.so')" 0
done
ctrctl delete -f quiet
is "unit-name" "$(ctrctl unit-name my-web) $(ctrctl unit-name a+b)" 'ctr@my-web.service ctr@a\x2bb.service'
done_testing
