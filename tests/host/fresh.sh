#!/bin/bash
# README's first command on a machine that has nothing yet: Debian's smallest system, made for this and removed again,
# with this source tree and no package of ours. What tools/deps forgets is missing there. As root; takes a while,
# because everything is fetched and compiled.
#
#   tests/host/fresh.sh [COMMAND [ARGUMENT]...]      default: tools/demo; in the source tree of the new system
set -u

source_dir=$(cd "$(dirname "$0")/../.." && pwd)
here=$source_dir/tools
. "$here/testhost.d/common.sh"
. "$here/testhost.d/image.sh"
[ $# -gt 0 ] || set -- tools/demo
top=$(mktemp -d "${TMPDIR:-/var/tmp}/ctrunit-fresh.XXXXXX")
root=$top/root
trap 'rm -rf --one-file-system "$top"' EXIT

debian_sources >"$top/sources"
apt_fetch_options >"$top/apt.conf"
mmdebstrap --quiet --mode=root --variant=minbase --aptopt="$top/apt.conf" bookworm "$root" - <"$top/sources" >&2 ||
        die "mmdebstrap failed"
cp "$top/sources" "$root/etc/apt/sources.list"
cp "$top/apt.conf" "$root/etc/apt/apt.conf.d/99fetch"
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null
mkdir "$root/root/ctrunit"
tar -C "$source_dir" --exclude='./build*' --exclude=./.git -c . | tar -x -C "$root/root/ctrunit"

# shellcheck disable=SC2016 # the shell inside expands it
unshare --mount --propagation private --pid --fork --kill-child sh -c '
        root=$1; shift
        mount --bind "$root" "$root" && mount -t proc proc "$root/proc" && mount -t tmpfs run "$root/run" &&
                mount --rbind /sys "$root/sys" && mount --rbind /dev "$root/dev" || exit 1
        exec chroot "$root" env -i HOME=/root TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
                sh -c "cd /root/ctrunit && exec \"\$@\"" - "$@"' - "$root" "$@"
code=$?
if [ $code = 0 ]; then echo "ok 1 - fresh: $*"; else echo "not ok 1 - fresh: $*: exit code $code"; fi
echo "1..1"
exit $code
