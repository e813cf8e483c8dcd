# Images that the suite builds itself, as archives that `docker load`, `ctr images import` and `podman load` read.
# Sourced by the client sets after ../system/lib.sh.
# shellcheck shell=bash disable=SC2154  # test_dir is set by lib.sh

# image_archive NAME TREE [JQ]: prints the path of an archive in docker's format (manifest.json, one configuration and
# one layer each named by its SHA-256) with the file tree TREE as the image NAME. JQ changes the configuration.
image_archive() {
        local name=$1 tree=$2 change=${3:-.} dir layer config file
        dir=$(mktemp -d "$test_dir/image.XXXXXX")
        tar -C "$tree" --numeric-owner --owner=0 --group=0 --sort=name -cf "$dir/layer.tar" .
        layer=$(sha256sum "$dir/layer.tar" | cut -d' ' -f1)
        mkdir "$dir/$layer"
        mv "$dir/layer.tar" "$dir/$layer/layer.tar"
        jq -cn --arg layer "sha256:$layer" '{
                architecture: "amd64", os: "linux", created: "2024-01-01T00:00:00Z",
                config: { Env: [ "PATH=/bin:/sbin:/usr/bin:/usr/sbin" ], Cmd: [ "sh" ] },
                rootfs: { type: "layers", diff_ids: [ $layer ] } }' | jq -c "$change" >"$dir/config.json"
        config=$(sha256sum "$dir/config.json" | cut -d' ' -f1).json
        mv "$dir/config.json" "$dir/$config"
        jq -cn --arg config "$config" --arg name "$name" --arg layer "$layer/layer.tar" \
                '[ { Config: $config, RepoTags: [ $name ], Layers: [ $layer ] } ]' >"$dir/manifest.json"
        file=$test_dir/$(basename "${name%%:*}").tar
        tar -C "$dir" -cf "$file" .
        rm -r "$dir"
        printf '%s\n' "$file"
}

# The small image: busybox and the probe; and "linger COMMAND...", whose output is read before it ends.
box_archive() { # NAME
        [ -d "$test_dir/box" ] || make_rootfs "$test_dir/box"
        printf '#!/bin/sh\n"$@"\ncode=$?\nsleep 0.4\nexit $code\n' >"$test_dir/box/bin/linger"
        chmod 755 "$test_dir/box/bin/linger"
        image_archive "$1" "$test_dir/box"
}

# What holds the namespaces of a pod open.
pause_archive() { # NAME
        local tree=$test_dir/pause
        mkdir -p "$tree/bin"
        cp /bin/busybox "$tree/bin/busybox"
        image_archive "$1" "$tree" '.config={ Entrypoint: [ "/bin/busybox", "sleep", "1000000" ] }'
}

# A service of several processes: a web server whose pages a second process writes.
service_archive() { # NAME
        local tree=$test_dir/service
        make_rootfs "$tree"
        mkdir "$tree/www"
        cat >"$tree/bin/service" <<'S'
#!/bin/sh
# Ends with 3 on SIGTERM.
trap 'kill $web $writer; exit 3' TERM
echo 0 >/www/index.html
httpd -f -p 8080 -h /www & web=$!
while :; do echo $((n = n + 1)) >/www/new; mv /www/new /www/index.html; sleep 1; done & writer=$!
echo ready
wait
S
        chmod 755 "$tree/bin/service"
        image_archive "$1" "$tree" '.config.Cmd=[ "/bin/service" ]
                | .config.Healthcheck={ Test: [ "CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/" ],
                                        Interval: 1000000000, Retries: 2 }'
}
