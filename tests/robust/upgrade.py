#!/usr/bin/env python3
"""The whole package is replaced by one with another version of the state, while containers run.

    upgrade.py [--containers N]

A third of them is transient, a third an engine's, a third configured. Every installed file is replaced (new inodes,
as a package manager does it), the programs by those of the next version, and systemd reads its units again. No
container is touched by that: pids, start times and invocations stay. Then the new programs list them all, execute in
them, pause and resume, stop and delete them, and make new ones.

It is done in two halves, /usr/bin and then the rest, while verbs are called all the time: quick programs of one version
and whole programs of the other are beside each other, and an old one that meets a newer state leaves it to a program
that knows it, or refuses it in words that say so.
"""

import argparse
import copy
import json
import os
import shutil
import subprocess
import sys
import threading

from common import BUILD, RUNTIMES, WORK, Baseline, Command, Tap, bundle, prepare_host, read, reap, run, until

NATIVE, ENGINE = RUNTIMES[0], RUNTIMES[1]
CONFIGURED = "/etc/ctrunit/containers"
FILES = ("/usr/bin/ctrctl", "/usr/bin/ctr-runtime", "/usr/lib/ctrunit", "/usr/lib/systemd/system/ctr.slice",
         "/usr/lib/systemd/system/ctr@.service.d", "/usr/lib/systemd/system-generators/ctr-generator",
         "/usr/lib/tmpfiles.d/ctrunit.conf")
HAS_QUICK = os.path.exists(f"{BUILD}/tests/robust/quick-ctrctl-next")


def start_all(tap, count):
    """Ids by runtime; configured ones are the native runtime's too."""
    ids = {NATIVE: [], ENGINE: []}
    errors = []
    for i in range(count):
        cid = f"up-{i}"
        runtime = ENGINE if i % 3 == 1 else NATIVE
        if i % 3 == 2:
            os.makedirs(f"{CONFIGURED}/{cid}", exist_ok=True)
            shutil.copy(f"{bundle(cid)}/config.json", f"{CONFIGURED}/{cid}/config.json")
        elif i % 2:
            errors += [r for r in (runtime("run", "-d", "--bundle", bundle(cid), cid),) if not r.ok]
        else:
            errors += [r for r in (runtime(*runtime.create_words(cid, bundle(cid))), runtime("start", cid)) if not r.ok]
        ids[runtime].append(cid)
    run(["systemctl", "daemon-reload"])
    errors += [r for r in (run(["systemctl", "start"] + [NATIVE.unit(f"up-{i}") for i in range(2, count, 3)]),) if not r.ok]
    tap.ok(not errors, f"{count} containers of the old version run", errors)
    # One that only waits at its gate, and one that has ended.
    for cid in ("up-created", "up-ended"):
        errors += [r for r in (NATIVE(*NATIVE.create_words(cid, bundle(cid))),) if not r.ok]
    NATIVE("start", "up-ended")
    NATIVE("kill", "up-ended", "KILL")
    until(lambda: NATIVE.status("up-ended") == "stopped")
    return ids


def facts(ids):
    """What nobody may change: per container its status, pid and invocation, and the start time of the process."""
    found = {}
    for runtime, names in ids.items():
        for cid in names:
            state = json.loads(runtime("state", cid).text)
            stat = read(f"/proc/{state['pid']}/stat").rsplit(")", 1)[-1].split()
            found[cid] = (state["status"], state["pid"], state.get("invocationID"), stat[19] if len(stat) > 19 else None)
    return found


def replace(path, source=None):
    """By a new file and rename, like dpkg."""
    shutil.copy2(source or path, f"{path}.dpkg-new")
    os.rename(f"{path}.dpkg-new", path)


def kept(path):
    return f"{WORK}/old{path}"


def next_of(path):
    """The program of the next version that takes this one's place; None for a file that stays as it is."""
    directory, name = os.path.split(path)
    quick = f"{BUILD}/tests/robust/quick-{name}-next"
    if name not in ("ctrctl", "ctr-runtime"):
        return None
    return quick if directory == "/usr/bin" and os.path.exists(quick) else f"{BUILD}/tests/robust/{name}-next"


def upgrade(is_chosen):
    for top in FILES:
        files = [top] if os.path.isfile(top) else [f"{d}/{n}" for d, _, names in os.walk(top) for n in names]
        for path in filter(is_chosen, files):
            os.makedirs(os.path.dirname(kept(path)), exist_ok=True)
            shutil.copy2(path, kept(path))
            replace(path, next_of(path))
    run(["systemctl", "daemon-reload"])


def is_quick(path):
    return path.startswith("/usr/bin/")


def of_before(runtime):
    """The same runtime by the program that was in /usr/bin before: somebody still has it open."""
    old = copy.copy(runtime)
    old.argv = [kept(f"/usr/bin/{runtime.program}")] + runtime.argv[1:]
    return old


