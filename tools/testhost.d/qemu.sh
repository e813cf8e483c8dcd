# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with tools/testhost
# A host that is a virtual machine with Debian's kernel. CACHE/qemu-KEY holds what every machine
# boots from: kernel, initrd and an ext4 image of the root, never written to. A second disk, made
# for each run, brings the build, the command and the directories to show. Three virtio serial
# ports carry the command's stdout, its stderr and its exit code.

qemu_check() {
        require_programs qemu-system-x86_64 mkfs.ext4 cpio unshare setpriv flock tar
        [[ $(uname -m) == x86_64 ]] || cannot_run "QEMU hosts exist for x86_64 only"
        require_machine
}

# AppArmor's own package is part of every root.
add_lsm_packages() {
        [[ $lsm != selinux ]] || extra_packages+=(selinux-policy-default selinux-utils)
}

# The kernel's options for the security modules: none of the two unless --lsm asks for one.
lsm_options() {
        case $lsm in
        apparmor) echo "apparmor=1 lsm=landlock,lockdown,yama,apparmor,bpf" ;;
        selinux) echo "selinux=1 enforcing=0 apparmor=0 lsm=landlock,lockdown,yama,selinux,bpf" ;;
        *) echo "apparmor=0 lsm=landlock,lockdown,yama,bpf" ;;
        esac
}

qemu_prepare() {
        [[ -z $build_dir ]] || require_programs meson
        [[ -d $(qemu_images) ]] || with_image_lock build_qemu_images
}

