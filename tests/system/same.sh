#!/bin/bash
# One bundle, three ways in: `ctrctl run`, the generator, and create with start. The same program (as text) and the
# same facts from the probe inside.
. "$(dirname "$0")/lib.sh"

edit='.process.args=["/bin/ctr-probe","facts"]|.process.user={"uid":7,"gid":8,"additionalGids":[9],"umask":23}
        |.process.rlimits=[{"type":"RLIMIT_NOFILE","soft":77,"hard":99}]|.process.oomScoreAdj=50
        |.linux.sysctl={"kernel.msgmax":"4096"}|.root.readonly=true
        |.linux.seccomp={"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"}]}'
dir=$(bundle same "$edit")

# What differs by nature from one run to the next.
facts() {
        sed -E 's/(ns_[a-z]+|starttime|[a-z_]*inode)=.*/\1=*/; s/[0-9]+:\[?[0-9]+\]?//g' | grep -v '^env=INVOCATION_ID'
}

ctrctl run --bundle "$dir" same >"$test_dir/run.txt" 2>"$test_dir/run.err"
is "run: exit code" "$?" 0
ok "run: facts" grep -q '^uid=7$' "$test_dir/run.txt"

# What the payload of a unit wrote, from the journal.
unit_facts() { # ID
        journalctl --sync
        journalctl -q -o cat "_SYSTEMD_UNIT=ctr@$1.service" _TRANSPORT=stdout | grep -E '^[a-zA-Z_.]+='
}

ok "create" ctrctl create --bundle "$dir" samec
ok "start" ctrctl start samec
ok "start: stopped at last" eventually 5 test_stopped samec
unit_facts samec >"$test_dir/create.txt"
ok "delete" ctrctl delete samec

mkdir -p /etc/ctrunit/containers
ln -s "$dir" /etc/ctrunit/containers/sameg
systemctl daemon-reload
ok "systemctl start" systemctl start ctr@sameg
eventually 5 test_inactive sameg
unit_facts sameg >"$test_dir/generated.txt"
rm /etc/ctrunit/containers/sameg
systemctl daemon-reload

for way in create generated; do
        ok "$way: the same facts as run" diff <(facts <"$test_dir/run.txt") <(facts <"$test_dir/$way.txt")
done
is "plan: the same program for run and create, but for the gate" \
        "$(ctrctl plan --bundle "$dir" same | sed -n '/^CHILD/p' | md5sum)" \
        "$(ctrctl plan --bundle "$dir" --create same | sed -n '/^CHILD/p' | grep -vE ' gate |=at-gate' | md5sum)"
done_testing
