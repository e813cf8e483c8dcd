"""Bundles and images for the benchmark: one configuration, the same file for every runtime."""
import json
import os
import shutil

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = "/srv/bench"
ROOTFS = os.path.join(WORK, "rootfs")


def config(rootfs=ROOTFS, seccomp=None, args=("/bin/true",)):
    """The six usual namespaces and mounts, as the engines ask for them."""
    caps = ["CAP_KILL", "CAP_NET_BIND_SERVICE"]
    spec = {
        "ociVersion": "1.0.2",
        "root": {"path": rootfs, "readonly": False},
        "process": {
            "terminal": False, "user": {"uid": 0, "gid": 0}, "args": list(args), "cwd": "/",
            "env": ["PATH=/bin"], "noNewPrivileges": True,
            "capabilities": {"bounding": caps, "effective": caps, "permitted": caps},
        },
        "hostname": "bench",
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
             "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
            {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
             "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
            {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
             "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
            {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
             "options": ["nosuid", "noexec", "nodev"]},
            {"destination": "/sys", "type": "sysfs", "source": "sysfs",
             "options": ["nosuid", "noexec", "nodev", "ro"]},
        ],
        "linux": {
            "namespaces": [{"type": t} for t in ("pid", "network", "ipc", "uts", "mount", "cgroup")],
            "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
                            "/proc/timer_list", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"],
            "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        },
    }
    if seccomp:
        spec["linux"]["seccomp"] = seccomp
    return spec


def engine_profile():
    """An allow list of the size of the engines' default one: every call name of the kernel's table but some."""
    denied = {"mount", "umount2", "ptrace", "kexec_load", "init_module", "finit_module", "delete_module", "bpf",
              "reboot", "swapon", "swapoff", "unshare", "setns", "add_key", "keyctl", "request_key", "open_by_handle_at",
              "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"}
    with open(os.path.join(HERE, "syscalls.json")) as f:
        names = set(json.load(f))
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        "syscalls": [
            {"names": sorted(names - denied - {"personality", "socket"}), "action": "SCMP_ACT_ALLOW"},
            {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
             "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_NE"}]},
        ] + [
            {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
             "args": [{"index": 0, "value": value, "op": "SCMP_CMP_EQ"}]}
            for value in (0, 8, 131072, 131080, 4294967295)
        ],
    }


def make_rootfs():
    if os.path.isdir(ROOTFS):
        return
    for sub in ("bin", "dev", "etc", "proc", "sys", "tmp", "usr"):
        os.makedirs(os.path.join(ROOTFS, sub))
    shutil.copy("/bin/busybox", os.path.join(ROOTFS, "bin/busybox"))
    for name in ("true", "sleep"):
        os.symlink("busybox", os.path.join(ROOTFS, "bin", name))
    with open(os.path.join(ROOTFS, "etc/os-release"), "w") as f:
        f.write("ID=bench\n")


def make_bundle(name, **keys):
    make_rootfs()
    directory = os.path.join(WORK, name)
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "config.json"), "w") as f:
        json.dump(config(**keys), f)
    return directory


def remove():
    shutil.rmtree(WORK, ignore_errors=True)
