# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with tools/testhost
# A host that is a virtual machine with Debian's kernel. CACHE/qemu-KEY holds what every machine
# boots from: kernel, initrd and an ext4 image of the root, never written to. A second disk, made
# for each run, brings the build, the command and the directories to show. Three virtio serial
# ports carry the command's stdout, its stderr and its exit code.

qemu_check() {
        require_programs qemu-system-x86_64 mkfs.ext4 cpio unshare setpriv flock tar
        [[ $(uname -m) == x86_64 ]] || cannot_run "QEMU hosts exist for x86_64 only"
        [[ -n $(cgroup2_mount) ]] || cannot_run "no cgroup2 is mounted"
}

qemu_prepare() {
        [[ -z $build_dir ]] || require_programs meson
        [[ -d $(qemu_images) ]] || with_image_lock build_qemu_images
        [[ -n $accel ]] || accel=$(working_accel)
        export TESTHOST_ACCEL=$accel
}

qemu_images() {
        local root
        root=$(root_dir)
        echo "${root/root-/qemu-}"
}

build_qemu_images() {
        local images root tmp
        images=$(qemu_images)
        root=$(root_dir)
        [[ ! -d $images ]] || return 0
        say "building the disk image in $images (once)"
        tmp=$(mktemp -d "$cache/building.XXXXXX")
        cp "$root/boot/vmlinuz" "$tmp/vmlinuz"
        make_initrd "$root" "$tmp"
        make_ext4 "$root" "$tmp/root.img" 8G
        mv "$tmp" "$images"
}

# make_ext4 TREE IMAGE SIZE
make_ext4() {
        truncate -s "$3" "$2"
        mkfs.ext4 -q -F -O ^has_journal -E lazy_itable_init=1 -m 0 -d "$1" "$2"
}

# The initrd: busybox, the modules of the disks and serial ports, and a script.
make_initrd() {
        local root=$1 tree=$2/initrd version module
        version=$(ls "$root/usr/lib/modules")
        mkdir -p "$tree"/{bin,dev,proc,sys,root,modules}
        cp "$root/bin/busybox" "$tree/bin/"
        cp "$here/testhost.d/initrd-init" "$tree/init"
        for module in virtio_pci virtio_blk virtio_console; do
                chroot "$root" modprobe --set-version "$version" --show-depends "$module"
        done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$tree/modules/list.full"
        while read -r module; do
                cp "$root/$module" "$tree/modules/"
                basename "$module"
        done <"$tree/modules/list.full" >"$tree/modules/list"
        (cd "$tree" && find . | cpio --quiet -o -H newc) >"$2/initrd.cpio"
        rm -rf "$tree"
}

# Prints kvm when a machine really boots with it, else tcg.
working_accel() {
        echo tcg
}

# Runs in the new mount and pid namespaces; its exit code is the command's.
qemu_inside() {
        local stage=$run_dir/mnt
        enter_cgroup runner
        accel=$TESTHOST_ACCEL
        make_second_disk "$stage"
        run_qemu
}

make_second_disk() {
        local dir=$1 i
        mkdir "$dir"
        mount -t tmpfs -o mode=0755 testhost "$dir"
        mkdir "$dir"/{install,src}
        ln -s usr/{bin,sbin,lib,lib64} "$dir/install/"
        install_build "$dir/install"
        install_command "$dir/install"
        add_unit "$dir/install"
        copy_tree "$source_dir" "$dir/src"
        echo "src /src" >"$dir/mounts"
        if [[ -n $build_dir ]]; then
                mkdir "$dir/build"
                copy_tree "$build_dir" "$dir/build"
                echo "build /build" >>"$dir/mounts"
        fi
        bind_shares "$dir/share"
        for i in "${!shares[@]}"; do
                echo "share/$i $(share_target "$i")" >>"$dir/mounts"
        done
        make_ext4 "$dir" "$run_dir/second.img" "$(($(du -sm "$dir" | cut -f1) * 5 / 4 + 64))M"
        umount -R "$dir"
}

# Copies a source or build tree without what a test never needs.
copy_tree() {
        tar -C "$1" -c --exclude=.git --exclude='./build*' --exclude='./.cache' --exclude='*.o' \
                --exclude='*.a' --exclude='.ninja_*' . | tar -C "$2" -x
}

# The service that runs the command when the machine has booted.
add_unit() {
        local units=$1/etc/systemd/system
        mkdir -p "$units/multi-user.target.wants"
        write_conf "$units/testhost.service" '[Service]' Type=exec \
                "ExecStart=/bin/bash $guest_dir/guest-qemu"
        ln -s ../testhost.service "$units/multi-user.target.wants/"
}

run_qemu() {
        local readers=() stream images
        images=$(qemu_images)
        mkfifo "$run_dir/stdout" "$run_dir/stderr"
        cat "$run_dir/stdout" &
        readers+=($!)
        cat "$run_dir/stderr" >&2 &
        readers+=($!)
        TMPDIR=$run_dir qemu-system-x86_64 "${machine_options[@]}" \
                -accel "$(accel_option)" -cpu max -m "$memory" -smp 2 \
                -kernel "$images/vmlinuz" -initrd "$images/initrd.cpio" \
                -append "$kernel_command_line" \
                -drive "file=$images/root.img,if=virtio,format=raw,snapshot=on,cache=unsafe" \
                -drive "file=$run_dir/second.img,if=virtio,format=raw,cache=unsafe" \
                -chardev "file,id=console,path=$run_dir/console.log" -serial chardev:console \
                -chardev "file,id=out,path=$run_dir/stdout" -device virtserialport,nr=1,chardev=out \
                -chardev "file,id=err,path=$run_dir/stderr" -device virtserialport,nr=2,chardev=err \
                -chardev "file,id=code,path=$run_dir/code" -device virtserialport,nr=3,chardev=code \
                </dev/null >"$run_dir/qemu.log" 2>&1 || true
        wait "${readers[@]}"
        exit_like_command
}

machine_options=(
        -machine q35 -nodefaults -no-user-config -display none -no-reboot
        -device virtio-rng-pci -device virtio-serial-pci
)
kernel_command_line="console=ttyS0 quiet root=/dev/vda rw apparmor=0 nokaslr mitigations=off panic=-1 \
selinux=0 random.trust_cpu=on systemd.show_status=no"

accel_option() {
        if [[ $accel == kvm ]]; then
                echo kvm
        else
                echo tcg,thread=multi
        fi
}

exit_like_command() {
        local code=
        [[ ! -s $run_dir/code ]] || read -r code <"$run_dir/code"
        [[ $code =~ ^[0-9]+$ ]] && exit "$code"
        cat "$run_dir/qemu.log" >&2
        say "the machine ended before the command did"
        exit 125
}
