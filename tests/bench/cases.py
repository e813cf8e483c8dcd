"""What is measured: groups of cases. Each group returns its rows, and says what it could not measure and why."""
import concurrent.futures
import os
import shutil
import time

import bundles
import measure
import podman_host
import report

# One container, run to its end: command line before "--bundle DIR ID", and what it is compared to.
RUN = {
    "ctrctl run": ["ctrctl", "run"],
    "ctr-runtime run (scope)": ["ctr-runtime", "--systemd-cgroup", "run"],
    "crun, systemd": ["crun", "--systemd-cgroup", "run"],
    "crun, cgroupfs": ["crun", "run"],
    "runc, systemd": ["runc", "--systemd-cgroup", "run"],
}
FILTERED = ["ctrctl run", "ctr-runtime run (scope)", "crun, systemd", "runc, systemd"]
REFERENCE = "crun, systemd"
WITH_FILTER = ", seccomp"
OURS = ("ctrctl", "ctr-runtime")

RUNTIMES = {
    "ctrctl": ["ctrctl"],
    "ctr-runtime": ["ctr-runtime", "--systemd-cgroup"],
    "crun": ["crun", "--systemd-cgroup"],
    "runc": ["runc", "--systemd-cgroup"],
}
VERBS = [
    ("create", ["create", "--bundle", "BUNDLE", "ID"]), ("state", ["state", "ID"]), ("start", ["start", "ID"]),
    ("exec", ["exec", "ID", "/bin/true"]), ("ps", ["ps", "--format", "json", "ID"]), ("kill", ["kill", "ID", "CONT"]),
    ("pause", ["pause", "ID"]), ("resume", ["resume", "ID"]), ("delete", ["delete", "-f", "ID"]),
]
# The kernel tells of a cgroup's changes at most every 10 ms, and systemd waits for its word.
BEFORE = {"resume": 0.02, "delete": 0.02}


def others():
    """Programs that start processes in other ways; with the same payload."""
    root = bundles.ROOTFS
    return {
        "bwrap, same namespaces": ["bwrap", "--unshare-all", "--bind", root, "/", "--proc", "/proc", "--dev", "/dev", "/bin/true"],
        "systemd-run, no container": ["systemd-run", "--quiet", "--wait", "--collect", root + "/bin/true"],
        "systemd-nspawn": ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "-D", root, "/bin/true"],
        "the payload alone": [root + "/bin/true"],
    }


def usable(commands, say):
    """The cases whose command works here; why not for the others. Ours must work."""
    result = {}
    for name, function in commands.items():
        try:
            function(-1)
            result[name] = function
        except (measure.Failed, OSError) as error:
            if any(program in name for program in OURS):
                raise
            say("not measured: %s: %s" % (name, error))
    return result


def run_group(rounds, say):
    plain, filtered = bundles.make_bundle("plain"), bundles.make_bundle("filtered", seccomp=bundles.engine_profile())
    commands, references = {}, {}

    def add(name, argv, bundle, reference):
        def once(number):
            words = argv + (["--bundle", bundle, "bench-%s" % number] if bundle else [])
            return {name: measure.sample(words)}
        commands[name], references[name] = once, reference

    for name, argv in RUN.items():
        add(name, argv, plain, REFERENCE)
    for name in FILTERED:
        add(name + WITH_FILTER, RUN[name], filtered, REFERENCE + WITH_FILTER)
    for name, argv in others().items():
        add(name, argv, None, REFERENCE)
    results = measure.rounds(rounds, usable(commands, say))
    return report.lines("run /bin/true to its end", {n: results[n] for n in commands if n in results}, references)


def life(runtime, bundle):
    """One container through all verbs, each of them timed."""
    def once(number):
        values, name = {}, "life-%s-%s" % (runtime, number)
        for verb, words in VERBS:
            argv = RUNTIMES[runtime] + [{"BUNDLE": bundle, "ID": name}.get(word, word) for word in words]
            time.sleep(BEFORE.get(verb, 0))
            values["%s: %s" % (verb, runtime)] = measure.sample(argv, 0.005)
        return values
    return once


def verbs_group(rounds, say):
    bundle = bundles.make_bundle("sleeper", args=("/bin/sleep", "1000"))
    results = measure.rounds(rounds, usable({name: life(name, bundle) for name in RUNTIMES}, say))
    order = ["%s: %s" % (verb, name) for verb, _ in VERBS for name in RUNTIMES]
    return report.lines("verbs", {n: results[n] for n in order if n in results},
                        {n: n.split(":")[0] + ": crun" for n in order})


def start(runtime, bundle, name):
    flag = "--detach"
    measure.run(RUNTIMES[runtime] + ["run", flag, "--bundle", bundle, name])


