"""Fault drills that need a limit of the kernel: memory, pids, the numbers of processes. Only QEMU
has the controllers for them all."""

import contextlib
import ctypes
import os
import subprocess
import time

from common import LONG, bundle, read, reap, until

SYS_CLONE3 = 435


class CloneArgs(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in (
        "flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls", "set_tid",
        "set_tid_size", "cgroup")]


class Made:
    """A process with a chosen number."""

    def __init__(self, pid):
        self.pid = pid

    def poll(self):
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] or None
        except ChildProcessError:
            return self.pid

    def kill(self):
        try:
            os.kill(self.pid, 9)
        except ProcessLookupError:
            pass

    def wait(self):
        try:
            os.waitpid(self.pid, 0)
        except ChildProcessError:
            pass


def process_with_pid(pid):
    """clone3(2) with set_tid; the child only waits."""
    libc = ctypes.CDLL(None, use_errno=True)
    numbers = (ctypes.c_int * 1)(pid)
    args = CloneArgs(exit_signal=17, set_tid=ctypes.addressof(numbers), set_tid_size=1)
    made = libc.syscall(SYS_CLONE3, ctypes.byref(args), ctypes.sizeof(args))
    if made == 0:
        while True:
            time.sleep(1000)
    return Made(made) if made == pid else None


@contextlib.contextmanager
def pid_max(number):
    """In nspawn that of its own PID namespace, which kernels have since 6.14; its /proc/sys is read-only."""
    proc = "/proc"
    if os.environ.get("CTRUNIT_TESTHOST") == "nspawn":
        proc = "/run/robust/proc"
        os.makedirs(proc, exist_ok=True)
        subprocess.run(["mount", "-t", "proc", "proc", proc], check=True)
    path = f"{proc}/sys/kernel/pid_max"
    kept = read(path)

    def write(text):
        with open(path, "w") as f:
            f.write(text)
    write(str(number))
    try:
        yield
    finally:
        write(kept)
        if proc != "/proc":
            subprocess.run(["umount", proc], check=True)


def has_own_pid_max():
    return os.environ.get("CTRUNIT_TESTHOST") == "qemu" or \
        tuple(int(n) for n in os.uname().release.split("-")[0].split(".")[:2]) >= (6, 14)


def small_pid_max(d):
    """Numbers come round every few hundred processes: nobody is taken for another."""
    if not has_own_pid_max():
        return "not run: before Linux 6.14 there is one pid_max for all"
    highest = max(int(n) for n in os.listdir("/proc") if n.isdigit())
    rounds, failed = 30 if LONG else 2, 0
    with pid_max(max(highest + 100, 500)):
        for i in range(rounds):
            cid = d.id(str(i % 3))
            for words in (d.runtime.create_words(cid, bundle(cid)), ("start", cid), ("kill", cid, "KILL")):
                result = d.runtime(*words)
                failed += not d.expect(result.ok, f"round {i}: {words[0]}: {result}")
            d.expect(until(lambda: (reap(), d.runtime.status(cid))[1] == "stopped"), f"round {i}: {d.runtime.status(cid)}")
            for _ in range(60):
                subprocess.run(["true"])
            result = d.runtime("kill", cid, "KILL")
            d.expect(not result.ok, f"round {i}: kill of what is dead succeeds")
            d.delete(cid)
    return f"{failed} of {rounds} failed"


def payload_out_of_memory(d):
    cid = d.id()

    def edit(config):
        config["linux"]["resources"] = {"memory": {"limit": 33554432, "swap": 33554432}}
        config["process"]["args"] = ["/bin/ctr-probe", "alloc", "256", "sleep", "100"]
    result = d.runtime("run", "-d", "--bundle", bundle(cid, edit), cid)
    d.expect(result.code is not None, f"run: {result}")
    d.expect(until(lambda: (reap(), d.runtime.status(cid))[1] in ("stopped", None)), f"state says {d.runtime.status(cid)}")
    if d.runtime.is_native and d.runtime.status(cid) == "stopped":
        record = read(f"{d.runtime.root}/containers/{cid}/exit")
        d.expect("killed KILL" in record, f"exit record: {record}")
    d.delete(cid)
    return f"run exit {result.code}, stopped"


def helper_out_of_memory(d):
    """The slice above leaves no room to start anything in."""
    cid = d.id()
    d.running(cid)
    d.delete(cid)
    subprocess.run(["systemctl", "set-property", "--runtime", "ctr-rb.slice", "MemoryMax=256K", "MemorySwapMax=0"], check=True)
    try:
        result = d.create(cid, seconds=60)
        d.expect(result.code is not None, f"create: {result}")
        # An engine's container moves in with what it has already, so it may be made all the same.
        if result.ok and not d.runtime.is_native:
            d.expect(d.runtime.status(cid) == "created", f"create succeeds, state says {d.runtime.status(cid)}")
        else:
            d.expect(not result.ok and result.text.strip(), f"create fails silently or not at all: {result}")
    finally:
        subprocess.run(["systemctl", "set-property", "--runtime", "ctr-rb.slice", "MemoryMax=infinity",
                        "MemorySwapMax=infinity"], check=True)
    d.delete(cid)
    d.no_leftovers()
    d.running(cid)
    d.delete(cid)
    return f"create exit {result.code}: {result.text.strip()[:60]}"


def fork_bomb(d):
    cid = d.id()

    def edit(config):
        config["linux"]["resources"] = {"pids": {"limit": 32}}
        # A shell would end when it cannot fork; this goes on.
        config["process"]["args"] = ["/bin/ctr-probe", "fork", "1000", "sleep", "100"]
    result = d.runtime("run", "-d", "--bundle", bundle(cid, edit), cid)
    d.expect(result.ok, f"run: {result}")
    def current():
        return int(read(f"/sys/fs/cgroup/ctr.slice/ctr-rb.slice/{d.runtime.unit(cid)}/pids.current").strip() or 0)
    d.expect(until(lambda: current() >= 30) and current() <= 32, f"{current()} processes")
    most = current()
    result = d.runtime("delete", "-f", cid)
    d.expect(result.ok, f"delete -f in {result.seconds:.1f} s: {result}")
    return f"{most} processes, delete in {result.seconds * 1000:.0f} ms"


DRILLS = {
    "small-pid-max": small_pid_max,
    "payload-oom": payload_out_of_memory,
    "helper-oom": helper_out_of_memory,
    "fork-bomb": fork_bomb,
}
