#!/usr/bin/env python3
"""Fault drills: what the host can do to a runtime, and what must be true afterwards.

    faults.py [--runtimes native,engine,crun,runc] [--drills NAME,...]

Every drill is one function: it returns a figure for the table and a list of complaints. After each the host is
searched for leftovers. A complaint about us fails the test; those about peers are counted and printed.
"""

import argparse
import os
import pathlib
import resource
import signal
import subprocess
import sys
import threading
import time

import drills_limits
import drills_verbs
from common import (LONG, RUNTIMES, Baseline, Command, Tap, bundle, chosen_runtimes, default_runtimes, pid_file, prepare_host,
                    processes, reap, results_of, run, settle_seconds, until)

DEADLINE_SECONDS = 60  # a verb ends by then whatever PID 1 does
CREATES = 40 if LONG else 20
FROZEN_SECONDS = 30
HELPER_SECONDS = 9  # systemd's own patience with what it stops is 10 s


class Drill:
    """One drill of one runtime: its complaints, and the containers to look after."""

    def __init__(self, runtime, name):
        self.runtime, self.name, self.complaints = runtime, name, []
        self.baseline = Baseline()
        self.ids = []

    def id(self, suffix=""):
        cid = f"f{len(self.name)}{self.name.replace('-', '')}{suffix}"
        if cid not in self.ids:
            self.ids.append(cid)
        return cid

    def complain(self, what):
        self.complaints.append(f"{self.runtime.name} {self.name}: {what}")

    def expect(self, is_true, what):
        if not is_true:
            self.complain(what)
        return is_true

    def create(self, cid, **options):
        return self.runtime(*self.runtime.create_words(cid, bundle(cid)), **options)

    def running(self, cid):
        for result in (self.create(cid), self.runtime("start", cid)):
            self.expect(result.ok, f"setting up {cid}: {result}")

    def delete(self, cid):
        result = self.runtime("delete", "-f", cid)
        self.expect(result.ok, f"delete -f {cid}: {result}")

    def forget_pid_files(self):
        for cid in self.ids:
            pathlib.Path(pid_file(cid)).unlink(missing_ok=True)

    def no_leftovers(self):
        self.forget_pid_files()
        for cid in self.ids:
            left = self.baseline.settled_leftovers(self.runtime, cid)
            if left:
                self.complain(f"left of {cid}: {'; '.join(left[:6])}")
                self.baseline.scrub(self.runtime, cid)


# ---- storms ----

class Storm:
    """Does something to the host, again and again, until it is told to stop."""

    def __init__(self, argv, pause, most=None):
        self.argv, self.pause, self.most, self.count = argv, pause, most, 0
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.blow)

    def blow(self):
        while not self.is_over.is_set() and self.count != self.most:
            subprocess.run(self.argv, capture_output=True)
            self.count += 1
            self.is_over.wait(self.pause)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.is_over.set()
        self.thread.join()
        until(lambda: subprocess.run(["systemctl", "is-system-running"], capture_output=True).stdout.strip()
              in (b"running", b"degraded"), 30)


def three_verbs(d, cid):
    return d.runtime.create_words(cid, bundle(cid)), ("start", cid), ("delete", "-f", cid)


def storm_drill(argv, pause, most=None, creates=CREATES, life=three_verbs):
    def drill(d):
        failed, start = 0, time.monotonic()
        with Storm(argv, pause, most) as storm:
            for i in range(creates):
                cid = d.id(str(i % 4))
                for words in life(d, cid):
                    result = d.runtime(*words, seconds=120)
                    if not result.ok:
                        failed += 1
                        d.complain(f"round {i}: {words[0]}: {result}")
                        break
                if not result.ok:
                    d.runtime("delete", "-f", cid)
        return f"{failed} of {creates} failed, {time.monotonic() - start:.1f} s, {storm.count} blows"
    return drill


# ---- the same id, at the same time ----

