#!/bin/bash
# System calls of ctr-exec, traced inside the unit: no mount, directory, node or link is ever made by a path that the
# container's files could bend; only by descriptors. For run, create and exec, as a service and as a scope.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

program=/usr/lib/ctrunit/ctr-exec
traces=$test_dir/traces
mkdir -p "$traces"
make_rootfs "$test_dir/rootfs"
mkdir -p "$test_dir/source"

# In the program's place a script that runs it below strace. Detached (-DDD), so that it stays what PID 1 started.
real=$program.real
mv $program "$real"
cat >$program <<END
#!/bin/sh
verb=\$1
[ "\$verb" != --cloned ] || verb=\$2
exec /usr/bin/strace -DDD -f -qq -s 300 -o "$traces/\$verb.\$\$" \\
        -e trace=%file,mount,umount2,fsopen,fsmount,fsconfig,open_tree,move_mount,mount_setattr,pivot_root,chroot $real "\$@"
END
chmod 755 $program
put_back() { [ ! -e "$real" ] || mv "$real" $program; }
trap put_back EXIT

edit='.mounts+=[{"destination":"/bound/deep","type":"bind","source":"'$test_dir/source'","options":["rbind","ro"]},
        {"destination":"/new/tmp","type":"tmpfs","source":"tmpfs","options":["tmpcopyup"]}]
        |.linux.devices=[{"path":"/dev/x/pipe","type":"p","fileMode":384}]|.linux.sysctl={"net.ipv4.ip_forward":"1"}
        |.root.readonly=true|.process.cwd="/made/work"|.linux.rootfsPropagation="rslave"'
dir=$(bundle trace "$edit")
ok "a container below strace" ctrctl run -d --bundle "$dir" sec-trace
pid=$(ctrctl state sec-trace | jq .pid)
is "the payload is the unit's main process" "$(property sec-trace MainPID)" "$pid"
is "it is the container's program" "$(readlink "/proc/$pid/exe")" /bin/ctr-probe
ok "exec below strace" ctrctl exec sec-trace /bin/ctr-probe exit 0
ok "delete" ctrctl delete -f sec-trace
ok "create below strace" ctrctl create --bundle "$dir" sec-trace
ok "start" ctrctl start sec-trace
ok "delete" ctrctl delete -f sec-trace
ok "a scope below strace" sh -c "ctr-runtime --systemd-cgroup run -d --bundle $dir sec-scope </dev/null >/dev/null 2>$test_dir/err || { cat $test_dir/err; false; }"
ok "exec below strace" ctr-runtime exec sec-scope /bin/ctr-probe exit 0
ok "delete" ctr-runtime delete -f sec-scope
is "each was traced: run, create, a scope, two of exec" "$(ls "$traces"/run.* | wc -l) $(ls "$traces"/exec.* | wc -l)" "3 2"
put_back
cat "$traces"/run.* "$traces"/exec.* 2>/dev/null | sed -E 's/^[0-9]+ +//' | grep -v '<... ' >"$test_dir/calls"

# The trace has teeth: the calls that do the work are in it.
for call in open_tree move_mount mount_setattr fsmount openat2 mkdirat pivot_root; do
        ok "$call was traced" grep -q "^$call(" "$test_dir/calls"
done


no_call() { # PATTERN: no such line in the trace
        ! grep -nE "$1" "$test_dir/calls"
}
test_rootfs_path() {
        grep -F "\"$test_dir/rootfs" "$test_dir/calls" | grep -vE '^open_tree\(AT_FDCWD, "[^"]*/rootfs", OPEN_TREE_CLONE' |
                { ! grep .; }
}
test_resolution() {
        grep '^openat2(' "$test_dir/calls" | grep -vE 'RESOLVE_IN_ROOT|RESOLVE_BENEATH' | { ! grep .; }
}

ok "no mount(2)" no_call '^mount\('
ok "no path-based mkdir, mknod, symlink, link, rename, unlink, chmod, chown" \
        no_call '^(mkdir|mknod|symlink|link|rename|unlink|rmdir|chmod|chown|lchown|truncate|creat)\('
ok "no *at call that makes something from the working directory or an absolute path" \
        no_call '^(mkdirat|mknodat|symlinkat|linkat|unlinkat|fchmodat|fchownat)\((AT_FDCWD|[0-9]+, "/)'
ok "no file is made by a path" no_call '^(open\(|openat2?\((AT_FDCWD|[0-9]+, "/)).*O_CREAT'
ok "umount2 of nothing but the working directory" no_call '^umount2\("([^.]|\.[^"])'
ok "move_mount by descriptors only" no_call '^move_mount\(AT_FDCWD|^move_mount\([^,]*, "[^"]|^move_mount\([^,]*, "", (AT_FDCWD|[0-9]+, "[^"])'
ok "mount_setattr by descriptors only" no_call '^mount_setattr\(AT_FDCWD|^mount_setattr\([^,]*, "[^"]'
ok "the root file system's path is opened once, as a detached clone" test_rootfs_path
ok "what is resolved below the root stays in it" test_resolution
done_testing
