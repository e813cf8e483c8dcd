#!/usr/bin/env python3
"""SIGKILL at every system call of the D-Bus service and of its workers, for every verb.

    killmanager.py [--verbs Create,...] [--every N] [--list-verbs native]

As killpoints.py, which does the same for the programs that people call: one call is traced, then made again for each of
its system calls with the daemon (or the worker) killed there. The daemon is the one that runs, attached to from outside
with all its confinement; in the worker's place is the tracer, which executes it, or waits for one outside where it may
not trace. After each point the jobs under way end, then no process may be unknown, every second time the id must be free
or said to be in use, one `ctrctl delete -f ID` must leave nothing, and the id must be good for another container, made by
the service.
"""

import argparse
import contextlib
import functools
import os
import subprocess
import sys

from common import (BUILD, EVERY, LONG, RUNTIMES, WORK, Baseline, Command, Tap, bundle, prepare_host, read, run, units,
                    until)
from killpoints import ID, Sweep
from killtrace import COLUMNS, DIRECTORY, HELPER, KILLAT, WORKER, InPlaceOf, run_sweeps

CALL = f"{BUILD}/tests/client/ctr-call"
MANAGER = ["/org/ctrunit1", "org.ctrunit1.Manager"]
OBJECT = [f"/org/ctrunit1/container/{ID}", "org.ctrunit1.Container"]
PODS = ("/run/ctrunit/pods", "/var/lib/ctrunit/pods")
POD = ["/org/ctrunit1/pod/kap", "org.ctrunit1.Pod"]
ROOTFS = f"{WORK}/rootfs"
CREATE = MANAGER + ["CreateContainer", "ssa{sv}", ID, f"{WORK}/bundle-{ID}", "0"]
SIMPLE = ["a{sv}", "3", "ID", "s", ID, "RootFS", "s", ROOTFS, "Cmd", "as", "2", "/bin/sleep", "1000"]
CREATE_POD = MANAGER + ["CreatePod", "a{sv}", "2", "ID", "s", "kap", "Containers", "aa{sv}", "1",
                        "3", "ID", "s", "a", "RootFs", "s", ROOTFS, "Cmd", "a{sv}", "1", "Args", "as", "2", "/bin/sleep", "1000"]

# A call whose descriptor 3 is this file or directory.
WITH_FD = "fd 3 is "
TAR = f"{WORK}/rootfs.tar"

# Verb: what is there before, the call, who does it. Archives are unpacked in a unit that may do nothing else.
BOTH = ("daemon", "worker")
VERBS = {
    "CreateContainer": ("none", CREATE, BOTH),
    "CreateContainerFromConfig": ("none", [WITH_FD + ROOTFS] + MANAGER +
                                  ["CreateContainerFromConfig", "ssha{sv}", ID, "CONFIG", "3", "0"], BOTH),
    "CreateContainerFromTar": ("none", [WITH_FD + TAR] + MANAGER +
                               ["CreateContainerFromTar", "ssha{sv}", ID, "CONFIG", "3", "0"], ("daemon", "sandbox", "worker")),
    "RunContainer": ("none", MANAGER + ["RunContainer"] + SIMPLE, BOTH),
    "Start": ("created", OBJECT + ["Start"], BOTH),
    "Stop": ("running", OBJECT + ["Stop"], BOTH),
    "Kill": ("running", OBJECT + ["Kill", "ib", "9", "true"], BOTH),
    "Pause": ("running", OBJECT + ["Pause"], BOTH),
    "Resume": ("paused", OBJECT + ["Resume"], BOTH),
    "Update": ("running", OBJECT + ["Update", "s", '{"pids":{"limit":77}}'], BOTH),
    "SetAnnotations": ("running", OBJECT + ["SetAnnotations", "a{ss}", "1", "a", "b"], BOTH),
    "Exec": ("running", OBJECT + ["Exec", "sa{sv}", "", "1", "args", "as", "2", "/bin/sleep", "1000"], BOTH),
    "Delete": ("running", OBJECT + ["Delete", "b", "true"], BOTH),
    "PsTable": ("running", OBJECT + ["PsTable", "as", "0"], BOTH),
    "Stats": ("running", OBJECT + ["Stats"], ("daemon",)),
    "ListContainers": ("running", MANAGER + ["ListContainers"], ("daemon",)),
    "Subscribe": ("running", MANAGER + ["Subscribe"], ("daemon",)),
    "CreatePod": ("none", CREATE_POD, BOTH),
    "Pod.Start": ("pod", POD + ["Start"], BOTH),
    "Pod.Delete": ("pod", POD + ["Delete", "b", "true"], BOTH),
}


def call(words):
    argv = [CALL] + [read(f"{WORK}/bundle-{ID}/config.json") if w == "CONFIG" else w for w in words]
    if argv[1].startswith(WITH_FD):
        return run(["sh", "-c", 'exec 3<"$0"; exec "$@"', argv[1][len(WITH_FD):], argv[0]] + argv[2:])
    return run(argv)


def jobs():
    return units("ctr-job-")