def same_id(d):
    rounds, wrong = 5, 0
    for _ in range(rounds):
        cid = d.id()
        path = bundle(cid)
        commands = [Command(d.runtime.command("create", "--bundle", path, cid), f"/run/robust/out.{i}") for i in range(16)]
        results = [c.result() for c in commands]
        winners = sum(r.ok for r in results)
        wrong += not d.expect(winners == 1, f"{winners} winners of 16")
        for r in results:
            d.expect(r.ok or "exist" in r.text, f"a loser says {r}")
        d.expect(d.runtime.status(cid) == "created", f"afterwards it is {d.runtime.status(cid)}")
        d.delete(cid)
    return f"{rounds - wrong}/{rounds} one winner"


def against_delete(first):
    """`create` or `start` and `delete -f` begin together; a second delete finishes what was too early for the first."""
    def drill(d):
        rounds = 40
        cid = d.id()
        path = bundle(cid)
        for i in range(rounds):
            words = d.runtime.create_words(cid, path)
            if first == "start":
                d.expect(d.runtime(*words).ok, "create")
                words = ("start", cid)
            one = Command(d.runtime.command(*words), "/run/robust/out.1")
            if i % 4:
                time.sleep(0.002 * (i % 8))
            two = Command(d.runtime.command("delete", "-f", cid), "/run/robust/out.2")
            one, two = one.result(), two.result()
            d.expect(one.code is not None and two.code is not None, f"round {i}: hangs: {one} / {two}")
            if one.ok and first == "create":
                status = d.runtime.status(cid)
                d.expect(status in ("created", None), f"round {i}: created, and now {status}")
            d.delete(cid)
            left = d.baseline.settled_leftovers(d.runtime, cid)
            if left:
                d.complain(f"round {i}: {'; '.join(left[:5])}")
                d.baseline.scrub(d.runtime, cid)
        return f"{len(d.complaints)} of {rounds} left something"
    return drill


# ---- a poor host ----

def few_descriptors(d):
    refused = 0
    numbers = range(4, 65) if LONG else range(4, 65, 3)
    for n in numbers:
        cid = d.id()
        result = d.create(cid, limits=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n)))
        refused += not result.ok
        d.expect(result.code is not None, f"hangs with {n} descriptors")
        d.expect(result.ok or result.text.strip(), f"fails silently with {n} descriptors")
        d.expect(result.ok or result.code in (1, 126, 127), f"odd exit code with {n} descriptors: {result}")
        d.delete(cid)
        left = d.baseline.settled_leftovers(d.runtime, cid)
        if not d.expect(not left, f"{n} descriptors: {'; '.join(left[:5])}"):
            d.baseline.scrub(d.runtime, cid)
    return f"{refused} of {len(numbers)} refused"


class OtherRoot:
    """The runtime's state on a file system of its own."""

    def __init__(self, d, options):
        self.d, self.path = d, f"/run/robust/other-{d.runtime.name}"
        os.makedirs(self.path, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "other", self.path], check=True)
        d.baseline = Baseline()

    def __call__(self, *words, **options):
        flags = [w for w in self.d.runtime.argv[1:] if w == "--systemd-cgroup"]
        return run([self.d.runtime.program, "--root", self.path, *flags, *words], **options)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        subprocess.run(["umount", "-l", self.path], check=True)
        self.d.baseline.mounts = {m for m in self.d.baseline.mounts if not m.startswith(self.path)}


def state_full(d):
    cid = d.id()
    path = bundle(cid)
    free_pages = (0, 1, 2, 3, 4, 6, 8, 12) if LONG else (0, 2, 4, 8)
    refused = 0
    for pages in free_pages:
        with OtherRoot(d, "size=256k") as other:
            os.makedirs(f"{other.path}/containers", exist_ok=True)
            with open(f"{other.path}/ballast", "wb") as f:
                try:
                    f.write(b"x" * 262144)
                except OSError:
                    pass
            os.truncate(f"{other.path}/ballast", max(0, os.stat(f"{other.path}/ballast").st_size - pages * 4096))
            result = other("create", "--bundle", path, cid)
            refused += not result.ok
            d.expect(result.ok or (result.code is not None and result.text.strip()), f"{pages} pages free: {result}")
            again = other("delete", "-f", cid)
            d.expect(again.ok, f"{pages} pages free: delete -f: {again}")
            names = [n for n in os.listdir(f"{other.path}/containers")] + \
                [n for n in os.listdir(other.path) if n not in ("ballast", "containers", "seccomp", "cache")]
            d.expect(not names, f"{pages} pages free: left in the state directory: {names}")
    return f"{refused} of {len(free_pages)} refused"


