#!/bin/bash
# What README.md and the manual pages print is done as printed, in their order; only what the examples take for granted
# (root file systems, programs in them) is made here. A block that this file does not know fails it.
. "$(dirname "$0")/lib.sh"

man=/src/man
etc=/etc/ctrunit/containers
rm -rf $etc
known=()
# block PAGE N: the text between the N-th pair of ``` lines, as scdoc shows it.
block() {
        awk -v want="$2" '/^```/ { n += !on; on = !on; next } on && n == want' "$man/$1.scd" | sed 's/\\\\/\\/g'
}
# commands PAGE N: the N-th paragraph of lines that are broken by ++.
commands() {
        awk -v want="$2" '/\+\+$/ { if (!on) n++; on = 1; if (n == want) { sub(/\+\+$/, ""); print } next } on { if (n == want) print; on = 0 }' \
                "$man/$1.scd" | sed 's/^\t//'
}
# column N: of text in two columns.
column() {
        awk -F '\t+' -v n="$1" '{ print $n }'
}
know() { known+=("$1"); }
listens() { ctrctl exec "$1" cat /proc/net/tcp /proc/net/tcp6 | grep -q "$(printf ':%04X .* 0A ' "$2")"; }
test_no_forwarders() { ! systemctl list-units --plain --no-legend 'ctr-fwd@shop*' | grep -q .; }
active() { [ "$(systemctl is-active "$1")" = active ]; }
root_at() { # DIR [PROGRAM...]: a root file system with these programs, which stay
        local dir=$1 program
        shift
        mkdir -p "$dir" && cp -a "$test_dir/rootfs/." "$dir/"
        mkdir -p "$dir"/{tmp,run,var/tmp,var/lib/www,usr/share/www,usr/sbin,data}
        for program; do
                printf '#!/bin/sh\ntrap "echo reloaded" HUP\ntrap "exit 0" TERM\necho "%s $*"\nwhile :; do sleep 0.05; done\n' "${program##*/}" >"$dir$program"
                chmod +x "$dir$program"
        done
}
make_rootfs "$test_dir/rootfs"
said() { journalctl -q --no-pager -o cat -u "$1" | grep -qx -- "$2"; }
clear() {
        systemctl stop 'ctr@*' '*-pod.service' 'ctr-volume@*' 2>/dev/null
        rm -rf $etc
        systemctl daemon-reload
        systemctl reset-failed 2>/dev/null
}

# ---- README.md ----

root_at /srv/web
i=0
while read -r line; do
        case $line in debootstrap*) continue ;; esac # what it makes is there
        i=$((i + 1))
        ok "README: $line" bash -c "$line </dev/null"
done < <(sed -n '/^    # /,/^$/p' /src/README.md | sed '/^$/,$d; s/^    # //; s/  *# .*//')
is "README: so many lines" $i 7
is "README: its container" "$(property web MemoryMax) $(property web ActiveState)" "1073741824 active"
ok "README: stop" systemctl stop ctr@web
exits "README: who tries another way is told" 1 ctrctl start web
is "README: who tries another way is told: what to do" "$output" "ctrctl: container web is configured: systemctl start starts it"
exits "README: a container that is not configured" 1 ctrctl start nothing
is "README: a container that is not configured: as other runtimes say" "$output" "ctrctl: container does not exist"
is "README: at once" "$(property web Result)" success
systemctl revert -q ctr@web
clear
rm -r /srv/web

# ---- ctrctl(1) ----

know "ctrctl.1 ++1"
mkdir "$test_dir/here"
cd "$test_dir/here" || exit
while read -r line; do
        case $line in
        ctrctl\ run*) is "ctrctl(1): $line" "$(echo 'echo by the shell' | bash -c "$line")" "by the shell" ;;
        *) ok "ctrctl(1): $line" bash -c "$line" && cp -a "$test_dir/rootfs/." web/rootfs/ ;;
        esac
done < <(commands ctrctl.1 1)