class ManagerSweep(Sweep):
    def __init__(self, verb, every):
        self.runtime, self.verb, self.every = RUNTIMES[0], verb, every
        self.before, self.words, self.places = VERBS[verb]
        self.counts = dict.fromkeys(COLUMNS, 0)
        self.finds = []
        self.baseline = Baseline()

    def name(self):
        return self.verb

    def row(self):
        return super().row().replace(self.runtime.name, "service", 1)

    def set_up(self, prefix=()):
        steps = {"none": [], "created": [CREATE], "running": [CREATE, OBJECT + ["Start"]], "pod": [CREATE_POD],
                 "paused": [CREATE, OBJECT + ["Start"], OBJECT + ["Pause"]]}[self.before]
        for words in steps:
            result = call(words)
            if not result.ok:
                raise RuntimeError(f"before {self.verb}: {words}: {result}")
        # The one that is attached to is there, and at rest.
        call(MANAGER + ["ListContainers"])
        until(lambda: not jobs())

    def traced(self, plan, place):
        outcome = f"{DIRECTORY}/outcome"
        self.set_up()
        for stale in (outcome, f"{outcome}.tmp", f"{DIRECTORY}/unit", f"{DIRECTORY}/unit.used", f"{DIRECTORY}/standing"):
            if os.path.exists(stale):
                os.unlink(stale)
        action, _, rest = plan.partition(" ")
        pid = daemon_pid()
        tracer = None
        if place != "worker":
            with open(f"{DIRECTORY}/plan", "w") as f:
                f.write(f"{action} {outcome} {rest}\n")
        if place != "daemon":
            with open(f"{DIRECTORY}/unit", "w") as f:
                f.write(f"{place} {action} {outcome} {rest}\n")
        if place == "daemon":
            run([KILLAT, f"{DIRECTORY}/plan", "--attach", str(pid)])
        elif place == "sandbox":
            tracer = subprocess.Popen([KILLAT, f"{DIRECTORY}/plan", "--await"])
        result = call(self.words)
        if tracer:
            tracer.wait()
        if place == "daemon" and daemon_pid() == pid:
            # A tracer ends with whom it traces. What is asked next is for the one that the bus starts then.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
            until(lambda: daemon_pid() != pid)
        until(lambda: os.path.exists(outcome), 2 if plan == "trace" else 0.3)
        until(lambda: not jobs())
        return result, (read(outcome) or read(f"{outcome}.tmp")).splitlines()

    def create_again(self, column, where):
        """By the service, which the bus starts again."""
        result = call(CREATE_POD if "Pod" in self.verb else CREATE)
        if not result.ok and not (column == "retry" and "IdInUse" in result.text):
            self.note(column, where, result)

    def delete(self, column, where):
        if "Pod" in self.verb:
            result = run(["ctrctl", "pod", "delete", "-f", "kap"])
            until(lambda: not units("kap"))
            left = [f"{root}/kap" for root in PODS if os.path.exists(f"{root}/kap")] + units("kap")
            if left:
                self.note(column, where, f"{left}: {result}")
            return
        super().delete(column, where)
        left = [f"bundle of {ID}"] if os.path.exists(f"/var/lib/ctrunit/bundles/{ID}") else []
        until(lambda: not units("ctr-exec-"))
        left += units("ctr-exec-") + jobs()
        if left:
            self.note(column, where, "; ".join(left))

    def trace(self, place):
        # The first of its kind finds no cache.
        self.set_up()
        call(self.words)
        self.delete("unclean", f"before the trace of {place}")
        result, lines = self.traced("trace", place)
        self.delete("unclean", f"trace of {place}")
        if not result.ok or not lines:
            raise RuntimeError(f"traced {self.verb} ({place}): {result}, {len(lines)} calls")
        return [tuple(line.split()[:3]) for line in lines]


def daemon_pid():
    out = subprocess.run(["systemctl", "show", "-P", "MainPID", "ctr-managerd"], capture_output=True, text=True).stdout
    return int(out or 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verbs", default=",".join(VERBS) if LONG else "CreateContainerFromTar,Exec,Delete")
    parser.add_argument("--every", type=int, default=EVERY or (1 if LONG else 60))
    parser.add_argument("--list-verbs", metavar="RUNTIME")
    options = parser.parse_args()
    if options.list_verbs:
        print(*VERBS)
        return 0
    tap = Tap("killmanager")
    Command.is_alone = True
    prepare_host()
    bundle(ID)
    # Few files: each is many calls.
    subprocess.run(["tar", "-cf", TAR, "-C", ROOTFS, "bin/ctr-probe", "etc", "dev", "proc", "sys"], check=True)
    # What is made once for all, and stays.
    for words in (MANAGER + ["RunContainer"] + SIMPLE, OBJECT + ["Delete", "b", "true"], CREATE_POD, POD + ["Delete", "b", "true"]):
        call(words)
    with InPlaceOf(WORKER, {HELPER}):
        run_sweeps(tap, (functools.partial(ManagerSweep, verb, options.every) for verb in options.verbs.split(",")), "service")
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