def state_read_only(d):
    cid = d.id()
    with OtherRoot(d, "ro") as other:
        result = other("create", "--bundle", bundle(cid), cid)
        d.expect(not result.ok and result.code is not None and result.text.strip(), f"create: {result}")
        d.expect(other("list").ok, "list fails")
        d.expect(other("delete", "-f", cid).code is not None, "delete hangs")
    return f"exit {result.code}"


def no_bus(d):
    cid = d.id()
    env = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS="unix:path=/run/robust/nowhere")
    env.pop("DBUS_SESSION_BUS_ADDRESS", None)
    result = d.create(cid, env=env)
    if result.ok:  # by PID 1's own socket
        d.expect(not d.runtime.is_ours, "create succeeds")
        d.delete(cid)
    else:
        d.expect(result.code is not None and result.text.strip(), f"create: {result}")
    d.no_leftovers()
    d.running(cid)
    for words, is_without_bus in ((("state", cid), True), (("list",), True), (("kill", cid, "KILL"), True),
                                  (("pause", cid), False)):
        r = d.runtime(*words, env=env)
        d.expect(r.code is not None, f"{words[0]} hangs")
        if d.runtime.is_ours:
            d.expect(r.ok == is_without_bus, f"{words[0]} without a bus: {r}")
    d.delete(cid)
    return f"create: exit {result.code} after {result.seconds * 1000:.0f} ms"


# ---- what dies, and what lies ----

def init_killed(d):
    cid = d.id()
    d.running(cid)
    pid = d.runtime.pid(cid)
    os.kill(pid, 9)
    d.expect(until(lambda: (reap(), d.runtime.status(cid))[1] == "stopped"), f"state says {d.runtime.status(cid)}")
    result = d.runtime("kill", cid, "TERM")
    d.expect(not result.ok, "kill of what is dead succeeds")
    d.expect(not d.runtime("exec", cid, "/bin/true").ok, "exec in what is dead succeeds")
    d.expect(d.runtime("delete", cid).ok, "delete fails")
    return f"stopped, kill exit {result.code}"


def state_files(d, cid):
    top = f"{d.runtime.root}/containers/{cid}" if d.runtime.is_ours else f"{d.runtime.root}/{cid}"
    return [f"{top}/{n}" for n in sorted(os.listdir(top)) if os.path.isfile(f"{top}/{n}")]