know "ctrctl.1 1"
cd / || exit
root_at /srv/rootfs
while read -r line; do
        ok "ctrctl(1): $line" bash -c "$line"
        case $line in
        *mod-run*) ok "ctrctl(1): it listens" eventually 20 listens web 80 ;;
        *--pids-limit*) is "ctrctl(1): the limit" "$(property web TasksMax)" 100 ;;
        esac
done < <(block ctrctl.1 1)
ok "ctrctl(1): nothing is left" nothing_left web

# ---- ctrctl-pod(1) ----

know "ctrctl-pod.1 1"
cd "$test_dir/here" || exit
output=$(block ctrctl-pod.1 1 | sed '/^ctrctl pod delete/d' | bash -e 2>&1)
ok "ctrctl-pod(1): what it prints is done" test $? = 0 || sed 's/^/#   /' <<<"$output"
like "ctrctl-pod(1): in its own host name" "$output" shop
is "ctrctl-pod(1): limits of both together" "$(systemctl show -P MemoryMax ctr-shop.slice)" $((256 * 1024 * 1024))
ok "ctrctl-pod(1): its port listens" systemctl is-active -q ctr-fwd@shop.web-8080.socket
ok "ctrctl-pod(1): end" bash -c "$(block ctrctl-pod.1 1 | sed -n '/^ctrctl pod delete/p')"
ok "ctrctl-pod(1): no port is left" eventually 10 test_no_forwarders

# ---- ctr-generator(8) ----

know "ctr-generator.8 ++1"
know "ctr-generator.8 ++2" # a list of directories
root_at "$etc/web/rootfs"
base_config >config.json
while read -r line; do
        ok "ctr-generator(8): $line" bash -c "$line"
done < <(commands ctr-generator.8 1)
ok "ctr-generator(8): it runs" active ctr@web
clear
i=0
for dir in $(commands ctr-generator.8 2 | grep -o '_/[^_]*_' | tr -d _); do
        i=$((i + 1))
        mkdir -p "$dir"
        printf '[Container]\nRootfs=%s\nExec=/bin/ctr-probe sleep 1000\n' "$test_dir/rootfs" >"$dir/place-$i.container"
done
systemctl daemon-reload
is "ctr-generator(8): its three directories are searched" "$(systemctl show -P LoadState ctr@place-{1,2,3} | xargs)" "loaded loaded loaded"
rm -f /run/ctrunit/config/containers/place-* /usr/lib/ctrunit/containers/place-*
clear
cd / || exit

# ---- ctrunit.container(5) ----

know "ctrunit.container.5 ++1"
mkdir -p $etc
printf '[Container]\nRootfs=%s\nExec=/bin/ctr-probe sleep 1000\n' "$test_dir/rootfs" >"$etc/web@.container"
while read -r line; do
        ok "ctrunit.container(5): $line" bash -c "$line"
done < <(commands ctrunit.container.5 1)
ok "ctrunit.container(5): the instance runs" active ctr@web-one
clear

know "ctrunit.container.5 1"
mkdir -p $etc
root_at /srv/web/rootfs /usr/sbin/nginx
mkdir -p /srv/web/pages
echo page >/srv/web/pages/index.html
echo 'www:x:82:82::/:/bin/sh' >>/srv/web/rootfs/etc/passwd
block ctrunit.container.5 1 >$etc/web.container
printf '[Container]\nRootfs=%s\nExec=/bin/ctr-probe sleep 1000\n' "$test_dir/rootfs" >$etc/db.container
ok "ctrunit.container(5): a web server: check" ctrctl check $etc/web.container
systemctl daemon-reload
ok "ctrunit.container(5): a web server: start" systemctl start ctr@web
ok "ctrunit.container(5): a web server: with db.container" active ctr@db
ok "ctrunit.container(5): a web server: its arguments" eventually 20 said ctr@web 'nginx -g daemon off;'
ok "ctrunit.container(5): a web server: reload" systemctl reload ctr@web
ok "ctrunit.container(5): a web server: hears it" eventually 20 said ctr@web reloaded
is "ctrunit.container(5): a web server: pages, state, limit, at boot" \
        "$(ctrctl exec web cat /usr/share/www/index.html) $(stat -c %u /var/lib/ctrunit/web/data) $(property web MemoryMax) $(property web WantedBy)" \
        "page 82 536870912 multi-user.target"
