#!/bin/bash
# podman container checkpoint and restore, with criu: needs a kernel that Debian's criu knows (tools/testhost --qemu).
# shellcheck disable=SC2016,SC1091  # $ is for shells in containers
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/podman-lib.sh"
if ! criu check >/dev/null 2>&1; then
        skip "checkpoint" "criu is not installed, or does not know this kernel"
        done_testing
fi
podman_begin systemd

counter='i=0; while :; do i=$((i+1)); echo $i >/count; sleep 0.1; done'
count() { p exec "$1" cat /count; }
counts() { [ "$(count "$1")" -gt "${2:-0}" ] 2>/dev/null; } # CONTAINER MORE-THAN

p run -d --name c "${none[@]}" box sh -c "$counter" >/dev/null
ok "it counts" eventually 20 counts c 3
ok "checkpoint" p container checkpoint c
is "it has ended" "$(state_of c)" exited
ok "restore" p container restore c
is "it runs" "$(state_of c)" running
before=$(count c)
ok "it goes on from where it was" test "${before:-0}" -gt 3
ok "and counts on" eventually 20 counts c "$before"
is "exec in it" "$(p exec c echo inside)" inside
ok "checkpoint --leave-running" p container checkpoint --leave-running c
is "it runs on" "$(state_of c)" running
ok "checkpoint --export" p container checkpoint --export "$test_dir/c.tar.gz" c
p rm c >/dev/null
ok "restore --import --name" p container restore --import "$test_dir/c.tar.gz" --name d
ok "another container counts on" eventually 20 counts d 3
ok "pause" p pause d
ok "unpause" p unpause d
ok "stop" p stop -t 1 d
p rm d >/dev/null
podman_end
