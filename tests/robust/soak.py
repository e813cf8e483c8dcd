#!/usr/bin/env python3
"""Many containers: one after the other for long, and many at once.

    soak.py [--runtimes ...] [--cycles N] [--live N]

soak   N cycles of create, start, state, kill, delete, eight at a time: errors, leftovers, growth of PID 1. Beside the
       runtimes "unit", the same number of plain `systemd-run --wait`: what systemd itself grows by
live   N containers alive at the same time: the last start against the first, the time of `list`, memory of PID 1; in the
       long run once more in fifty slices, because PID 1 goes through all units of a slice whenever one starts in it
"""

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time

from common import (LONG, Baseline, Tap, bundle, chosen_runtimes, cgroups, default_runtimes, mounts, pid_file,
                    prepare_host, read, reap, run, settle_seconds, units, until)

PARALLEL = 8
GROWTH_KB = 100  # in 5,000 cycles
MANY_SLICES = 50


def pid1_anonymous_kb():
    """What it has allocated; RSS counts pages of its program that come and go."""
    return int(next(line.split()[1] for line in read("/proc/1/status").splitlines() if line.startswith("RssAnon")))


def pid1_fds():
    return len(os.listdir("/proc/1/fd"))


def loaded_units():
    out = subprocess.run(["systemctl", "list-units", "--all", "--plain", "--no-legend"], capture_output=True, text=True)
    return len(out.stdout.splitlines())


class PlainUnit:
    """No container at all: what systemd spends on a unit that comes and goes."""

    name, is_ours, is_native = "unit", False, True

    @staticmethod
    def command(*words):
        return list(words) if words[0] == "systemd-run" else ["systemctl", "stop", words[-1]]

    @staticmethod
    def unit(cid):
        return f"{cid}.service"

    @staticmethod
    def state_paths(_cid):
        return []


def steps_of(runtime, cid):
    """One cycle's commands; None: await the end."""
    if isinstance(runtime, PlainUnit):
        return [("systemd-run", "--quiet", "--wait", f"--unit={cid}", "/bin/true")]
    return [runtime.create_words(cid, bundle(cid)), ("start", cid), ("state", cid), ("kill", cid, "KILL"), None, ("delete", cid)]