def at_once(function, names):
    """What nobody times: several at once, as most of the time is waiting for the kernel."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(function, names))


def delete_many(runtime, names):
    at_once(lambda name: measure.run(RUNTIMES[runtime] + ["delete", "-f", name]), names)


def list_group(rounds, say, counts=(10, 100, 500)):
    bundle = bundles.make_bundle("sleeper", args=("/bin/sleep", "1000"))
    runtimes = [name for name in ("ctrctl", "crun", "runc") if shutil.which(RUNTIMES[name][0])]
    rows, there = [], 0
    for count in counts:
        for name in runtimes:
            at_once(lambda i, n=name: start(n, bundle, "list-%s-%d" % (n, i)), range(there, count))
        there = count
        label = "list of %d: " % count
        results = measure.rounds(rounds, {
            name: (lambda _, n=name: {label + n: measure.sample(RUNTIMES[n] + ["list"], 0.005)}) for name in runtimes})
        rows += report.lines("list", {label + n: results[label + n] for n in runtimes}, {label + n: label + "crun" for n in runtimes})
    for name in runtimes:
        delete_many(name, ["list-%s-%d" % (name, i) for i in range(there)])
    return rows


def anonymous_kb(pid):
    """What a process has allocated; pages of its program come and go."""
    with open("/proc/%s/status" % pid) as f:
        return next(int(line.split()[1]) for line in f if line.startswith("RssAnon:"))


def processes():
    """How many there are, threads of the kernel not counted."""
    count = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                count += bool(f.read(1))
        except OSError:
            continue
    return count


def start_many(runtime, bundle, count, seconds):
    """Containers one after the other, each of them timed, as many as there is time for."""
    samples, end = [], time.monotonic() + seconds
    while len(samples) < count and time.monotonic() < end:
        samples.append(measure.sample(
            RUNTIMES[runtime] + ["run", "--detach", "--bundle", bundle, "live-%d" % len(samples)], 0))
    return samples


live_count, live_seconds = 1000, 150


def live_group(rounds, say):
    """Many running containers: what one more costs, what a list of them does, and what is beside them. All runtimes get
    as many as the first of them could start in its part of the time."""
    bundle = bundles.make_bundle("sleeper", args=("/bin/sleep", "1000"))
    runtimes = [name for name in ("ctrctl", "ctr-runtime", "crun") if shutil.which(RUNTIMES[name][0])]
    rows, count = [], live_count
    for runtime in runtimes:
        kb, others_before = anonymous_kb(1), processes()
        samples = start_many(runtime, bundle, count, live_seconds / len(runtimes))
        if len(samples) < count:
            say("%s: %d containers of %d in %.0f seconds" % (runtime, len(samples), count, live_seconds / len(runtimes)))
        there = len(samples)
        label, list_label = "%d live containers" % there, "list of %d: " % there
        kb, beside = (anonymous_kb(1) - kb) / there, (processes() - others_before - there) / there
        names = ["start 11 to 60: " + runtime, "the last 50: " + runtime, list_label + runtime]
        rows += report.lines(label, {
            names[0]: samples[10:60] or samples, names[1]: samples[-50:],
            names[2]: [measure.sample(RUNTIMES[runtime] + ["list"], 0.005) for _ in range(rounds)]}, {names[1]: names[0]})
        rows.append({"group": "beside each of %d" % there, "case": runtime, "processes": beside, "kb": kb})
        count = there
        say("%s: PID 1 grew by %.1f kB a container; %.2f processes beside each" % (runtime, kb, beside))
        delete_many(runtime, ["live-%d" % i for i in range(there)])
    return rows


def podman_group(rounds, say):
    if not shutil.which("podman"):
        say("not measured: podman is not installed")
        return []
    podman_host.prepare()
    try:
        return podman_rows(rounds, say)
    finally:
        podman_host.clean()


def podman_rows(rounds, say):
    commands = {}
    for name, path in podman_host.RUNTIMES.items():
        if os.path.exists(path):
            commands["podman with " + name] = lambda number, n=name: {
                "podman with " + n: podman_host.sample(podman_host.command(n))}
    works = usable(commands, say)
    reference = next((n for n in ("podman with crun", "podman with runc") if n in works), None)
    native = bundles.make_bundle("filtered", seccomp=bundles.engine_profile())
    works["ctrctl run" + WITH_FILTER] = lambda number: {"ctrctl run" + WITH_FILTER: measure.sample(
        ["ctrctl", "run", "--bundle", native, "beside-%s" % number])}
    results = measure.rounds(rounds, works)
    return report.lines("podman run /bin/true", results, {n: reference for n in works})


GROUPS = {"run": run_group, "verbs": verbs_group, "list": list_group, "podman": podman_group, "live": live_group}
