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

ok "create" ctrctl create --bundle "$dir" same
ok "create: program" cp "$state_root/same/program" "$test_dir/create.program"
cursor=$(journalctl -n0 --show-cursor | sed -n 's/^-- cursor: //p')
ok "start" ctrctl start same

ok "start: stopped at last" eventually 5 test_stopped same
journalctl --sync
journalctl -q --after-cursor "$cursor" -o cat "_SYSTEMD_UNIT=ctr@same.service" | grep -E '^[a-zA-Z_.]+=' >"$test_dir/create.txt"
ok "delete" ctrctl delete same

mkdir -p /etc/ctrunit/containers
ln -s "$dir" /etc/ctrunit/containers/same
systemctl daemon-reload
cursor=$(journalctl -n0 --show-cursor | sed -n 's/^-- cursor: //p')
ok "systemctl start" systemctl start ctr@same
journalctl --sync
journalctl -q --after-cursor "$cursor" -o cat "_SYSTEMD_UNIT=ctr@same.service" | grep -E '^[a-zA-Z_.]+=' >"$test_dir/generated.txt"
eventually 5 test_inactive same
rm /etc/ctrunit/containers/same
systemctl daemon-reload

for way in create generated; do
        ok "$way: the same facts as run" diff <(facts <"$test_dir/run.txt") <(facts <"$test_dir/$way.txt")
done
is "plan: the same program for run and create, but for the gate" \
        "$(ctrctl plan --bundle "$dir" same | sed -n '/^CHILD/p' | md5sum)" \
        "$(ctrctl plan --bundle "$dir" --create same | sed -n '/^CHILD/p' | grep -v ' gate ' | md5sum)"
done_testing