class Soak:
    def __init__(self, runtime, cycles):
        self.runtime, self.cycles = runtime, cycles
        self.errors, self.done, self.lock = [], 0, threading.Lock()
        self.series = []  # memory of PID 1 after each tenth

    def worker(self, number):
        rt = self.runtime
        for i in range(number, self.cycles, PARALLEL):
            cid = f"soak-{number}"
            out = f"/run/robust/out.{number}"
            for words in steps_of(rt, cid):
                if words is None:
                    self.await_stopped(cid, out)
                    continue
                result = run(rt.command(*words), output=out)
                if not result.ok:
                    with self.lock:
                        self.errors.append(f"cycle {i}: {words[0]}: {result}")
                    run(rt.command("delete", "-f", cid), output=out)
                    break
            with self.lock:
                self.done += 1
                if self.done % max(1, self.cycles // 10) == 0:
                    self.series.append(pid1_anonymous_kb())

    def await_stopped(self, cid, out):
        """The end is PID 1's to see, or ours as the sub-reaper."""
        def is_stopped():
            if not self.runtime.is_native:
                reap_one(cid)
            return '"stopped"' in run(self.runtime.command("state", cid), output=out).text
        until(is_stopped)

    def run(self):
        threads = [threading.Thread(target=self.worker, args=(n,)) for n in range(PARALLEL)]
        start = time.monotonic()
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        return time.monotonic() - start


def reap_one(cid):
    try:
        os.waitpid(int(read(pid_file(cid)) or -1), os.WNOHANG)
    except (ChildProcessError, ValueError):
        pass


def soak(tap, runtime, cycles):
    # The first ones grow tables and arenas that stay.
    Soak(runtime, min(500, cycles)).run()
    time.sleep(1)
    before = Baseline()
    kb, fds, n_units = pid1_anonymous_kb(), pid1_fds(), loaded_units()
    job = Soak(runtime, cycles)
    seconds = job.run()
    reap()
    growth = pid1_anonymous_kb() - kb
    if growth > GROWTH_KB:
        # A step of its allocator (it keeps up to 128 kB at its end) comes once, a leak comes again.
        tap.say(f"PID 1 {growth:+d} kB: the same once more")
        kb = pid1_anonymous_kb()
        job = Soak(runtime, cycles)
        seconds = job.run()
        reap()
        growth = pid1_anonymous_kb() - kb
    left = [x for n in range(PARALLEL) for x in before.settled_leftovers(runtime, f"soak-{n}")]
    more_fds, more_units = pid1_fds() - fds, loaded_units() - n_units
    row = (f"soak\t{runtime.name}\t{cycles} cycles x {PARALLEL}\t{seconds:.1f} s\t{len(job.errors)} errors\t"
           f"{len(left)} left\t"
           f"PID 1 {growth:+d} kB, {more_fds:+d} descriptors, {more_units:+d} units")
    tap.say(f"PID 1 after each tenth: {' '.join(f'{n - kb:+d}' for n in job.series)} kB")
    if not runtime.is_ours:
        return row
    what = f"soak: {runtime.name}: {cycles} cycles, {seconds:.0f} s"
    tap.ok(not job.errors, f"{what}: no errors", job.errors)
    tap.ok(not left, f"{what}: nothing left", left)
    tap.ok(growth <= GROWTH_KB, f"{what}: PID 1 grew by {growth} kB", [row])
    tap.ok(more_fds <= 1 and more_units <= 1, f"{what}: PID 1 has {more_fds:+d} descriptors, {more_units:+d} units", [row])
    return row


def host_cpu_seconds():
    """Of everybody in this host: unlike the wall clock it does not count what else the machine does."""
    return int(read("/sys/fs/cgroup/cpu.stat").split()[1]) / 1e6


def live(tap, runtime, count, slices=1):
    """The first twenty starts against the last twenty: median of the time, and the processor's time of the whole host."""
    ids = [f"live-{i}" for i in range(count)]
    def edit(i):
        return lambda c: c["linux"].update(cgroupsPath=f"ctr-rb{i % slices}.slice:rb:{ids[i]}")
    paths = [bundle(cid, edit(i)) for i, cid in enumerate(ids)]
    kept = [f"ctr-rb{i}.slice" for i in range(slices)]
    subprocess.run(["systemctl", "start", *kept], check=True)  # they are no part of the first starts
    baseline_mounts, kb = len(mounts()), pid1_anonymous_kb()
    times, cpu, errors = [], [], []
    for cid, path in zip(ids, paths):
        start = time.monotonic()
        cpu.append(host_cpu_seconds())
        for words in (("create", "--bundle", path, cid), ("start", cid)):
            result = runtime(*words)
            if not result.ok:
                errors.append(f"{cid}: {words[0]}: {result}")
        times.append(time.monotonic() - start)
    cpu.append(host_cpu_seconds())
    cpu_first, cpu_last = (cpu[20] - cpu[0]) / 20, (cpu[-1] - cpu[-21]) / 20
    per_container = (pid1_anonymous_kb() - kb) / count
    first, last = statistics.median(times[:20]), statistics.median(times[-20:])
    lists = []
    for _ in range(5):
        start = time.monotonic()
        shown = runtime("list", "-q").text.split()
        lists.append(time.monotonic() - start)
    if set(ids) - set(shown):
        errors.append(f"list shows {len(shown)}")
    start = time.monotonic()
    for cid in ids:
        result = runtime("delete", "-f", cid)
        if not result.ok:
            errors.append(f"{cid}: delete: {result}")
        reap()
    deletes = (time.monotonic() - start) / count
    left = until_clean(runtime, baseline_mounts)
    subprocess.run(["systemctl", "stop", *kept], check=True)
    name = "live" if slices == 1 else "live-slices"
    row = (f"{name}\t{runtime.name}\t{count} containers\tfirst {first * 1000:.1f} ms, last {last * 1000:.1f} ms, ratio "
           f"{last / first:.2f}\tCPU {cpu_first * 1000:.1f} and {cpu_last * 1000:.1f} ms, ratio "
           f"{cpu_last / cpu_first:.2f}\tlist {min(lists) * 1000:.1f} ms\tdelete {deletes * 1000:.1f} ms\t"
           f"{per_container:.1f} kB in PID 1 each\t{len(errors)} errors\t{len(left)} left")
    if runtime.is_ours:
        tap.ok(not errors, f"live: {runtime.name}: {count} containers in {slices} slices: no errors", errors)
        tap.ok(not left, f"live: {runtime.name}: {count} containers in {slices} slices: nothing left", left)
    return row


def until_clean(runtime, baseline_mounts):
    def left():
        found = units("live-") + [g for i in (0, 1) for g in cgroups(runtime.unit(f"live-{i}"))] + runtime.ids()
        return found + ([f"{len(mounts())} mounts, before {baseline_mounts}"] if len(mounts()) > baseline_mounts else [])
    until(lambda: not left(), settle_seconds(runtime))
    return left()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtimes", default="unit," * (LONG and "CTRUNIT_RUNTIMES" not in os.environ) + default_runtimes())
    parser.add_argument("--cycles", type=int, default=int(os.environ.get("CTRUNIT_CYCLES", 5000 if LONG else 500)))
    parser.add_argument("--live", type=int, default=int(os.environ.get("CTRUNIT_LIVE", 1000 if LONG else 60)))
    options = parser.parse_args()
    tap = Tap("soak")
    prepare_host()
    rows = []
    names = options.runtimes.split(",")
    for runtime in [PlainUnit()] * ("unit" in names) + chosen_runtimes(names):
        if options.cycles:
            rows.append(soak(tap, runtime, options.cycles))
            tap.say(rows[-1])
        if options.live and runtime.name != "unit":
            for slices in (1, MANY_SLICES) if LONG and runtime.is_ours else (1,):
                rows.append(live(tap, runtime, options.live, slices))
                tap.say(rows[-1])
    for row in rows:
        tap.say(row)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
