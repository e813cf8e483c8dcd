"""What killpoints.py and killmanager.py share: the tracer killat in the place of one of our programs, and the sweeps
over verbs with their table.
"""

import os
import shutil
import time

from common import BUILD, read, reap

# Where a sandboxed worker may write, too.
DIRECTORY = "/var/lib/ctrunit/killat"
KILLAT = f"{DIRECTORY}/killat"
HELPER = "/usr/lib/ctrunit/ctr-exec"
WORKER = "/usr/lib/ctrunit/ctr-worker"
CGROUP = "/sys/fs/cgroup/killat"
COLUMNS = ("points", "reached", "hang", "unknown", "retry", "unclean", "reuse")


class InPlaceOf:
    """The tracer in the place of `program`, which it executes; followed are its copy and `others`."""

    def __init__(self, program, others):
        self.program, self.others = program, others

    def __enter__(self):
        copy = f"{DIRECTORY}/{os.path.basename(self.program)}"
        os.makedirs(DIRECTORY, exist_ok=True)
        os.makedirs(CGROUP, exist_ok=True)
        shutil.copy2(self.program, copy)
        os.rename(self.program, f"{self.program}.kept")
        for place in (KILLAT, self.program):
            shutil.copy2(f"{BUILD}/tests/robust/killat", place)
        with open(f"{DIRECTORY}/programs", "w") as f:
            # In the helper's place is the tracer itself: below one already, it only executes the helper.
            for program in {copy} | set(self.others):
                f.write(f"{program}\n")

    def __exit__(self, *_):
        os.rename(f"{self.program}.kept", self.program)
        shutil.rmtree(DIRECTORY, ignore_errors=True)


def tracers():
    """Those that have not ended yet."""
    return read(f"{CGROUP}/cgroup.procs").split()


def run_sweeps(tap, sweeps, title):
    """Sweeps one after the other, and their table. What a peer leaves is said, what we leave is a failure."""
    rows = []
    for make in sweeps:
        start = time.monotonic()
        sweep = make()
        sweep.sweep()
        rows.append(sweep.row())
        bad = sum(sweep.counts[c] for c in COLUMNS[2:])
        what = f"{sweep.name()}: {sweep.counts['points']} points"
        if sweep.runtime.is_ours:
            tap.ok(bad == 0 and sweep.counts["reached"] > 0, what, [sweep.row()] + sweep.finds)
        else:
            tap.say(f"{what}: {bad} finds")
            for find in sweep.finds[:5]:
                tap.say(find)
        tap.say(f"{time.monotonic() - start:.0f} s")
        reap()
    tap.say("\t".join((title, "verb") + COLUMNS))
    for row in rows:
        tap.say(row)
