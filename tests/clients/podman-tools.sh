#!/bin/bash
# What is built on podman: buildah, podman build, podman-compose; a service of several processes. See run.sh and lib.sh.
# shellcheck disable=SC2016,SC2317,SC1091  # $ is for shells in containers; functions are called by name
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/podman-lib.sh"
podman_begin systemd

# ---- buildah ----

b() { limited 60 buildah --log-level=error "$@"; }
container=$(b from localhost/box)
br() { b run --runtime "$runtime" "$@"; }
is "buildah run" "$(br "$container" -- echo built)" built
exits "buildah run: exit status" 7 br "$container" -- sh -c 'exit 7'
ok "buildah run: changes stay" br "$container" -- sh -c 'echo made >/made'
is "buildah run: in the next one" "$(br "$container" -- cat /made)" made
is "buildah run --user" "$(br --user 1000 "$container" -- id -u)" 1000
is "buildah run --volume" "$(echo vol >"$test_dir/vol"; br -v "$test_dir/vol:/vol:ro" "$container" -- cat /vol)" vol
is "buildah run --cap-drop" "$(br --cap-drop all "$container" -- sed -n 's/^CapEff:\t//p' /proc/self/status)" 0000000000000000
like "buildah run --terminal" "$(in_terminal 30 "buildah run --runtime $runtime --terminal $container -- tty")" '^/dev/pts/'
exits "buildah run: a program that is not there" 127 sh -c "buildah run --runtime $runtime $container -- /nope; [ \$? != 0 ] && exit 127"
ok "buildah commit" b commit -q "$container" built
is "what it committed" "$(run built cat /made)" made
b rm "$container" >/dev/null

# ---- podman build ----

mkdir "$test_dir/context" && echo context >"$test_dir/context/file"
cat >"$test_dir/context/Containerfile" <<'C'
FROM localhost/box
COPY file /file
RUN cat /file >/copied && id -u >/uid
USER 1000
RUN id -u >/tmp/uid
ENV A=b
WORKDIR /tmp
ENTRYPOINT [ "/bin/sh", "-c" ]
CMD [ "cat /copied /uid /tmp/uid; echo $A $PWD" ]
C
ok "podman build" p build -q --network none -t image "$test_dir/context"
is "what it built" "$(run image | xargs)" "context 0 1000 b /tmp"
exits "podman build: a RUN that fails" 3 sh -c "printf 'FROM localhost/box\nRUN exit 3\n' | podman --runtime $runtime build --network none -"
cleaned() { p rmi -f image built >/dev/null; p image prune -f >/dev/null; }
ok "rmi" cleaned

# ---- compose ----

mkdir "$test_dir/compose"
cat >"$test_dir/compose/compose.yaml" <<'C'
version: "3"
services:
  server:
    image: localhost/box
    command: [ "sh", "-c", "while :; do echo composed | nc -l -p 80; done" ]
    environment: { ROLE: server }
    healthcheck: { test: [ "CMD", "true" ], interval: 30s }
  client:
    image: localhost/box
    command: [ "sh", "-c", "until nc -w 1 server 80 </dev/null; do sleep 0.2; done; sleep 1000" ]
    depends_on: [ server ]
    volumes: [ "shared:/shared" ]
    user: "1000"
volumes: { shared: {} }
C
compose() { (cd "$test_dir/compose" && limited 120 podman-compose "$@"); }
ok "compose up" compose up -d
is "compose ps: two services" "$(p ps --format '{{.Names}}' | sort | xargs)" "compose_client_1 compose_server_1"
is "its runtime" "$(p inspect compose_server_1 --format '{{.OCIRuntime}}')" "$runtime"
is "its environment and user" "$(p exec compose_server_1 sh -c 'echo $ROLE') $(p exec compose_client_1 id -u)" "server 1000"
if [ -x /usr/lib/podman/aardvark-dns ]; then
        ok "one reaches the other by name" eventually 20 logged compose_client_1 composed
fi
ok "compose exec" compose exec -T server true
ok "compose restart" compose restart -t 1 server
ok "compose down" compose down -v -t 1
p network rm -f compose_default >/dev/null 2>&1

# ---- a service of several processes ----

if has_debian_image; then
        make_debian_image "$test_dir/debian.tar"
        ok "import of a Debian" p import "$test_dir/debian.tar" debian
        rm "$test_dir/debian.tar"
        is "a Debian" "$(run debian cat /etc/debian_version | cut -d. -f1)" 12
        is "its perl" "$(run debian perl -e 'print 6*7')" 42
        p run -d --name nginx debian sh -c 'sed -i "s/^worker_processes.*/worker_processes 3;/" /etc/nginx/nginx.conf
                exec nginx -g "daemon off;"' >/dev/null
        address=$(p inspect nginx --format '{{.NetworkSettings.IPAddress}}')
        ok "nginx answers" eventually 20 curl -fs -m 2 -o /dev/null "http://$address:80/"
        is "nginx: a master and its workers" "$(p top nginx comm | grep -c nginx)" 4
        many() { for _ in $(seq 50); do curl -fs -m 2 -o /dev/null "http://$address:80/" || return; done; }
        ok "nginx: fifty requests" many
        ok "nginx: reload by exec" p exec nginx nginx -s reload
        ok "nginx: pause" p pause nginx
        exits "nginx: paused, it is silent" 28 curl -fs -m 1 -o /dev/null "http://$address:80/"
        ok "nginx: unpause" p unpause nginx
        ok "nginx: it answers again" eventually 10 curl -fs -m 2 -o /dev/null "http://$address:80/"
        ok "nginx: stop" within 10000 p stop -t 5 nginx
        is "nginx: exit status" "$(p wait nginx)" 0
        p rm nginx >/dev/null
        is "one with --user and --read-only" "$(run --user nobody --read-only debian sh -c 'id -un; touch /x 2>/dev/null || echo ro' | xargs)" "nobody ro"
else
        skip "a Debian with nginx" "nothing in $debian_root: see tools/test"
fi
pkill -x aardvark-dns
ip link delete podman0 2>/dev/null
for link in $(ip -o link | grep -o 'podman[0-9]*' | sort -u); do ip link delete "$link"; done

podman_end
