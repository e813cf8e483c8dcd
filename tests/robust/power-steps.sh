# The steps of power.sh, each in a boot of its own. Sourced after tests/system/lib.sh.
# shellcheck shell=bash disable=SC2154,SC2034 # test_dir and test_file are lib.sh's

etc=/etc/ctrunit/containers
test_file=power
is_up() { systemctl is-active --quiet "ctr@$1" && [ "$(status_of "$1")" = running ]; }
no_trace() { # ID
        ! ctrctl list -q | grep -qx "$1" && ! ctrctl state "$1" 2>/dev/null && nothing_left "$1"
}

# put ID [SETTINGS]: a configured container on the disk.
put() {
        mkdir -p "$etc/$1/rootfs"
        make_rootfs "$etc/$1/rootfs"
        base_config | jq '.root.path="rootfs"' >"$etc/$1/config.json"
        [ -z "${2-}" ] || printf '%s\n' "$2" >"$etc/$1.container"
}

# Both kinds of containers run, one of them has been changed since, and one is only created.
start_others() {
        systemctl start ctr@disabled || return 1
        ctrctl run -d --bundle "$(bundle transient)" transient || return 1
        ctrctl create --bundle "$(bundle waiting)" waiting
}
finish_step() { # NAME: numbers go on over the boots
        echo "# $1: $test_number tests, $test_failed failed"
        sync
}

# What was printed has to leave the host first. The cut comes from outside, when it reads this line.
go_down() {
        sleep 2
        systemctl poweroff
        sleep 300
}
await_cut() {
        echo "# cut"
        sleep 300
}

step_configure() {
        put enabled
        put restarting $'[Service]\nRestart=always'
        put disabled
        systemctl daemon-reload
        ok "before: enable" ctrctl enable enabled
        ok "before: enable" ctrctl enable restarting
        systemctl daemon-reload
        ok "before: start" systemctl start ctr@enabled ctr@restarting
        ok "before: the others run" start_others
        for id in enabled restarting disabled transient; do
                ok "before: $id runs" eventually 20 is_up "$id"
        done
        finish_step "before"
        rm -rf --one-file-system "$test_dir"
        go_down
}

# What every boot after one finds.
check_boot() { # NAME
        local id
        for id in enabled restarting; do
                ok "$1: $id runs again" eventually 60 is_up "$id"
                is "$1: $id has this boot's process" "$(ctrctl state $id | jq .pid)" "$(property $id MainPID)"
                ok "$1: exec in $id" ctrctl exec $id /bin/true
        done
        for id in disabled transient waiting; do
                ok "$1: $id left no trace" no_trace $id
        done
        is "$1: list has nothing else" "$(ctrctl list -q | paste -sd' ')" "enabled restarting"
        ok "$1: the others start again" start_others
        ok "$1: delete" ctrctl delete -f transient
        ok "$1: delete" ctrctl delete -f waiting
        ok "$1: the others start once more" ctrctl run -d --bundle "$(bundle transient)" transient
        ok "$1: no unit has failed" test -z "$(systemctl list-units --failed --plain --no-legend 'ctr*')"
}

step_after_reboot() {
        check_boot "after a reboot"
        finish_step "after a reboot"
        # Containers live, and nobody is told.
        await_cut
}

step_after_cut() {
        check_boot "after a power cut"
        done_testing
}
