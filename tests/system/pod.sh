#!/bin/bash
# Pods: their life with ctrctl, from the configuration until nothing is left.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"

# ---- create, ready ----
exits "create" 0 pod_make web
is "prints the id" "$output" web
is "is ready" "$(pod_state web)" ready
is "containers are ready" "$(ctrctl pod status web | jq -c '[.ContainersStatus[] | [.ID, .State]]')" \
        '[["a","ready"],["b","ready"]]'
is "the slice is active" "$(systemctl is-active ctr-web.slice)" active
is "units of the containers are in it" "$(property web.a Slice)" ctr-web.slice
is "the container verbs know them" "$(status_of web.a)" created
is "annotations" "$(ctrctl pod status web | jq -r '.Annotations["org.test.one"]')" 1
is "of a container" "$(ctrctl pod status web b | jq -r '.Annotations["org.test.b"]')" yes
is "hypervisor, agent" "$(ctrctl pod status web | jq -r '.Hypervisor + " " + .Agent')" "mock noop"
is "list" "$(ctrctl pod list -q)" web
like "list as a table" "$(ctrctl pod list)" '^web +ready +2 +CNM +ctr-web.slice$'
is "list as JSON" "$(ctrctl pod list -f json | jq -c '[.[] | [.ID, .State]]')" '[["web","ready"]]'
exits "the same id again" 1 pod_make web
like "says that it is in use" "$output" 'pod with given ID already exists'
is "the first is as it was" "$(pod_state web)" ready
exits "pause of a ready pod" 1 ctrctl pod pause web
like "says why" "$output" 'Can not move from ready to paused'
exits "a container cannot be started in it" 1 ctrctl pod start web a
like "says why" "$output" 'Pod not running, impossible to start the container'

# ---- start, running ----
ok "start" ctrctl pod start web
is "is running" "$(pod_state web)" running
a=$(member_pid web a) b=$(member_pid web b)
is "pid is the unit's" "$a" "$(property web.a MainPID)"
for ns in net ipc uts; do
        is "$ns namespace is shared" "$(namespace_of "$a" $ns)" "$(namespace_of "$b" $ns)"
        is "$ns namespace is the pinned one" "$(namespace_of "$a" $ns)" "$(stat -L -c %i $pods_root/web/ns/$ns)"
done
ok "it is not the host's" test "$(namespace_of "$a" net)" != "$(namespace_of 1 net)"
for ns in pid mnt cgroup; do
        ok "$ns namespace is each one's own" test "$(namespace_of "$a" $ns)" != "$(namespace_of "$b" $ns)"
done
is "host name in one" "$(ctrctl pod enter web a hostname)" pod-host
is "host name in the other" "$(ctrctl pod enter web b hostname)" pod-host
members=$(printf '%s\n' "$a" "$b" | sort -n | xargs)
test_members_alone() { [ "$(find "$(slice_cgroup web)" -name cgroup.procs -exec cat {} + | sort -n | xargs)" = "$members" ]; }
ok "nothing of ours runs" eventually 5 test_members_alone
exits "start again" 1 ctrctl pod start web
like "says why" "$output" 'Can not move from running to running'
exits "delete of a running pod" 1 ctrctl pod delete web
like "says why" "$output" 'Pod not ready, paused or stopped, impossible to delete'
exits "resume of a running pod" 1 ctrctl pod resume web
like "says why" "$output" 'Pod not paused, impossible to resume'

# ---- pause ----
ok "pause" ctrctl pod pause web
is "is paused" "$(pod_state web)" paused
is "containers are paused" "$(ctrctl pod status web | jq -c '[.ContainersStatus[].State]')" '["paused","paused"]'
for m in a b; do
        is "$m is frozen" "$(awk '/^frozen/ { print $2 }' "$(cgroup_of web.$m)/cgroup.events")" 1
done
exits "start of a paused pod" 1 ctrctl pod start web
exits "enter in a paused pod" 255 ctrctl pod enter web a true
like "says why" "$output" 'Pod not running, impossible to enter the container'
ok "daemon-reload" systemctl daemon-reload
is "stays paused" "$(pod_state web)" paused
ok "resume" ctrctl pod resume web
is "is running" "$(pod_state web)" running
is "the same processes" "$(member_pid web a) $(member_pid web b)" "$a $b"

# ---- stop ----
ok "pause before stop" ctrctl pod pause web
ok "stop of a paused pod" within 15000 ctrctl pod stop web
is "is stopped" "$(pod_state web)" stopped
is "so are its containers" "$(ctrctl pod status web | jq -c '[.ContainersStatus[].State]')" '["stopped","stopped"]'
is "its slice is inactive" "$(systemctl show -P ActiveState ctr-web.slice)" inactive
ok "its namespaces are gone" test ! -e $pods_root/web/ns
exits "stop again" 1 ctrctl pod stop web
like "says why" "$output" 'Can not move from stopped to stopped'
exits "pause of a stopped pod" 1 ctrctl pod pause web
ok "start after stop" ctrctl pod start web
is "is running" "$(pod_state web)" running
is "with new namespaces, shared" "$(namespace_of "$(member_pid web a)" net)" "$(namespace_of "$(member_pid web b)" net)"

# ---- a payload that ends ----
kill -9 "$(member_pid web a)"
ok "its container is stopped without a call" eventually 5 test_member_state web a stopped
is "the pod and the other run on" "$(pod_state web) $(member_state web b)" "running running"

# ---- stopped by systemd ----
ok "systemctl stop of the slice" systemctl stop ctr-web.slice
is "is stopped for us too" "$(pod_state web)" stopped
ok "stop clears the rest away" ctrctl pod stop web
ok "nothing pinned" test ! -e $pods_root/web/ns
ok "delete" ctrctl pod delete web
ok "nothing is left" pod_nothing_left web
exits "status of nothing" 1 ctrctl pod status web
like "says why" "$output" 'pod web does not exist'
exits "delete of nothing" 1 ctrctl pod delete web
ok "delete -f of nothing" ctrctl pod delete -f web
ok "leaves nothing" pod_nothing_left web

# ---- the id again, run, force ----
ok "run with the same id" pod_run web
is "is running" "$(pod_state web)" running
ok "delete -f of a running pod" ctrctl pod delete -f web
ok "nothing is left" pod_nothing_left web
exits "an id is made when there is none" 0 pod_run x 'del(.ID)'
id=$output
like "of 32 digits" "$id" '^[0-9a-f]{32}$'
is "it runs" "$(pod_state "$id")" running
ok "delete -f" ctrctl pod delete -f "$id"
ok "dashes and plus are escaped" pod_run my-web+1
is "in the slice's name" "$(ctrctl pod status my-web+1 | jq -r .Slice)" 'ctr-my\x2dweb\x2b1.slice'
is "which systemd has below ctr.slice" "$(systemctl show -P Slice 'ctr-my\x2dweb\x2b1.slice')" ctr.slice
ok "delete -f" ctrctl pod delete -f my-web+1

# ---- a reboot ----
ok "run" pod_run web
ok "the run state is lost" bash -c "
        systemctl kill -s KILL ctr-web.slice; systemctl stop ctr-web.slice
        umount $pods_root/web/ns/*; rm -r $pods_root/web $state_root/web.*"
is "the pod is known, and stopped" "$(pod_state web)" stopped
ok "and starts" ctrctl pod start web
is "is running" "$(pod_state web) $(member_state web b)" "running running"
ok "delete -f" ctrctl pod delete -f web
ok "nothing is left" pod_nothing_left web
done_testing
