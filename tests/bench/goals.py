"""What was set out to be reached, and whether it is: ratios to crun in the same round, wall and CPU of the whole host."""

ALIKE = ("state", "start", "exec", "ps", "kill", "pause", "resume", "delete")
# Case: wall, CPU.
RATIOS = {
    "ctrctl run": (0.65, 0.80),
    "ctrctl run, seccomp": (0.40, 0.40),
    "ctr-runtime run (scope)": (0.45, 0.55),
    **{"%s: %s" % (verb, program): (0.40, 0.40) for verb in ALIKE for program in ("ctrctl", "ctr-runtime")},
    "list of 500: ctrctl": (0.10, 0.10),
    "podman with ctr-runtime": (0.90, 0.90),
    # The thousandth start to the tenth.
    "the last 50: ctrctl": (1.20, 1.20),
    "the last 50: ctr-runtime": (1.20, 1.20),
}
# Beside a running container.
PROCESSES, KB = 0, 8
RUNTIMES = ("ctrctl", "ctr-runtime")


def verdicts(rows):
    """(case, what, value, goal) of everything that was measured and has a goal."""
    found = []
    for row in rows:
        if "kb" in row:
            if row["case"] in RUNTIMES:
                found += [(row["group"] + ": " + row["case"], "processes", row["processes"], PROCESSES),
                          (row["group"] + ": " + row["case"], "kB in PID 1", row["kb"], KB)]
        elif row.get("wall") and row["case"] in RATIOS:
            wall, cpu = RATIOS[row["case"]]
            found += [(row["case"], "wall", row["wall"][0], wall), (row["case"], "CPU", row["cpu_ratio"][0], cpu)]
    return found


def is_reached(value, goal):
    """To the digits that are shown."""
    return round(value, 2) <= goal


def text(rows):
    found = verdicts(rows)
    missed = [v for v in found if not is_reached(v[2], v[3])]
    return "\n".join(["# goals: %d of %d reached" % (len(found) - len(missed), len(found))] +
                     ["# goal missed: %-32s %-12s %.2f, goal %.2f" % v for v in missed])


def markdown(rows):
    found = verdicts(rows)
    if not found:
        return ""
    out = ["", "## Goals", "", "| case | of what | reached | goal | |", "|---|---|---|---|---|"]
    out += ["| %s | %s | %.2f | %.2f | %s |" % (*v, "yes" if is_reached(v[2], v[3]) else "**missed**") for v in found]
    return "\n".join(out) + "\n"
