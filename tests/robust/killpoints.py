#!/usr/bin/env python3
"""SIGKILL at every system call of every verb, in the program and in its children, helper included.

    killpoints.py [--runtimes native,engine,crun,runc] [--verbs create,...] [--every N] [--list-verbs RUNTIME]

For each verb one run is traced; each call of each process in that trace is then one point: the verb is run again,
and that process is killed when it enters that call. After that
  - every live process of the container is known to `state` and `list` (unknown),
  - every second time: `create` of the same id works, or says that the id exists (retry),
  - `delete -f ID` succeeds and nothing is left: unit, cgroup, process, mount, state, temporary file (unclean),
  - the id can be created again (reuse), and is deleted without a trace once more.
What a peer leaves is counted and printed, what we leave fails the test.

The sweeps named stop-... do the same with SIGSTOP of the helper, during a delete: it ends all the same, with success.
"""

import argparse
import functools
import os
import shutil
import signal
import sys
import time

from common import (EVERY, LONG, RUNTIMES, WORK, Baseline, Command, Tap, bundle, chosen_runtimes, default_runtimes, pid_file,
                    prepare_host, processes, read, reap, run, settle_seconds, until)
from killtrace import COLUMNS, DIRECTORY, HELPER, KILLAT, InPlaceOf, run_sweeps, tracers

ID = "ka"

# Verb: what the container is before, words of the command, the helper's verb that systemd runs meanwhile; "gate": the
# helper and its clone that wait for `start` since the container was created.
VERBS = {
    "create": ("none", None, "run"),
    "start": ("created", ["start", ID], "gate"),
    "run": ("none", ["run", "--bundle", f"{WORK}/bundle-{ID}-true", ID], "run"),
    "run-detached": ("none", ["run", "-d", "--bundle", f"{WORK}/bundle-{ID}", ID], "run"),
    "exec": ("running", ["exec", ID, "/bin/true"], None),
    "exec-born": ("traceable", ["exec", ID, "/bin/true"], None),
    "kill": ("running", ["kill", ID, "KILL"], "record-exit"),
    "pause": ("running", ["pause", ID], None),
    "resume": ("paused", ["resume", ID], None),
    "update": ("running", ["update", "--pids-limit", "77", ID], None),
    "delete": ("stopped", ["delete", ID], None),
    "delete-force": ("running", ["delete", "-f", ID], "record-exit"),
    "delete-created": ("created", ["delete", "-f", ID], "gate"),
    "delete-hooks": ("hooked", ["delete", "-f", ID], "record-exit"),
    "state": ("running", ["state", ID], None),
    "ps": ("running", ["ps", ID], None),
    "list": ("running", ["list"], None),
}
# The helper is stopped: the one that waits at the gate, the one in the unit, the children of delete.
STOPPED = {f"stop-{verb}": VERBS[verb] for verb in ("delete-created", "delete-force", "delete-hooks")}


def verbs_of(runtime):
    """Only ours is asked about its helper; an engine's does nothing in a delete but hooks."""
    stopped = STOPPED if runtime.is_native else ["stop-delete-hooks"] if runtime.is_ours else []
    return list(VERBS) + list(stopped)


def other_bundles():
    """The helper has work at the end of one, poststop hooks; who enters the other is born late."""
    capabilities = dict.fromkeys(("bounding", "effective", "permitted"), ["CAP_SYS_PTRACE", "CAP_KILL"])
    for name, change in (("hooked", lambda c: c.update(hooks={"poststop": [{"path": "/bin/true"}]})),
                         ("traceable", lambda c: c["process"].update(capabilities=capabilities))):
        bundle(f"{ID}-{name}", lambda c: (change(c), c["linux"].update(cgroupsPath=f"ctr-rb.slice:rb:{ID}")))