# What the quick programs do with a container: verb, what it is before, and after.
QUICK = (("start", "created", "running"), ("state", "running", "running"), ("ps", "running", "running"), ("exec", "running", "running"),
         ("pause", "running", "paused"), ("resume", "paused", "running"), ("kill", "running", "stopped"), ("delete", "stopped", None))


def words_of(verb, cid):
    return (verb, cid) + {"exec": ("/bin/true",), "kill": ("KILL",)}.get(verb, ())


def refuses(tap, runtime, cid):
    """Old quick and old whole programs, and a container of the new ones: refused in one line, and nothing is done to it."""
    old, bad = of_before(runtime), []
    before = facts({runtime: [cid]})
    for verb, status, _ in QUICK:
        if status == before[cid][0]:
            result = old(*words_of(verb, cid))
            if result.ok or "newer ctrunit" not in result.text or len(result.text.splitlines()) != 1:
                bad.append(f"{verb}: {result}")
    shown = old("list")
    if not shown.ok or f"{cid}: " not in shown.text or "newer ctrunit" not in shown.text:
        bad.append(f"list: {shown}")
    if facts({runtime: [cid]}) != before:
        bad.append(f"it was {before}, and is {facts({runtime: [cid]})}")
    tap.ok(not bad, f"old programs of {runtime.name} refuse a {before[cid][0]} one of the new", bad)


def hands_over(tap, runtime, cid):
    """Old quick programs before new whole ones: every verb is done, and the answer is true."""
    old, bad = of_before(runtime), []
    for verb, _, after in QUICK:
        result = old(*words_of(verb, cid))
        is_done = until(lambda status=after: (reap(), runtime.status(cid))[1] == status)
        if not result.ok or not is_done or old.status(cid) != after or (cid in old.ids()) != (after is not None):
            bad.append(f"{verb}: {result}, then {runtime.status(cid)} and {old.status(cid)}")
    tap.ok(not bad, f"old quick programs of {runtime.name} leave one of the new to the new whole ones", bad)


class Busy:
    """Calls verbs all the time, by whichever program is there. Only a state that is too new for it may be refused."""

    def __init__(self, runtime):
        self.runtime, self.rounds, self.errors, self.is_over = runtime, 0, [], threading.Event()
        self.cid = f"up-busy-{runtime.name}"
        self.thread = threading.Thread(target=self.work)

    def call(self, *words):
        result = run(self.runtime.command(*words), output=f"/run/robust/out.{self.cid}")
        if not result.ok and "newer ctrunit" not in result.text:
            self.errors.append(f"round {self.rounds}: {words[0]}: {result}")
        return result.ok

    def work(self):
        create = ("create", "--bundle", bundle(self.cid), self.cid)
        while not self.is_over.is_set():
            for words in (create, ("start", self.cid), ("state", self.cid), ("list",), ("exec", self.cid, "/bin/true"),
                          ("delete", "-f", self.cid)):
                self.call(*words)
            self.rounds += 1

    def __enter__(self):
        self.thread.start()
        until(lambda: self.rounds > 0)
        return self

    def __exit__(self, *unused):
        rounds = self.rounds
        until(lambda: self.rounds > rounds + 1)  # a whole one with what is there now
        self.is_over.set()
        self.thread.join()


def attached(cid):
    """`run` in the foreground, whose payload ends with 7 as soon as it is told to."""
    path = bundle(cid, lambda c: c["process"].update(args=["/bin/sh", "-c", "until [ -e /tmp/go ]; do /bin/ctr-probe true; done; exit 7"]))
    return Command(NATIVE.command("run", "--bundle", path, cid), f"/run/robust/out.{cid}")


def in_halves(tap, ids, before):
    """The upgrade, and what is beside each other meanwhile."""
    with Busy(NATIVE) as native, Busy(ENGINE) as engine:
        upgrade(is_quick)
        half = {r: (f"up-half-{r.name}", f"up-gate-{r.name}", f"up-gone-{r.name}") for r in (NATIVE, ENGINE)}
        errors = []
        for runtime, (running, waiting, gone) in half.items():
            for cid in (running, waiting, gone):
                errors += [r for r in (runtime(*runtime.create_words(cid, bundle(cid))),) if not r.ok]
            errors += [r for r in (runtime("start", running),) if not r.ok]
        tap.ok(not errors, "new quick programs before old whole ones create and start", errors)
        bad = [f"{c}: {r}" for rt, names in ids.items() for c in names[:4] for r in (rt("exec", c, "/bin/true"), rt("ps", c)) if not r.ok]
        tap.ok(facts(ids) == before and not bad, "and use those of before", bad)
        for runtime, (running, waiting, gone) in half.items():
            refuses(tap, runtime, running)
            refuses(tap, runtime, waiting)
            result = of_before(runtime)("delete", "-f", gone)
            tap.ok(result.ok and runtime.status(gone) is None, f"old programs of {runtime.name}: delete -f of one of the new", [result])
        upgrade(lambda path: not is_quick(path))
        for runtime, (running, waiting, _) in half.items():
            if HAS_QUICK:
                hands_over(tap, runtime, waiting)
            else:
                tap.skip(f"old quick programs of {runtime.name}", "built without musl: there are none")
                runtime("delete", "-f", waiting)
            bad = [f"{c}: {r}" for c in ids[runtime][:4] for r in (of_before(runtime)("exec", c, "/bin/true"),) if not r.ok]
            tap.ok(not bad and of_before(runtime).status(running) == "running", f"old quick programs of {runtime.name} and those of before", bad)
            tap.ok(runtime("delete", "-f", running).ok, f"{runtime.name}: delete -f")
    for busy in (native, engine):
        tap.ok(not busy.errors, f"{busy.runtime.name}: {busy.rounds} rounds of verbs meanwhile", busy.errors)
    return [c for names in half.values() for c in names]


