#!/bin/bash
# inspect, enable, disable, reload.
. "$(dirname "$0")/lib.sh"

configured=/etc/ctrunit/containers
mkdir -p $configured
link=/etc/systemd/system/multi-user.target.wants/ctr@nat.service

exits "inspect of nothing" 1 ctrctl inspect nope
ok "start" ctrctl run -d --bundle "$(bundle insp '.annotations={"a":"b"}')" insp
output=$(ctrctl inspect insp)
is "inspect: state and config" "$(jq -rc '[keys_unsorted[],.state.id,.state.status,.config.annotations.a]' <<<"$output")" '["state","config","insp","running","b"]'
is "inspect: the state is that of state" "$(jq -cS .state <<<"$output")" "$(ctrctl state insp | jq -cS .)"
is "inspect: the configuration is the one it was made from" "$(jq -cS .config <<<"$output")" "$(jq -cS . "$test_dir/insp/config.json")"
exits "enable of a container that is not configured" 1 ctrctl enable insp
like "says so" "$output" 'insp is not a configured container'
ok "no link is made" test ! -e /etc/systemd/system/multi-user.target.wants/ctr@insp.service
ok "delete" ctrctl delete -f insp
exits "enable of nothing" 1 ctrctl enable nope
exits "enable of an id that cannot be" 1 ctrctl enable ../x

ln -s "$(bundle nat)" $configured/nat
ok "enable" ctrctl enable nat
ok "the link is there" test -L $link
like "multi-user.target wants it" "$(systemctl show -P Wants multi-user.target)" 'ctr@nat\.service'
ok "enable again" ctrctl enable nat
ok "systemctl start" systemctl start ctr@nat
is "it runs" "$(status_of nat)" running
ok "systemctl stop" systemctl stop ctr@nat
ok "starting the target starts it" systemctl start --job-mode=fail multi-user.target
ok "as at boot" eventually 10 sh -c '[ "$(systemctl is-active ctr@nat)" = active ]'
ok "disable" ctrctl disable nat
ok "the link is gone" test ! -e $link -a ! -L $link
is "nothing wants it" "$(systemctl show -P Wants multi-user.target | tr ' ' '\n' | grep nat)" ""
is "it goes on" "$(status_of nat)" running
ok "disable again" ctrctl disable nat
systemctl stop ctr@nat
rm $configured/nat

ln -s "$(bundle nat2)" $configured/nat2
is "before reload" "$(systemctl show -P LoadState ctr@nat2)" not-found
ok "reload" ctrctl reload
is "after reload" "$(systemctl show -P LoadState ctr@nat2)" loaded
rm $configured/nat2
ok "reload" ctrctl reload
is "after it was removed" "$(systemctl show -P LoadState ctr@nat2)" not-found

done_testing
