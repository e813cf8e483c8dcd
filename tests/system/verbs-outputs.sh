#!/bin/bash
# state, list and ps to the byte: what changes from run to run is replaced, everything else is compared whole.
. "$(dirname "$0")/lib.sh"

root=$test_dir/root
x() { ctrctl --root "$root" "$@"; }

# What differs from run to run.
plain() {
        sed -E "s#$test_dir#DIR#g; s/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{1,9})?Z/TIME/g; s/[0-9a-f]{32}/INVOCATION/g; s/\"pid\"( ?): ?[1-9][0-9]*/\"pid\"\1:PID/g"
}

is "list of nothing" "$(x list)" "ID          PID         STATUS      BUNDLE      CREATED     OWNER"
is "list of nothing, JSON" "$(x list -f json)" "[]"
is "list of nothing, ids" "$(x list -q)" ""

ok "create" x create --bundle "$(bundle out-a '.annotations={"k":"v \"q\""}')" out-a
ok "run" x run -d --bundle "$(bundle out-b)" out-b

is "state: created" "$(x state out-a | plain)" '{
  "ociVersion": "1.0.2",
  "id": "out-a",
  "pid":PID,
  "status": "created",
  "bundle": "DIR/out-a",
  "rootfs": "DIR/rootfs",
  "created": "TIME",
  "annotations": {
    "k": "v \"q\""
  },
  "owner": "root",
  "unit": "ctr@out-a.service",
  "invocationID": "INVOCATION"
}'
is "state: running, without annotations" "$(x state out-b | plain)" '{
  "ociVersion": "1.0.2",
  "id": "out-b",
  "pid":PID,
  "status": "running",
  "bundle": "DIR/out-b",
  "rootfs": "DIR/rootfs",
  "created": "TIME",
  "owner": "root",
  "unit": "ctr@out-b.service",
  "invocationID": "INVOCATION"
}'
is "list: JSON" "$(x list -f json | plain)" '[{"ociVersion":"1.0.2","id":"out-a","pid":PID,"status":"created","bundle":"DIR/out-a","rootfs":"DIR/rootfs","created":"TIME","annotations":{"k":"v \"q\""},"owner":"root","unit":"ctr@out-a.service","invocationID":"INVOCATION"},{"ociVersion":"1.0.2","id":"out-b","pid":PID,"status":"running","bundle":"DIR/out-b","rootfs":"DIR/rootfs","created":"TIME","owner":"root","unit":"ctr@out-b.service","invocationID":"INVOCATION"}]'
is "list: ids" "$(x list --quiet)" "out-a
out-b"
pid=$(x state out-b | jq .pid)
ok "kill" x kill out-a KILL
ok "stopped" eventually 5 sh -c "ctrctl --root '$root' state out-a | grep -q stopped"
is "list: columns of a table at least twelve wide, three apart" "$(x list --format table | plain | sed "s/ $pid / PID /" | tr -s ' ')" "ID PID STATUS BUNDLE CREATED OWNER
out-a 0 stopped DIR/out-a TIME root
out-b PID running DIR/out-b TIME root"
header=$(x list | head -1)
is "list: first columns" "${header:0:36}" "ID          PID         STATUS      "
is "ps: JSON" "$(x ps -f json out-b)" "[$pid]"
is "ps: JSON of a stopped one" "$(x ps --format json out-a)" "[]"
is "ps: the table is that of ps" "$(x ps out-b | tail -1 | tr -s ' ' | cut -d' ' -f2)" "$pid"
is "ps: its options" "$(x ps out-b -o pid,comm | tail -1 | tr -s ' ' | sed 's/^ //')" "$pid ctr-probe"

# ---- texts that callers look for ----

says() { # TEXT COMMAND...
        local text=$1
        shift
        exits "$*" 1 x "$@"
        is "$*: says" "$output" "ctrctl: $text"
}
says "container does not exist" state out-none
says "container does not exist" kill out-none
says "container does not exist" delete out-none
says "container with given ID already exists" create --bundle "$test_dir/out-a" out-b
says "container not running" kill out-a
says "container not paused" resume out-b
says "cannot delete container out-b that is not stopped: running" delete out-b
says "cannot start an already running container" start out-b
exits "an id that cannot be" 1 x state a/b
like "an id that cannot be: says" "$output" 'invalid container ID format'

ok "delete" x delete -f --regex .
ok "nothing is left" nothing_left out-b

done_testing