def downgrade():
    """What was there before, for whoever uses this host next."""
    for directory, _, names in os.walk(kept("/usr")):
        for name in names:
            path = f"{directory}/{name}"
            replace(path.removeprefix(kept("")), path)
    run(["systemctl", "daemon-reload"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--containers", type=int, default=50)
    options = parser.parse_args()
    tap = Tap("upgrade")
    prepare_host()
    baseline = Baseline()
    ids = start_all(tap, options.containers)
    before = facts(ids)
    old = read("/run/ctrunit/containers/up-0/state.json")
    waiting = attached("up-attached")
    until(lambda: NATIVE.status("up-attached") == "running")
    made = in_halves(tap, ids, before)
    new_version = NATIVE(*NATIVE.create_words("up-new", bundle("up-new")))
    tap.ok(new_version.ok, "the new version creates", [new_version])
    written = json.loads(read("/run/ctrunit/containers/up-new/state.json") or "{}").get("version")
    tap.ok(written and written != json.loads(old)["version"], f"its state has another version ({written})")
    after = facts(ids)
    NATIVE("exec", "up-attached", "/bin/sh", "-c", ">/tmp/go")
    result = waiting.result()
    tap.ok(result.code == 7, "run of the old version, in the foreground all the time, has its exit code", [result])
    tap.ok(after == before, "no container was touched", [f"{c}: {before[c]} {after[c]}" for c in before if before[c] != after[c]])
    tap.ok(all(f[0] == "running" for f in after.values()), "all are running")
    tap.ok(NATIVE.status("up-created") == "created", "one that waits still waits")
    tap.ok(NATIVE.status("up-ended") == "stopped", "one that has ended is shown as such")
    for runtime, names in ids.items():
        shown = set(runtime.ids())
        tap.ok(set(names) <= shown, f"list of {runtime.name} has all", set(names) - shown)
    tap.ok(NATIVE("start", "up-created").ok and NATIVE.status("up-created") == "running", "start of one that waited")
    for verb, words in (("exec", ("/bin/true",)), ("pause", ()), ("resume", ()), ("ps", ()), ("update", ()), ("kill", ("KILL",))):
        bad = []
        for runtime, names in ids.items():
            for cid in names:
                argv = runtime.update_words(cid) if verb == "update" else (verb, cid) + words
                result = runtime(*argv)
                if not result.ok:
                    bad.append(f"{cid}: {result}")
        tap.ok(not bad, f"{verb} in each", bad)
    ids[NATIVE] += ["up-created", "up-ended", "up-new"]
    gone = {NATIVE: [c for c in made if c.endswith("native")] + ["up-attached", "up-busy-native"],
            ENGINE: [c for c in made if c.endswith("engine")] + ["up-busy-engine"]}

    def not_ended():
        reap()
        return [c for r, names in ids.items() for c in names if c != "up-new" and c != "up-created" and
                r.status(c) not in ("stopped", None)]
    tap.ok(until(lambda: not not_ended()), "all have ended", not_ended())
    bad = []
    for runtime, names in ids.items():
        for cid in names:
            result = runtime("delete", "-f", cid)
            if not result.ok:
                bad.append(f"{cid}: {result}")
    shutil.rmtree(CONFIGURED, ignore_errors=True)
    run(["systemctl", "daemon-reload"])
    tap.ok(not bad, "delete of each", bad)
    shutil.rmtree(f"{WORK}/pids")

    def leftovers():
        # `update` of a configured unit lasts until the next boot, as with systemctl set-property --runtime.
        return [x for of in (ids, gone) for runtime, names in of.items() for cid in names for x in baseline.leftovers(runtime, cid)
                if "system.control" not in x]
    left = until(lambda: not leftovers()) and [] or leftovers()
    tap.ok(not left, "nothing is left", left)
    downgrade()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
