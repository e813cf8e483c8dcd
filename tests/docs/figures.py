#!/usr/bin/env python3
"""README's table of figures is what doc/benchmark.md says: TAP, exit code 1 when it is not.

    figures.py [--write]      --write: puts the table of doc/benchmark.md in the README
"""
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
# What a reader asks: the words, and the case of the benchmark that answers.
ROWS = (
    ("`ctrctl run` of /bin/true, a service", "ctrctl run"),
    ("the same with an engine's seccomp profile", "ctrctl run, seccomp"),
    ("`ctr-runtime run`, a scope", "ctr-runtime run (scope)"),
    ("the same with an engine's seccomp profile", "ctr-runtime run (scope), seccomp"),
    ("runc, a scope", "runc, systemd"),
    ("crun without systemd: a cgroup that PID 1 does not know", "crun, cgroupfs"),
    ("systemd-nspawn", "systemd-nspawn"),
    ("`systemd-run`, no container at all", "systemd-run, no container"),
    ("`ctrctl create`", "create: ctrctl"),
    ("`ctrctl start`", "start: ctrctl"),
    ("`ctrctl exec`", "exec: ctrctl"),
    ("`ctrctl state`", "state: ctrctl"),
    ("`ctrctl kill`", "kill: ctrctl"),
    ("`ctrctl list` of 500", "list of 500: ctrctl"),
)
LAST = "the last 50: ctrctl"  # of many live containers, to the first ones
BESIDE = "ctrctl"


def tables(text):
    """Rows of all tables by the first cell. A later section's row does not replace an earlier one's."""
    rows = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) > 1:
            rows.setdefault(cells[0], cells[1:])
    return rows


def ratio(cell):
    return re.match(r"[\d.]+", cell).group()


def table(benchmark):
    rows = tables(benchmark)
    out = ["| Debian 12, as a ratio to `crun --systemd-cgroup` in the same round; less is better | wall | CPU of the whole host |",
           "|---|---|---|"]
    for words, case in ROWS:
        cells = rows[case]
        out.append("| %s | %s | %s |" % (words, ratio(cells[3]), ratio(cells[4])))
    if LAST in rows:
        count = re.search(r"^## (\d+) live containers", benchmark, re.M).group(1)
        out.append("| start number %s, to the tenth | %s | %s |" % (count, ratio(rows[LAST][3]), ratio(rows[LAST][4])))
        processes, kb = rows[BESIDE]
        out += ["", "Beside each of %s running containers: %s processes, and %s kB in PID 1." % (
            count, "no" if float(processes) == 0 else processes, kb)]
    return "\n".join(out) + "\n"


def main():
    with open(os.path.join(ROOT, "doc/benchmark.md")) as f:
        expected = table(f.read())
    path = os.path.join(ROOT, "README.md")
    with open(path) as f:
        before, begin, rest = f.read().partition(BEGIN)
    shown, end, after = rest.partition(END)
    if "--write" in sys.argv:
        with open(path, "w") as f:
            f.write(before + BEGIN + expected + END + after)
        return 0
    is_same = bool(begin) and bool(end) and shown == expected
    print("%s 1 - figures: README's table is doc/benchmark.md's" % ("ok" if is_same else "not ok"))
    if not is_same:
        print("# tests/docs/figures.py --write puts it there; expected:\n# " + expected.replace("\n", "\n# "))
    print("1..1")
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