systemctl stop ctr@web
systemctl clean --what=state ctr@web
clear
rm -r /srv/web

know "ctrunit.container.5 2"
mkdir -p $etc
block ctrunit.container.5 2 >$etc/shop.volume
printf '[Container]\nRootfs=%s\nExec=/bin/ctr-probe sleep 1000\nVolume=shop.volume:/tmp\n' "$test_dir/rootfs" >$etc/user.container
ok "ctrunit.container(5): a volume: check" ctrctl check $etc/shop.volume
systemctl daemon-reload
ok "ctrunit.container(5): a volume: start of who uses it" systemctl start ctr@user
is "ctrunit.container(5): a volume: owner and mode" "$(stat -c '%U %a' /var/lib/ctrunit/volumes/shop/data)" "www-data 750"
systemctl stop ctr-volume@shop
ok "ctrunit.container(5): a volume: clean" systemctl clean --what=state ctr-volume@shop
clear

know "ctrunit.container.5 3"
mkdir -p $etc
root_at /srv/db/rootfs /usr/sbin/db
block ctrunit.container.5 3 | column 1 >$etc/shop.pod
block ctrunit.container.5 3 | column 2 >$etc/db.container
like "ctrunit.container(5): a pod: names of the files" "$(head -n 1 $etc/shop.pod $etc/db.container | xargs)" "# $etc/shop.pod .*# $etc/db.container"
ok "ctrunit.container(5): a pod: check" ctrctl check $etc/shop.pod
systemctl daemon-reload
ok "ctrunit.container(5): a pod: start" systemctl start shop-pod
ok "ctrunit.container(5): a pod: its container" eventually 20 active ctr@db
is "ctrunit.container(5): a pod: host name" "$(ctrctl exec db hostname)" shop
clear
rm -r /srv/db

# ---- ctrunit.unit(7) ----

know "ctrunit.unit.7 1"
mkdir -p $etc
block ctrunit.unit.7 1 >/etc/systemd/system/ctr@web.socket
printf '[Container]\nRootfs=%s\nExec=/bin/ctr-probe serve 100\n' "$test_dir/rootfs" >$etc/web.container
systemctl daemon-reload
ok "ctrunit.unit(7): a socket: start" systemctl start ctr@web.socket
like "ctrunit.unit(7): a socket: the first connection" "$(timeout 60 bash -c 'exec 9<>/dev/tcp/127.0.0.1/80 && cat <&9')" '^served by pid 1, '
ok "ctrunit.unit(7): a socket: enable" systemctl enable ctr@web.socket
systemctl disable --now ctr@web.socket
rm /etc/systemd/system/ctr@web.socket
clear

know "ctrunit.unit.7 2"
dir=$(bundle published)
jq ". + {$(block ctrunit.unit.7 2)}" "$dir/config.json" >"$dir/new" && mv "$dir/new" "$dir/config.json"
ok "ctrunit.unit(7): ports: check" ctrctl check "$dir"
ok "ctrunit.unit(7): ports: run" ctrctl run -d --bundle "$dir" published
is "ctrunit.unit(7): ports: all of them listen" "$(systemctl list-units --plain --no-legend 'ctr-fwd@published-*.socket' | grep -c listening)" 4
ctrctl delete -f published

know "ctrunit.unit.7 3"
mkdir -p $etc
root_at /srv/prepare
printf '#!/bin/sh\necho made tables\n' >/srv/prepare/bin/make-tables
chmod +x /srv/prepare/bin/make-tables
root_at /srv/app /bin/app
block ctrunit.unit.7 3 | column 1 >$etc/prepare.container
block ctrunit.unit.7 3 | column 2 >$etc/app.container
systemctl daemon-reload
ok "ctrunit.unit(7): prepare and app: start" systemctl start ctr@app
ok "ctrunit.unit(7): prepare and app: what prepares has run" eventually 20 said ctr@prepare 'made tables'
is "ctrunit.unit(7): prepare and app: and stays active" "$(property prepare SubState) $(property app SubState)" "exited running"
clear
rm -r /srv/prepare /srv/app

