#!/bin/bash
# The health of a container by D-Bus: properties, their changes, what the last check wrote, and a check now.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/manager-lib.sh"

etc=/etc/ctrunit/containers
flags=$test_dir/flags
mkdir -p "$flags" $etc
make_rootfs "$test_dir/rootfs"
configured() { # NAME TEXT
        printf '[Container]\nRootfs=%s\nVolume=%s:/flags\nExec=/bin/ctr-probe sleep 1000\n%s\n' "$test_dir/rootfs" "$flags" "$2" >"$etc/$1.container"
}
# Checks are by hand, so that the test knows when they are.
configured well $'HealthCmd=cat; echo looked; test -e /flags/well || { echo sick >&2; exit 3; }\nHealthInterval=disable\nHealthRetries=2'
configured loud $'HealthCmd=head -c 100000 /dev/zero | tr "\\\\0" "\\\\377"; echo end\nHealthInterval=disable'
systemctl daemon-reload
health() { get "$1" Health; }
changes() { # PROPERTY
        jq -r 'select(.member == "PropertiesChanged" and .path == "/org/ctrunit1/container/well") | .payload.data[1].'"$1"'.data // empty' "$test_dir/signals" | tr '\n' ' '
}
test_changes() { [ "$(changes "$1")" = "$2" ]; }

listen
subscriber
ok "one is started" systemctl start ctr@well
is "Health" "$(health well)" 's "starting"'
works "GetHealth" container well GetHealth
is "says nothing yet" "$output" 'sus "starting" 0 ""'
touch "$flags/well"
works "CheckHealth" container well CheckHealth
is "healthy, and what it wrote" "$output" 'sus "healthy" 0 "looked\n"'
rm "$flags/well"
works "CheckHealth that fails is an answer" container well CheckHealth
is "one failure" "$output" 'sus "healthy" 1 "looked\nsick\n"'
works "CheckHealth" container well CheckHealth
is "so many are unhealthy" "$output" 'sus "unhealthy" 2 "looked\nsick\n"'
is "Health" "$(health well)" 's "unhealthy"'
is "HealthFailures" "$(get well HealthFailures)" 'u 2'
works "GetHealth" container well GetHealth
is "is the last check" "$output" 'sus "unhealthy" 2 "looked\nsick\n"'
exits "ctrctl checks the same" 1 ctrctl health well
like "prints what the check writes" "$output" '^sick$'
touch "$flags/well"
ok "and is heard" ctrctl health well
seen "what systemctl starts is created" 'ContainerCreated well /org/ctrunit1/container/well'
seen "and started" 'ContainerStarted well [1-9][0-9]*'
ok "PropertiesChanged of Health" eventually 20 test_changes Health 'starting healthy healthy unhealthy unhealthy healthy '
is "and of HealthFailures" "$(changes HealthFailures)" '0 0 1 2 3 0 '
output=$(as_nobody "$test_build/tests/client/ctr-call" "$(object_of well)" org.ctrunit1.Container GetHealth 2>&1)
like "what checks write is not for everybody" "$output" 'AccessDenied|InteractiveAuthorizationRequired'
is "their result is" "$(as_nobody busctl get-property org.ctrunit1 "$(object_of well)" org.ctrunit1.Container Health)" 's "healthy"'

# Much, and no text.
ok "a loud one" systemctl start ctr@loud
works "CheckHealth" container loud CheckHealth
like "keeps the end" "$output" '\?end\\n"$'
ok "4 KiB of it" test ${#output} -le 4200
works "one without a check" manager CreateContainer 'ssa{sv}' plain "$(bundle plain)" 0
fails "GetHealth" Usage container plain GetHealth
is "Health" "$(health plain)" 's ""'
works "Pause" container loud Pause
fails "CheckHealth of a paused one" ContainerNotRunning container loud CheckHealth
works "Resume" container loud Resume
works "Delete" container plain Delete b true
rm $etc/well.container $etc/loud.container
systemctl stop ctr@well ctr@loud 2>/dev/null
seen "what systemctl stops has ended" 'Exited well success exited 143'
seen "and is removed" 'Removed well'
systemctl daemon-reload
for id in well loud plain; do ok "nothing is left" nothing_left $id; done
kill "$monitor"
release_subscriber
ok "no job is left" eventually 10 no_jobs
done_testing
