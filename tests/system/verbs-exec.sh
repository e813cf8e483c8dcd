#!/bin/bash
# exec into parts of the cgroup, process files, and places where nothing can start: refused, never hanging.
. "$(dirname "$0")/lib.sh"

ok "start" ctrctl run -d --bundle "$(bundle xc '.linux.namespaces|=map(select(.type!="cgroup"))')" xc
cgroup=$(cgroup_of xc)
mkdir "$cgroup/part" "$cgroup/part/inner"
own_cgroup() { ctrctl exec "$@" xc /bin/ctr-probe cat /proc/self/cgroup; }
like "exec: in the container's cgroup" "$(own_cgroup)" '/ctr@xc\.service$'
like "exec --cgroup" "$(own_cgroup --cgroup part)" '/ctr@xc\.service/part$'
like "exec --cgroup with a slash before" "$(own_cgroup --cgroup /part/inner)" '/ctr@xc\.service/part/inner$'
like "exec --cgroup /" "$(own_cgroup --cgroup /)" '/ctr@xc\.service$'
for path in .. part/.. ../system.slice part//inner ""; do
        exits "exec --cgroup '$path' is refused" 255 ctrctl exec --cgroup "$path" xc /bin/true
done
exits "exec --cgroup of nothing" 255 ctrctl exec --cgroup nothing xc /bin/true
like "says so" "$output" 'nothing: No such file'
rmdir "$cgroup/part/inner" "$cgroup/part"

# ---- process file ----

jq -n '{args:["/bin/sh","-c","exit $CODE"],cwd:"/",user:{uid:0,gid:0},env:["CODE=7"]}' >"$test_dir/process.json"
exits "exec -p" 7 ctrctl exec -p "$test_dir/process.json" xc
exits "exec -p -d" 0 ctrctl exec -d --pid-file "$test_dir/pid" -p "$test_dir/process.json" xc
like "its pid file" "$(cat "$test_dir/pid")" '^[0-9]+$'
exits "exec -p of nothing" 255 ctrctl exec -p /nonexistent xc
echo '{"cwd":"/","args":5}' >"$test_dir/process.json"
exits "exec -p of something wrong" 255 ctrctl exec -p "$test_dir/process.json" xc
like "names the place" "$output" 'args'
ok "delete" ctrctl delete -f xc

# ---- frozen ----

ok "start" ctrctl run -d --bundle "$(bundle xf)" xf
ok "pause" ctrctl pause xf
ok "exec into a paused container is refused at once" within 3000 sh -c '! ctrctl exec xf /bin/true'
ok "resume" ctrctl resume xf
ok "delete" ctrctl delete -f xf

in_slice='.linux.cgroupsPath="ctr-frozen.slice:x:y"'
ok "start in a slice" ctrctl run -d --bundle "$(bundle xs "$in_slice")" xs
ok "freeze the slice" systemctl freeze ctr-frozen.slice
is "its container is paused" "$(status_of xs)" paused
ok "exec into it is refused at once" within 3000 sh -c '! ctrctl exec xs /bin/true'
for verb in create "run -d" run; do
        # shellcheck disable=SC2086
        ok "$verb in it is refused at once" within 5000 sh -c "! ctrctl $verb --bundle '$(bundle xs2 "$in_slice")' xs2 2>'$test_dir/err'"
        like "$verb: says why" "$(cat "$test_dir/err")" 'ctr-frozen.slice is frozen'
        ok "$verb: nothing is left" nothing_left xs2
done
ok "thaw" systemctl thaw ctr-frozen.slice
ok "then it starts" ctrctl run -d --bundle "$test_dir/xs2" xs2
ok "delete" ctrctl delete -f -r '^xs'

# ---- occupied ----

place=/sys/fs/cgroup/ctr.slice/ctr@xo.service
mkdir -p "$place"
sleep 1000 &
stranger=$!
echo $stranger >"$place/cgroup.procs"
exits "create in a cgroup with processes is refused" 1 ctrctl create --bundle "$(bundle xo)" xo
like "says why" "$output" 'has processes already'
ok "the stranger lives" kill -0 $stranger
kill $stranger
wait $stranger 2>/dev/null
rmdir "$place"
ok "then it is made" ctrctl create --bundle "$test_dir/xo" xo
exits "a second one of that id" 1 ctrctl create --bundle "$test_dir/xo" xo
like "says so" "$output" 'container with given ID already exists'
exits "one of that id in another root" 1 ctrctl --root "$test_dir/root" create --bundle "$test_dir/xo" xo
like "says so" "$output" 'container with given ID already exists'
ok "delete" ctrctl delete xo
ok "nothing is left" nothing_left xo

done_testing
