"""Paired measurement: every round runs every case once, in random order, so that what else the machine does hits
all of them alike. A ratio is taken within a round and never between rounds."""
import os
import random
import statistics
import time

SETTLE = 0.03  # what the host still does for a case after its end counts too
NULL = os.open("/dev/null", os.O_RDWR)
ACTIONS = [(os.POSIX_SPAWN_DUP2, NULL, fd) for fd in (0, 1, 2)]


class Failed(Exception):
    pass


def run(argv):
    """Runs a command with nothing on its standard descriptors. A status other than 0 is an error."""
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=ACTIONS)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status != 0:
        raise Failed("%s: exit status %d" % (" ".join(argv), status))


def cpu_usec():
    """What the whole host used until now: clients, PID 1, bus, journal, payloads."""
    with open("/sys/fs/cgroup/cpu.stat") as f:
        return int(f.readline().split()[1])


def sample(argv, settle=SETTLE):
    """(wall, CPU) of one command, in milliseconds."""
    cpu = cpu_usec()
    start = time.perf_counter()
    run(argv)
    wall = time.perf_counter() - start
    time.sleep(settle)
    return wall * 1000, (cpu_usec() - cpu) / 1000


def rounds(count, cases):
    """cases: name to a function of the round's number that returns {label: (wall, CPU)}. Round 0 warms caches."""
    results = {}
    for number in range(count + 1):
        for name in random.sample(list(cases), len(cases)):
            for label, value in cases[name](number).items():
                if number > 0:
                    results.setdefault(label, []).append(value)
    return results


def spread(values):
    """Median and quartiles."""
    if len(values) < 4:
        return statistics.median(values), min(values), max(values)
    low, middle, high = statistics.quantiles(values, n=4)
    return middle, low, high


def paired(samples, reference, index):
    return spread([a[index] / b[index] for a, b in zip(samples, reference) if b[index] > 0])
