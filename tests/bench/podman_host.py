"""podman as the benchmark uses it: storage, settings and an image of its own in a booted host, which it leaves as it was."""
import os
import resource
import shutil
import subprocess
import tarfile
import time

import measure

WORK = "/srv/bench-podman"
RUNTIMES = {"ctr-runtime": "/usr/bin/ctr-runtime", "crun": "/usr/bin/crun", "runc": "/usr/sbin/runc"}
MEMLOCK = "/build/tests/clients/libmemlock.so"
CONTAINERS_CONF = """[engine]
cgroup_manager = "systemd"
events_logger = "file"
[containers]
log_driver = "k8s-file"
pids_limit = 0
"""
STORAGE_CONF = """[storage]
driver = "overlay"
runroot = "/run/bench-podman"
graphroot = "%s/store"
""" % WORK


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


def allow_memlock():
    """crun raises a limit that this host may not raise: see tests/clients/memlock.c. The same for every case."""
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (ValueError, OSError):
        if os.path.exists(MEMLOCK):
            shutil.copy(MEMLOCK, WORK)
            write("/etc/ld.so.preload", os.path.join(WORK, os.path.basename(MEMLOCK)) + "\n")


def prepare():
    os.makedirs(WORK, exist_ok=True)
    allow_memlock()
    for variable, name, text in (("CONTAINERS_CONF", "containers.conf", CONTAINERS_CONF),
                                 ("CONTAINERS_STORAGE_CONF", "storage.conf", STORAGE_CONF)):
        os.environ[variable] = os.path.join(WORK, name)
        write(os.environ[variable], text)
    archive = os.path.join(WORK, "box.tar")
    with tarfile.open(archive, "w") as tar:
        tar.add("/bin/busybox", "bin/busybox")
        link = tarfile.TarInfo("bin/true")
        link.type, link.linkname = tarfile.SYMTYPE, "busybox"
        tar.addfile(link)
    subprocess.run(["podman", "import", archive, "box"], check=True, capture_output=True)


def command(runtime, options=()):
    return ["podman", "--log-level=error", "--runtime", RUNTIMES[runtime], "run", "--rm", "--network", "none",
            *options, "box", "/bin/true"]


def is_busy():
    """Do conmon or podman's clean-up, which end after podman, still run?"""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/comm" % pid) as f:
                if f.read().strip() in ("conmon", "podman"):
                    return True
        except OSError:
            pass  # it ended while we looked
    return False


def sample(argv):
    """(wall, CPU) of one command, in milliseconds; what conmon and podman's clean-up need after its end is in the CPU."""
    cpu, start = measure.cpu_usec(), time.perf_counter()
    measure.run(argv)
    wall = time.perf_counter() - start
    end = time.monotonic() + 10
    while is_busy() and time.monotonic() < end:
        time.sleep(0.01)
    return wall * 1000, (measure.cpu_usec() - cpu) / 1000


def clean():
    subprocess.run(["podman", "rm", "-fa"], capture_output=True)
    subprocess.run(["umount", "-R", WORK + "/store/overlay"], capture_output=True)
    for path in (WORK, "/run/bench-podman", "/run/libpod"):
        shutil.rmtree(path, ignore_errors=True)
    if os.path.exists("/etc/ld.so.preload"):
        os.unlink("/etc/ld.so.preload")