qemu_images() {
        local root
        root=$(root_dir)
        echo "${root/root-/qemu-}-$(cat "$here"/testhost.d/{qemu.sh,initrd-init} | key_of)"
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
        find "$cache" -maxdepth 1 -name 'qemu-*' -mtime +7 -exec rm -rf {} +
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

# Runs in the new mount and pid namespaces; its exit code is the command's.
qemu_inside() {
        local stage=$run_dir/mnt
        enter_cgroup runner
        [[ -n $accel ]] || accel=$(working_accel)
        make_second_disk "$stage"
        run_qemu
}

make_second_disk() {
        local dir=$1 i
        mkdir "$dir"
        mount -t tmpfs -o mode=0755 testhost "$dir"
        mkdir -p "$dir"/{install/usr/{bin,sbin,lib,lib64},src}
        ln -s usr/{bin,sbin,lib,lib64} "$dir/install/"
        install_build "$dir/install"
        install_command "$dir/install"
        add_unit "$dir/install"
        copy_tree "$source_dir" "$dir/src" --exclude=.git --exclude='./build*' --exclude=./.cache
        echo "src /src" >"$dir/mounts"
        if [[ -n $build_dir ]]; then
                mkdir "$dir/build"
                copy_tree "$build_dir" "$dir/build" --exclude='*.o' --exclude='*.a'
                echo "build /build" >>"$dir/mounts"
        fi
        bind_shares "$dir/share"
        for i in "${!shares[@]}"; do
                echo "share/$i $(share_target "$i")" >>"$dir/mounts"
        done
        make_ext4 "$dir" "$run_dir/second.img" "$(($(du -sm "$dir" | cut -f1) * 5 / 4 + 64))M"
        umount -R "$dir"
}

# copy_tree FROM TO TAR-OPTION...
copy_tree() {
        tar -C "$1" -c "${@:3}" . | tar -C "$2" -x
}

# The service that runs the command when the machine has booted.
add_unit() {
        local units=$1/etc/systemd/system
        mkdir -p "$units/multi-user.target.wants"
        write_conf "$units/testhost.service" '[Service]' Type=exec \
                "ExecStart=/bin/bash $guest_dir/guest-qemu"
        ln -s ../testhost.service "$units/multi-user.target.wants/"
}

# The image of all machines, changes thrown away; or a copy that is this machine's. A kept disk is
# written through: what the guest has synced survives the end of QEMU.
root_drive() {
        [[ -n $disk ]] || {
                echo "file=$1/root.img,if=virtio,format=raw,snapshot=on,cache=unsafe"
                return
        }
        [[ -e $disk ]] || cp --sparse=always "$1/root.img" "$disk"
        echo "file=$disk,if=virtio,format=raw,cache=writeback"
}

run_qemu() {
        local images stdout stderr
        images=$(qemu_images)
        mkfifo "$run_dir/stdout" "$run_dir/stderr"
        # Held open for writing here, so that the readers end when QEMU has ended and not before.
        exec {stdout}<>"$run_dir/stdout" {stderr}<>"$run_dir/stderr"
        cat "$run_dir/stdout" {stdout}>&- {stderr}>&- &
        cat "$run_dir/stderr" {stdout}>&- {stderr}>&- >&2 &
        (start_machine "$accel" "root=/dev/vda rw $(lsm_options) systemd.show_status=auto" \
                -m "$memory" -smp 2 \
                -drive "$(root_drive "$images")" \
                -drive "file=$run_dir/second.img,if=virtio,format=raw,cache=unsafe" \
                -chardev "file,id=out,path=$run_dir/stdout" -device virtserialport,nr=1,chardev=out \
                -chardev "file,id=err,path=$run_dir/stderr" -device virtserialport,nr=2,chardev=err \
                -chardev "file,id=code,path=$run_dir/code" -device virtserialport,nr=3,chardev=code) ||
                true
        exec {stdout}>&- {stderr}>&-
        wait
        exit_like_command
}

# start_machine ACCEL KERNEL-OPTIONS QEMU-OPTION... (becomes QEMU: call it in a subshell)
# no_timer_check: on a busy machine the timer's first ticks come so late that the kernel takes it for broken and panics.
start_machine() {
        local accel=$1 images
        images=$(qemu_images)
        [[ $accel == kvm ]] || accel=tcg,thread=multi
        TMPDIR=$run_dir exec qemu-system-x86_64 -accel "$accel" -cpu max -machine q35 \
                -nodefaults -no-user-config -display none -no-reboot \
                -kernel "$images/vmlinuz" -initrd "$images/initrd.cpio" \
                -append "console=ttyS0 quiet nokaslr mitigations=off no_timer_check panic=-1 random.trust_cpu=on $2" \
                -chardev "file,id=console,path=$run_dir/console.log" -serial chardev:console \
                -device virtio-rng-pci -device virtio-serial-pci "${@:3}" \
                </dev/null >"$run_dir/qemu.log" 2>&1
}

# Prints kvm when a kernel really boots with it, else tcg: some machines have a /dev/kvm that
# cannot. The answer is kept until the machine boots again.
working_accel() {
        local answer=$cache/accel boot_id
        boot_id=$(</proc/sys/kernel/random/boot_id)
        if [[ $(cat "$answer" 2>/dev/null) != "$boot_id "* ]]; then
                echo "$boot_id $(probe_kvm && echo kvm || echo tcg)" >"$answer"
        fi
        cut -d' ' -f2 "$answer"
}

probe_kvm() {
        [[ -w /dev/kvm ]] || return 1
        say "trying KVM (once)"
        start_machine kvm testhost.probe -m 512M &
        for _ in {1..100}; do
                sleep 0.1
                ! grep -q testhost-probe-booted "$run_dir/console.log" 2>/dev/null || break
                kill -0 $! 2>/dev/null || break
        done
        kill -KILL $! 2>/dev/null || true
        wait $! 2>/dev/null || true
        grep -q testhost-probe-booted "$run_dir/console.log"
}

exit_like_command() {
        local code=
        [[ ! -s $run_dir/code ]] || read -r code <"$run_dir/code"
        [[ $code =~ ^[0-9]+$ ]] && exit "$code"
        say "the machine ended before the command did"
        exit 125
}