def damaged_state(d):
    cid = d.id()
    d.running(cid)
    count = bad = 0
    names = state_files(d, cid)
    d.delete(cid)
    for name in names + ["everything"]:
        for damage in ("cut in half", "emptied", "removed", "garbage"):
            d.running(cid)
            pid = d.runtime.pid(cid)
            for path in state_files(d, cid) if name == "everything" else [name]:
                if damage == "removed":
                    os.unlink(path)
                elif damage == "garbage":
                    with open(path, "r+b") as f:
                        f.write(b"\0\xff}{" * 20)
                else:
                    os.truncate(path, os.stat(path).st_size // 2 if damage == "cut in half" else 0)
            count += 1
            before = len(d.complaints)
            what = f"{os.path.basename(name)} {damage}"
            for words in (("state", cid), ("list",)):
                result = d.runtime(*words)
                d.expect(result.code is not None and result.code >= 0, f"{what}: {words[0]}: {result}")
            result = d.runtime("delete", "-f", cid)
            reap()
            d.expect(result.ok, f"{what}: delete -f: {result}")
            # Killed and out of its cgroup it may still be on its way to the zombie that we reap.
            is_gone = until(lambda: (reap(), not os.path.exists(f"/proc/{pid}"))[1], settle_seconds(d.runtime))
            d.expect(is_gone, f"{what}: init is alive")
            left = d.baseline.settled_leftovers(d.runtime, cid)
            if left:
                d.complain(f"{what}: {'; '.join(left[:5])}")
            if before != len(d.complaints):
                bad += 1
                d.baseline.scrub(d.runtime, cid)
    return f"{bad} of {count} not clean"


def reused_pid(d):
    """The pid of a container that ended belongs to somebody else: nobody may touch him."""
    cid = d.id()
    d.running(cid)
    pid = d.runtime.pid(cid)
    os.kill(pid, 9)
    until(lambda: (reap(), not os.path.exists(f"/proc/{pid}"))[1])
    if os.path.exists(f"/proc/{pid}"):
        return "the pid was not given back"
    victim = drills_limits.process_with_pid(pid)
    if not d.expect(victim is not None, f"could not make a process with pid {pid}"):
        return "not run"
    try:
        d.expect(d.runtime.status(cid) == "stopped", f"state says {d.runtime.status(cid)}")
        d.expect(not d.runtime("kill", cid, "KILL").ok, "kill succeeds")
        d.runtime("kill", "--all", cid, "KILL")
        d.expect(d.runtime("delete", "-f", cid).ok, "delete -f fails")
        d.expect(victim.poll() is None, "the innocent process was killed")
    finally:
        victim.kill()
        victim.wait()
    return "untouched" if not d.complaints else "touched"


# ---- PID 1 and the bus stand still ----

def frozen(what):
    """What answers nobody for half a minute: PID 1 (its cgroup frozen) or the bus (SIGSTOP)."""
    def set_state(is_frozen):
        if what == "PID 1":
            with open("/sys/fs/cgroup/init.scope/cgroup.freeze", "w") as f:
                f.write("1" if is_frozen else "0")
        else:
            pids = subprocess.run(["pgrep", "-x", "dbus-daemon"], capture_output=True, text=True).stdout.split()
            subprocess.run(["kill", "-STOP" if is_frozen else "-CONT", *pids], check=True)

    def set_up(d):
        """A container for each verb, and what is asked of it."""
        setup = {"pause": (), "resume": ("pause",), "update": (), "delete": (), "state": (), "kill": (), "exec": (), "ps": ()}
        d.expect(d.create(d.id("start")).ok, "create")
        for verb in setup:
            d.running(d.id(verb))
            for step in setup[verb]:
                d.expect(d.runtime(step, d.id(verb)).ok, step)
        words = {verb: (verb, d.id(verb)) for verb in setup}
        words["update"] = d.runtime.update_words(d.id("update"))
        words["delete"] = ("delete", "-f", d.id("delete"))
        words["kill"] = ("kill", d.id("kill"), "KILL")
        words["exec"] = ("exec", d.id("exec"), "/bin/true")
        words.update(start=("start", d.id("start")), list=("list",))
        words["create"] = d.runtime.create_words(d.id("create"), bundle(d.id("create")))
        words["run"] = ("run", "-d", "--bundle", bundle(d.id("run")), d.id("run"))
        return words

    def judge(d, results):
        for verb, result in results.items():
            d.expect(result.code is not None, f"{verb} takes longer than {DEADLINE_SECONDS} s")
            d.expect(result.ok or result.text.strip(), f"{verb} fails silently")
            if result.ok or result.code is None or verb == "list":
                continue
            status = d.runtime.status(d.id(verb))
            if verb == "start":
                d.expect(status == "created", f"start failed ({result}), and now it is {status}")
            if verb in ("pause", "update", "state"):
                d.expect(status == "running", f"{verb} failed ({result}), and now it is {status}")
            if verb in ("create", "run"):
                d.expect(status is None, f"{verb} failed ({result}), and there is one that is {status}")
        if d.runtime.is_ours:
            for verb in ("state", "kill", "list", "ps", "exec"):
                d.expect(results[verb].ok and results[verb].seconds < FROZEN_SECONDS / 2, f"{verb} needs it: {results[verb]}")
        for cid in d.ids:
            d.delete(cid)

    def drill(d):
        # The same half minute serves both of our modes; each has one of its own in the long run.
        drills = [d] + ([Drill(RUNTIMES[1], f"{d.name}-scope")] if d.runtime.is_native and not LONG else [])
        words = [set_up(each) for each in drills]
        set_state(True)
        thaw = threading.Timer(FROZEN_SECONDS, set_state, (False,))
        thaw.start()
        commands = {(i, v): Command(drills[i].runtime.command(*w), f"/run/robust/out.{i}.{v}")
                    for i in range(len(drills)) for v, w in words[i].items()}
        results = results_of(commands, DEADLINE_SECONDS)
        thaw.join()
        until(lambda: subprocess.run(["systemctl", "is-system-running"], capture_output=True).returncode in (0, 1), 30)
        time.sleep(0.5)
        reap()
        for i, each in enumerate(drills):
            judge(each, {v: r for (k, v), r in results.items() if k == i})
        d.forget_pid_files()
        for twin in drills[1:]:
            twin.no_leftovers()
            d.complaints += twin.complaints
        slowest = max(results.values(), key=lambda r: r.seconds)
        return f"longest {slowest.seconds:.0f} s, " + " ".join(f"{v}:{r.code}" for (_, v), r in sorted(results.items()))
    return drill


def dbus_killed(creates, life=three_verbs):
    """Three times: after the fifth within ten seconds systemd would not start it again."""
    def drill(d):
        subprocess.run(["systemctl", "reset-failed", "dbus.service", "dbus.socket"], capture_output=True)
        figure = storm_drill(["systemctl", "kill", "--signal=KILL", "dbus.service"], 0.3, 3, creates, life)(d)
        subprocess.run(["systemctl", "reset-failed", "dbus.service", "dbus.socket"], capture_output=True)
        return figure
    return drill


def journald_restarted(d):
    # Without the reset systemd would refuse to start it after the fifth time.
    restart = ["sh", "-c", "systemctl reset-failed systemd-journald*; systemctl restart systemd-journald"]
    figure = storm_drill(restart, 0.3)(d)
    if d.runtime.is_native:
        # Output before and after is there, and the payload did not notice.
        cid = d.id("log")
        path = bundle(cid, lambda c: c["process"].update(
            args=["/bin/sh", "-c", "for i in 0 1 2 3 4 5 6 7 8 9; do echo line-$i; sleep 0.2; done; sleep 1000"]))
        d.expect(d.runtime("run", "-d", "--bundle", path, cid).ok, "run")
        with Storm(restart, 0.5):
            time.sleep(2.5)
        d.expect(d.runtime.status(cid) == "running", "the payload is gone")

        def lines():
            log = subprocess.run(["journalctl", "-b", "-o", "cat", "-u", d.runtime.unit(cid)], capture_output=True, text=True)
            return [n for n in range(10) if f"line-{n}" in log.stdout]
        d.expect(until(lambda: len(lines()) == 10), f"of 10 lines there are {lines()}")
        d.delete(cid)
    return figure


# ---- the helper stands still ----

def helper_stopped(d):
    """ctr-exec is stopped at its gate, and while it records the end: delete does not wait for it for ever."""
    figures = []
    cid = d.id("gate")
    d.expect(d.create(cid).ok, "create")
    for pid, what in processes(cid, d.runtime.unit(cid)).items():
        if "ctr-exec" in what or d.runtime.program in what:
            os.kill(pid, signal.SIGSTOP)
    result = d.runtime("delete", "-f", cid, seconds=DEADLINE_SECONDS)
    d.expect(result.ok and result.seconds < HELPER_SECONDS, f"delete of one whose helper is stopped: {result.seconds:.1f} s, {result}")
    figures.append(f"at the gate {result.seconds:.1f} s")
    # A poststop hook keeps the helper busy at its end: as a child of delete, and in the unit.
    ways = {} if not d.runtime.is_ours else {"delete": ("create", "start")}
    ways.update({"unit": ("run",)} if d.runtime.is_native else {})
    for way, steps in ways.items():
        cid = d.id(way)
        go = f"/run/robust/{cid}.go"
        pathlib.Path(go).unlink(missing_ok=True)
        wait = ["sh", "-c", f"until [ -e {go} ]; do sleep 0.02; done"]
        # PID 1 waits for the helper as long as its hooks may take: that is its configuration's to say.
        path = bundle(cid, lambda c, args=wait: c.update(hooks={"poststop": [{"path": "/bin/sh", "args": args, "timeout": 8}]}))
        for step in steps:
            words = {"create": ("create", "--bundle", path, cid), "run": ("run", "-d", "--bundle", path, cid),
                     "start": ("start", cid)}[step]
            d.expect(d.runtime(*words).ok, step)
        command = Command(d.runtime.command("delete", "-f", cid), "/run/robust/out.1")

        def helpers():
            return subprocess.run(["pgrep", "-f", "ctr-exec (poststop|record-exit)"], capture_output=True, text=True).stdout
        d.expect(until(helpers), "no helper was seen at the end")
        subprocess.run(["kill", "-STOP", *helpers().split()])
        pathlib.Path(go).touch()  # the hook ends
        result = command.result(2 * DEADLINE_SECONDS)
        d.expect(result.code is not None, f"{way}: delete waits for a helper that is stopped: {result}")
        figures.append(f"{way} {result.seconds:.1f} s")
        d.delete(cid)
        d.expect(not helpers(), f"{way}: a helper is left: {helpers()}")
    return ", ".join(figures)


DRILLS = {
    "helper-stopped": helper_stopped,
    "reexec": storm_drill(["systemctl", "daemon-reexec"], 0.1, creates=40),
    "reload": storm_drill(["systemctl", "daemon-reload"], 0.02, creates=40 if LONG else 10),
    "dbus-killed": dbus_killed(40),
    "dbus-killed-verbs": dbus_killed(40 if LONG else 6, drills_verbs.life),
    "reexec-verbs": storm_drill(["systemctl", "daemon-reexec"], 0.1, None, 40 if LONG else 6, drills_verbs.life),
    "journald": journald_restarted,
    "same-id": same_id,
    "start-delete": against_delete("start"),
    "create-delete": against_delete("create"),
    "descriptors": few_descriptors,
    "state-full": state_full,
    "state-read-only": state_read_only,
    "no-bus": no_bus,
    "init-killed": init_killed,
    "damaged-state": damaged_state,
    "reused-pid": reused_pid,
    "pid1-frozen": frozen("PID 1"),
    "bus-frozen": frozen("bus"),
}
DRILLS.update(drills_verbs.DRILLS)
DRILLS.update(drills_limits.DRILLS)


# What takes half a minute each, or repeats another one, is for the long run.
ONLY_LONG = {"bus-frozen"}
ONLY_LONG_OF_ENGINE = {"pid1-frozen", "helper-oom"}  # of the first: see frozen()
IN_BOTH_HOSTS = {"small-pid-max"}


def default_drills():
    """CTRUNIT_DRILLS=qemu: those that need the controllers of QEMU; else all the others."""
    if os.environ.get("CTRUNIT_DRILLS") == "qemu":
        return list(drills_limits.DRILLS) + ["pid1-frozen"] * LONG
    return [n for n in DRILLS if (n not in drills_limits.DRILLS or n in IN_BOTH_HOSTS) and (LONG or n not in ONLY_LONG)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtimes", default=default_runtimes())
    parser.add_argument("--drills", default=",".join(default_drills()))
    options = parser.parse_args()
    tap = Tap("faults")
    prepare_host()
    rows = []
    for name in options.drills.split(","):
        for runtime in chosen_runtimes(options.runtimes.split(",")):
            if not LONG and name in ONLY_LONG_OF_ENGINE and not runtime.is_native:
                continue
            start = time.monotonic()
            d = Drill(runtime, name)
            figure = DRILLS[name](d)
            d.no_leftovers()
            rows.append("\t".join((name, runtime.name, figure, f"{len(d.complaints)} complaints")))
            what = f"{name}: {runtime.name}: {figure}"
            if runtime.is_ours:
                tap.ok(not d.complaints, what, d.complaints)
            else:
                tap.say(f"{what}: {len(d.complaints)} complaints")
                for complaint in d.complaints[:3]:
                    tap.say(complaint.replace("\n", " "))
            tap.say(f"{time.monotonic() - start:.0f} s")
    for row in rows:
        tap.say(row)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