class Sweep:
    action = "kill"  # or "stop"

    def __init__(self, runtime, verb, every):
        self.runtime, self.verb, self.every = runtime, verb, every
        if verb in STOPPED:
            self.action = "stop"
        self.before, words, meanwhile = STOPPED.get(verb) or VERBS[verb]
        self.words = words or list(runtime.create_words(ID, f"{WORK}/bundle-{ID}"))
        # Where the tracer sits: in the program, in what systemd starts, in what waits at the gate.
        self.places = ["program"]
        if meanwhile == "gate" or (meanwhile and runtime.is_native):
            self.places.append(meanwhile)
        self.counts = dict.fromkeys(COLUMNS, 0)
        self.finds = []
        self.baseline = Baseline()

    # ---- one run below the tracer ----

    def prefix(self, place, plan):
        """Hands the plan to the tracer: what the next command begins with."""
        outcome = f"{DIRECTORY}/outcome"
        for stale in (outcome, f"{outcome}.tmp", f"{DIRECTORY}/unit", f"{DIRECTORY}/unit.used"):
            if os.path.exists(stale):
                os.unlink(stale)
        action, _, rest = plan.partition(" ")
        helper_verb = None if place == "program" else "run" if place == "gate" else place
        if helper_verb and self.runtime.is_native:
            path, start, prefix = f"{DIRECTORY}/unit", f"{helper_verb} ", []
        else:
            path, start, prefix = f"{DIRECTORY}/plan", "", [KILLAT, f"{DIRECTORY}/plan"]
        with open(path, "w") as f:
            f.write(f"{start}{action} {outcome} {rest}\n")
        return prefix

    def set_up(self, prefix=()):
        """Only the first command is below the tracer."""
        steps = {"none": [], "created": ["create"], "running": ["create", "start"],
                 "hooked": ["create-hooked", "start"], "traceable": ["create-traceable", "start"],
                 "paused": ["create", "start", "pause"], "stopped": ["create", "start", "kill"]}[self.before]
        for step in steps:
            words = self.runtime.create_words(ID, f"{WORK}/bundle-{ID}{step.removeprefix('create')}") \
                if step.startswith("create") else (step, ID) + (("KILL",) if step == "kill" else ())
            result = run(list(prefix) + self.runtime.command(*words))
            prefix = ()
            if not result.ok:
                raise RuntimeError(f"{self.runtime.name} {step}: {result}")
        if self.before == "stopped":
            until(lambda: (reap(), self.runtime.status(ID))[1] == "stopped")

    def traced(self, plan, place):
        """Runs the verb with this plan. Returns its end, and what the tracer wrote during it."""
        outcome = f"{DIRECTORY}/outcome"
        if place == "gate":
            self.set_up(self.prefix(place, plan))
            skipped = self.at_rest(outcome)
            prefix = []
        else:
            self.set_up()
            prefix, skipped = self.prefix(place, plan), 0
        result = run(prefix + self.runtime.command(*self.words))
        # A tracer of what waits at the gate goes on: what it has written so far counts. All others end with whom they trace.
        if plan == "trace" and place == "program":
            until(lambda: os.path.exists(outcome) or "1 exit_group" in read(f"{outcome}.tmp"))
        goes_on = place == "gate" or (place == "program" and result.code != -signal.SIGKILL)
        until(lambda: os.path.exists(outcome) or not tracers(), 0.3 if goes_on and plan == "trace" else 0.1 if goes_on else 10)
        text = read(outcome) or (read(f"{outcome}.tmp") if plan == "trace" else "")
        return result, text.splitlines()[skipped if plan == "trace" else 0:]

    @staticmethod
    def at_rest(outcome):
        """How much the tracer wrote until the helper waits at its gate."""
        lines = before = -1
        while lines != before or lines < 0:
            before = lines
            time.sleep(0.03)
            lines = len(read(f"{outcome}.tmp").splitlines())
        return lines

    def trace(self, place):
        """The points of one run: (process, name, k) in their order."""
        result, lines = self.traced("trace", place)
        self.runtime("delete", "-f", ID)
        self.baseline.scrub(self.runtime, ID)
        if not result.ok:
            raise RuntimeError(f"traced {self.runtime.name} {self.verb}: {result}")
        points = [tuple(line.split()[:3]) for line in lines]
        # Programs hand over to others: who is let go of before the end has no points, and finds nothing.
        own = [p[1] for p in points if p[0] == "1"]
        if place == "program" and "exit_group" not in own:
            raise RuntimeError(f"traced {self.runtime.name} {self.verb}: lost after {len(own)} calls, the last is {own[-1:]}")
        # `create` itself may still have been on its way out.
        if place == "gate" and not self.runtime.is_native:
            points = [p for p in points if p[0] != "1"]
        return self.helper_points(points) if place == "program" and self.action == "stop" else points

    @staticmethod
    def helper_points(points):
        """Not those of delete itself and of its copy that becomes the helper: in vfork(2) it cannot but wait for that."""
        found, executed = [], {"1": False}
        for p in points:
            if p[1] == "execve" and p[0] != "1":
                executed[p[0]] = True
            elif executed.get(p[0]):
                found.append(p)
        return found

    # ---- one point ----

    def note(self, column, where, what):
        self.counts[column] += 1
        if len(self.finds) < 60:
            self.finds.append(f"{self.runtime.name} {self.verb} at {where}: {column}: {what}")

    def check_known(self, where):
        """A process that lives on belongs to a container that is shown, and not as stopped."""
        def unknown():
            reap()
            live = processes(ID, self.runtime.unit(ID))
            if not live:
                return ""
            status = self.runtime.status(ID)
            if status in (None, "stopped") or ID not in self.runtime.ids():
                return f"{live} while state is {status}"
            return ""
        if not until(lambda: not unknown(), settle_seconds(self.runtime)):
            self.note("unknown", where, unknown())

    def create_again(self, column, where):
        result = self.runtime(*self.runtime.create_words(ID, f"{WORK}/bundle-{ID}"))
        if not result.ok and not (column == "retry" and "exist" in result.text):
            self.note(column, where, result)

    def delete(self, column, where):
        result = self.runtime("delete", "-f", ID)
        if not result.ok:
            self.note(column, where, f"delete -f: {result}")
        left = self.baseline.settled_leftovers(self.runtime, ID)
        if left:
            self.note(column, where, "; ".join(left))
            self.baseline.scrub(self.runtime, ID)

    def point(self, number, point, place):
        process, name, k = point
        where = f"{place} {process}:{name}:{k}"
        result, lines = self.traced(f"{self.action} {process} {name} {k}", place)
        self.counts["points"] += 1
        self.counts["reached"] += bool(lines)
        if not lines and os.environ.get("CTRUNIT_SHOW"):
            print("# not reached:", where, result)
        if result.code is None and os.environ.get("CTRUNIT_SHOW"):
            os.system(f"systemctl status --no-pager {self.runtime.unit(ID)}; journalctl -b -n 20 --no-pager -u {self.runtime.unit(ID)}")
        if result.code is None or (self.action == "stop" and not result.ok):
            self.note("hang", where, result)
        self.check_known(where)
        if number % 2:
            self.create_again("retry", where)
        self.delete("unclean", where)
        self.create_again("reuse", where)
        self.delete("reuse", where)
        if os.path.exists(pid_file(ID)):
            os.unlink(pid_file(ID))

    def sweep(self):
        for place in self.places:
            points = self.trace(place)
            for number, point in enumerate(points[::self.every]):
                self.point(number, point, place)

    def name(self):
        return f"{self.runtime.name} {self.verb}"

    def row(self):
        return "\t".join([self.runtime.name, self.verb] + [str(self.counts[c]) for c in COLUMNS])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtimes", default=default_runtimes())
    parser.add_argument("--verbs", default="all" if LONG else "create,delete,delete-force")
    parser.add_argument("--list-verbs", metavar="RUNTIME")
    parser.add_argument("--every", type=int, default=EVERY or (1 if LONG else 16))
    options = parser.parse_args()
    if options.list_verbs:
        print(*verbs_of(next(r for r in RUNTIMES if r.name == options.list_verbs)))
        return 0
    tap = Tap("killpoints")
    Command.is_alone = True
    prepare_host()
    bundle(ID)
    bundle(f"{ID}-true", lambda c: (c["process"].update(args=["/bin/true"]),
                                    c["linux"].update(cgroupsPath=f"ctr-rb.slice:rb:{ID}")))
    other_bundles()
    runtimes = chosen_runtimes(options.runtimes.split(","))
    # What is called, and the whole program that a quick one executes for most verbs.
    programs = {shutil.which(r.program) for r in runtimes} | {HELPER}
    programs |= {f"{os.path.dirname(HELPER)}/{r.program}" for r in runtimes if r.is_ours}
    with InPlaceOf(HELPER, programs):
        run_sweeps(tap, (functools.partial(Sweep, runtime, verb, options.every)
                         for runtime in runtimes for verb in verbs_of(runtime) if options.verbs == "all" or
                         verb in options.verbs.split(",")), "runtime")
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