# ---- org.ctrunit1(5), ctr-managerd(8) ----

know "org.ctrunit1.5 1"
know "org.ctrunit1.5 2"
root_at /srv/rootfs
while read -r line; do
        ok "org.ctrunit1(5): $line" bash -c "$line"
done < <(block org.ctrunit1.5 1)
block org.ctrunit1.5 2 >"$test_dir/call"
output=$(bash -e "$test_dir/call" 2>&1)
like "org.ctrunit1(5): a container of three words, and how it ends" "$output" '^[a-z]+ 0( |$)|^[a-z]+ .* 0'
ctrctl delete -f hello 2>/dev/null
know "org.ctrunit1.5 3"
rm -f /tmp/worker.json
block org.ctrunit1.5 3 >"$test_dir/orchestrator.py"
output=$(python3 "$test_dir/orchestrator.py" 2>&1)
ok "org.ctrunit1(5): in Python" test $? = 0
like "org.ctrunit1(5): in Python: what it says" "$output" "it runs"
like "org.ctrunit1(5): in Python: and its exit status" "$output" "'exited'.*Int32\(7\)"
ok "org.ctrunit1(5): in Python: nothing is left" nothing_left worker
rm /tmp/worker.json
know "org.ctrunit1.Pod.5 1"
output=$(block org.ctrunit1.Pod.5 1 | bash -e 2>&1)
ok "org.ctrunit1.Pod(5): a pod of one container, and its end" test $? = 0 || sed 's/^/#   /' <<<"$output"
like "org.ctrunit1.Pod(5): its container runs" "$output" '"db" "running"'
know "libctrunit.3 1" # built and run by the tests of the library
rm -r /srv/rootfs
know "ctr-managerd.8 1"
groupadd -f operators
useradd -M -G operators olga
ctrctl run -d --bundle "$(bundle web)" web
pause() { setpriv --reuid "$1" --regid nogroup --init-groups -- busctl --timeout=200 call org.ctrunit1 /org/ctrunit1/container/web org.ctrunit1.Container "$2"; }
ok "ctr-managerd(8): polkit is there" systemctl start polkit
exits "ctr-managerd(8): without the rule" 1 pause olga Pause
mkdir -p /etc/polkit-1/rules.d
block ctr-managerd.8 1 >/etc/polkit-1/rules.d/10-example.rules
systemctl restart polkit
ok "ctr-managerd(8): with the rule" eventually 5 pause olga Pause
is "ctr-managerd(8): it is paused" "$(status_of web)" paused
exits "ctr-managerd(8): another action" 1 pause olga Kill
rm /etc/polkit-1/rules.d/10-example.rules
systemctl stop polkit
userdel olga
groupdel operators
ctrctl delete -f web

# ---- examples that are installed ----

mkdir -p $etc
root_at /srv/hello
mkdir -p /var/lib/ctrunit/hello/data
cp /usr/share/doc/ctrunit/examples/hello.container $etc/
systemctl daemon-reload
ok "hello.container: start" systemctl start ctr@hello
echo hello from its volume >/var/lib/ctrunit/hello/data/index.html
answers() { [ "$(timeout 10 bash -c 'exec 9<>/dev/tcp/127.0.0.1/8080 && printf "GET / HTTP/1.0\r\n\r\n" >&9 && tail -n 1 <&9' 2>/dev/null)" = "hello from its volume" ]; }
ok "hello.container: it serves what is in its volume" eventually 20 answers
ok "hello.container: stop" systemctl stop ctr@hello
is "hello.container: at once" "$(property hello Result)" success
systemctl clean --what=state ctr@hello
clear
rm -r /srv/hello

# ---- all of them ----

there=$(for page in "$man"/*.scd; do
        awk -v page="$(basename "$page" .scd)" '/^```/ { on = !on; if (on) print page " " ++n } /\+\+$/ { if (!in_list && !on) print page " ++" ++m; in_list = 1; next } { in_list = 0 }' "$page"
done | sort)
is "every block of the manual pages is one of these" "$there" "$(printf '%s\n' "${known[@]}" | sort)"
done_testing
