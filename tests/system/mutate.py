#!/usr/bin/env python3
"""Mutated configurations through `create`, in TAP: mutate.py BUNDLE COUNT SEED [RUNTIME]

Each field of BUNDLE/config.json, which is valid, is changed in every way of MUTATIONS, and so is every other field of
the specification, which is put in from DONORS; COUNT of those are tried in an order that SEED gives. None may crash, take
over a second, be accepted where its type or the specification forbids, or leave a unit, control group, state or mount
behind. What has a wrong type is refused by its name. RUNTIME: native (services, the default), engine (scopes), crun, runc.
The last line counts what was found of each kind.
"""

import copy
import json
import os
import random
import subprocess
import sys
import tempfile
import time

ID = "mutant"
ROOT = "/run/mutate"
# How each is called, its state of the container, its unit.
RUNTIMES = {
    "native": (["ctrctl"], f"/run/ctrunit/containers/{ID}", f"ctr@{ID}.service"),
    "engine": (["ctr-runtime", "--root", ROOT, "--systemd-cgroup"], f"{ROOT}/containers/{ID}", f"mutate-{ID}.scope"),
    "crun": (["crun", "--root", ROOT, "--systemd-cgroup"], f"{ROOT}/{ID}", f"mutate-{ID}.scope"),
    "runc": (["runc", "--root", ROOT, "--systemd-cgroup"], f"{ROOT}/{ID}", f"mutate-{ID}.scope"),
}
NAME = (sys.argv[4:] or ["native"])[0]
COMMAND, STATE, UNIT = RUNTIMES[NAME]
IS_OURS = NAME in ("native", "engine")
HUGE = 10**30

# What BUNDLE's configuration does not have comes from the configurations that have every field, and from this one: what
# cannot be in a container that starts here, or means nothing on Linux.
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden")
DONORS = ("every.json", "every-userns.json")
REST = {
    "process": {"commandLine": "x", "user": {"uid": 0, "gid": 0, "username": "x"}},
    "linux": {
        "namespaces": [{"type": "network", "path": "/proc/1/ns/net"}],
        "resources": {"memory": {"swappiness": 60},
                      "network": {"classID": 7, "priorities": [{"name": "eth0", "priority": 1}]}},
        "intelRdt": {"closID": "x", "enableCMT": True, "enableMBM": True},
        "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38},
    },
    "windows": {}, "vm": {}, "solaris": {}, "freebsd": {}, "zos": {},
}

# Members that must be there, by the place of their object ("" = the document). tests/golden/config-fields.py compares this with
# what the reader requires.
MAPPING = {"containerID", "hostID", "size"}
RATE = {"major", "minor", "rate"}
REQUIRED = {
    "": {"ociVersion", "root"},
    "root": {"path"},
    "mounts[]": {"destination"}, "mounts[].uidMappings[]": MAPPING, "mounts[].gidMappings[]": MAPPING,
    "process": {"args", "cwd"},
    "process.user": {"uid", "gid"},
    "process.consoleSize": {"height", "width"},
    "process.rlimits[]": {"type", "soft", "hard"},
    "process.scheduler": {"policy"},
    "process.ioPriority": {"class"},
    "hooks.prestart[]": {"path"}, "hooks.createRuntime[]": {"path"}, "hooks.createContainer[]": {"path"},
    "hooks.startContainer[]": {"path"}, "hooks.poststart[]": {"path"}, "hooks.poststop[]": {"path"},
    "linux.namespaces[]": {"type"},
    "linux.uidMappings[]": MAPPING, "linux.gidMappings[]": MAPPING,
    "linux.devices[]": {"path", "type"},
    "linux.resources.devices[]": {"allow"},
    "linux.resources.blockIO.weightDevice[]": {"major", "minor"},
    "linux.resources.blockIO.throttleReadBpsDevice[]": RATE, "linux.resources.blockIO.throttleWriteBpsDevice[]": RATE,
    "linux.resources.blockIO.throttleReadIOPSDevice[]": RATE, "linux.resources.blockIO.throttleWriteIOPSDevice[]": RATE,
    "linux.resources.hugepageLimits[]": {"pageSize", "limit"},
    "linux.resources.network.priorities[]": {"name", "priority"},
    "linux.memoryPolicy": {"mode"},
    "linux.personality": {"domain"},
    "linux.seccomp": {"defaultAction"},
    "linux.seccomp.syscalls[]": {"names", "action"},
    "linux.seccomp.syscalls[].args[]": {"index", "value", "op"},
}
# Integers that may be negative: of the process, times, limits where -1 means none, device rules.
SIGNED = {
    "process.oomScoreAdj", "process.scheduler.nice",
    "linux.timeOffsets.monotonic.secs", "linux.timeOffsets.boottime.secs",
    "linux.resources.memory.limit", "linux.resources.memory.reservation", "linux.resources.memory.swap",
    "linux.resources.memory.kernel", "linux.resources.memory.kernelTCP",
    "linux.resources.cpu.quota", "linux.resources.cpu.realtimeRuntime", "linux.resources.pids.limit",
    "linux.resources.devices[].major", "linux.resources.devices[].minor",
}
# Objects whose members have any name.
FREE = {"annotations", "linux.sysctl", "linux.resources.unified", "linux.resources.rdma", "linux.netDevices"}
# A value of each other type, none of which a member of this type may have.
WRONG_TYPE = {
    str: [7, True, [], {}], int: ["7", True, [], {}, 1.5, 1e3], bool: ["true", 1, 0, [], {}],
    list: ["x", 7, True, {}], dict: ["x", 7, True, []],
}


class Raw(str):
    """Text that stands in the document as it is."""


def places(value, path=()):
    """Every place in the document but its root: path tuples."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield path + (key,)
        yield from places(item, path + (key,))


def at(document, path):
    for key in path:
        document = document[key]
    return document


def place_name(path):
    """A place without its numbers: "mounts[].options[]", "linux.netDevices.*.name"."""
    text = ""
    for part in path:
        text += "[]" if isinstance(part, int) else ".*" if text in FREE else "." + part if text else part
    return text


def is_required(path):
    return path[-1] in REQUIRED.get(place_name(path[:-1]), ())


def donors():
    """The documents that fields come from which BUNDLE's configuration does not have."""
    for name in DONORS:
        with open(os.path.join(GOLDEN, name), encoding="utf-8") as f:
            yield json.load(f)
    yield REST


def graft(document, donor, path):
    """A copy of the document with the donor's value at `path`, and its path there: a member that the document's object
    does not have, or one more item of its list."""
    changed = copy.deepcopy(document)
    here, source = changed, donor
    for i, key in enumerate(path):
        source = source[key]
        if isinstance(here, list):
            here.append(copy.deepcopy(source))
            return changed, path[:i] + (len(here) - 1,) + path[i + 1:]
        if key not in here:
            here[key] = copy.deepcopy(source)
            break
        here = here[key]
    return changed, path


def all_places(document):
    """(document, path): every place of the document, then those that only the donors have, put into a copy of it."""
    known = {place_name(path) for path in places(document)}
    for path in places(document):
        yield document, path
    for donor in donors():
        for path in places(donor):
            if place_name(path) not in known:
                known.add(place_name(path))
                yield graft(document, donor, path)


def mutations(document):
    """(what, document, path, new value or None for removal, must it be refused?, must its name be said then?)"""
    for base, path in all_places(document):
        for what, new, must_refuse, has_name in changes(at(base, path), path):
            yield what, base, path, new, must_refuse, has_name


def changes(old, path):
    """Of one value: (what, new value or None for removal, must it be refused?, must its name be said then?)"""
    kind = type(old)
    for new in WRONG_TYPE[kind]:
        yield f"{json.dumps(new)}", new, True, True
    yield "null", Raw("null"), is_required(path), True
    if isinstance(path[-1], str):
        yield "missing", None, is_required(path), True
        yield "twice", "twice", True, True
    if kind is int:
        yield "-1", -1, place_name(path) not in SIGNED, True
        for new in (HUGE, -HUGE, 2**64, -(2**63) - 1):
            yield str(new), new, True, True
        for new in ("NaN", "-Infinity", "1e400", "0x10"):
            yield new, Raw(new), True, False
        yield "2^63", 2**63, False, False
    if kind is str:
        yield "empty", "", is_required(path), True
        yield "NUL", Raw('"a\\u0000b"'), True, False
        yield "lone surrogate", Raw('"\\ud800"'), True, False
        yield "unicode", "\u202e\u0661\ufffd\U0001f4a9", False, False
        yield "newline", "a\nb", False, False
        yield "long", "x" * 70000, False, False
        yield "percent", "%n%i$HOME;'\"", False, False
    if kind is list:
        yield "empty list", [], path == ("process", "args"), True
        yield "an item twice", old + old[:1], False, False
        yield "a null item", old + [Raw("null")], True, True
        # Hooks are run, each of them: that is work, not a hang.
        yield "many", (old[:1] or ["x"]) * (30 if path[0] == "hooks" else 3000), False, False
    if kind is dict:
        yield "empty object", {}, place_name(path) in REQUIRED, False


def dump(value, twice=None, path=()):
    """JSON text; the member at `twice` stands there two times."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        members = []
        for key, item in value.items():
            text = json.dumps(key) + ":" + dump(item, twice, path + (key,))
            members += [text] * (2 if path + (key,) == twice else 1)
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(dump(item, twice, path + (i,)) for i, item in enumerate(value)) + "]"
    return json.dumps(value)


def mutate(document, path, new):
    changed = copy.deepcopy(document)
    parent = at(changed, path[:-1])
    if new is None:
        del parent[path[-1]]
        return dump(changed)
    if new == "twice":
        return dump(changed, path)
    parent[path[-1]] = new
    return dump(changed)


def run(*command):
    start = time.monotonic()
    try:
        # A file: what a peer leaves alive would keep a pipe open.
        with tempfile.TemporaryFile() as out:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=120 if IS_OURS else 10)
            out.seek(0)
            text = out.read().decode(errors="replace")
    except subprocess.TimeoutExpired:
        return None, "", time.monotonic() - start
    return done.returncode, text, time.monotonic() - start


def units():
    """Loaded units that containers may have: services of ours, and scopes, whose names a mutation may change."""
    out = subprocess.run(["systemctl", "list-units", "--all", "--plain", "--no-legend", "ctr@*", "*.scope"],
                         capture_output=True, text=True).stdout
    return {line.split()[0] for line in out.splitlines() if line.strip()}


def cgroups():
    return {d for d, _, _ in os.walk("/sys/fs/cgroup") if d.endswith(".scope") or os.path.basename(d).startswith("ctr@")}


BEFORE = set()  # what there was of both


def left():
    """What is left of the container, as text."""
    found = [STATE] if os.path.exists(STATE) else []
    found += [f"{STATE} by another name: {n}" for n in os.listdir(os.path.dirname(STATE)) if n.startswith(".")] \
        if os.path.isdir(os.path.dirname(STATE)) else []
    with open("/proc/self/mountinfo") as f:
        found += [line.split()[4] for line in f if f"/containers/{ID}" in line]
    return ", ".join(found + sorted((units() | cgroups()) - BEFORE))


def attempt(bundle, text):
    with open(os.path.join(bundle, "config.json"), "w") as f:
        f.write(text)
    code, output, seconds = run(*COMMAND, "create", "--bundle", bundle, ID)
    if code == 0 or not IS_OURS:  # a peer's failure is cleaned up after, as its callers do
        run(*COMMAND, "delete", "-f", ID)
    return code, output, seconds


def judge(bundle, text, must_refuse, name=""):
    """What is wrong: (kind, text) of each. `name` is to be in the message of what must be refused."""
    code, output, seconds = attempt(bundle, text)
    for _ in range(8):  # a busy machine is slow now and then, a slow answer is slow every time
        if seconds <= 1 or code is None:
            break
        run(*COMMAND, "delete", "-f", ID)
        code, output, seconds = attempt(bundle, text)
    lines = [line for line in output.splitlines() if "warning" not in line]
    if NAME == "engine" and lines and ": hook: " in lines[-1]:  # a scope's hooks talk to the caller, as runc's do
        lines = lines[-1:]
    problems = []
    if seconds > 1:
        problems.append(("hang", f"took {seconds:.1f} s"))
    if code is not None and (code < 0 or "goroutine " in output):
        problems.append(("crash", f"exit code {code}"))
    elif IS_OURS and code not in (0, 1) and not (code in (126, 127) and ': exec: "' in output):  # no such program
        problems.append(("message", f"exit code {code}"))
    if code == 0 and must_refuse:
        problems.append(("accepted", "accepted"))
    if IS_OURS and code == 1 and must_refuse and name not in output:
        problems.append(("message", f"refused without a word of \"{name}\""))
    if IS_OURS and code in (1, 126, 127) and (len(lines) != 1 or not lines[0].startswith(f"{COMMAND[0]}: ")):
        problems.append(("message", "not one line that says why"))
    for _ in range(1000 if IS_OURS else 50):  # PID 1 unloads a unit a moment after its end
        rest = left()
        if not rest:
            break
        time.sleep(0.02)
    if rest:
        problems.append(("leftover", "left: " + rest))
        run(*COMMAND, "delete", "-f", ID)
        for unit in units() - BEFORE:
            subprocess.run(["systemctl", "kill", "--signal=KILL", unit], capture_output=True)
            subprocess.run(["systemctl", "stop", unit], capture_output=True)
    return problems and problems + [("", output)]


def main():
    bundle, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with open(os.path.join(bundle, "config.json")) as f:
        document = json.load(f)
    BEFORE.update(units() | cgroups())
    everything = list(mutations(document))
    random.Random(seed).shuffle(everything)
    chosen = everything[:count] if count else everything
    failed, counts = 0, dict.fromkeys(("accepted", "crash", "hang", "leftover", "message"), 0)

    def show(number, problems, what):
        print(f"{'not ok' if problems else 'ok'} {number} - {what}", flush=True)
        for line in "\n".join(text for _, text in problems).splitlines()[:5]:
            print("#   " + line[:300])
        for kind, _ in problems[:-1]:
            counts[kind] += 1
        return bool(problems)

    print(f"# {NAME}: {len(chosen)} of {len(everything)} mutations, seed {seed}; {sum(m[4] for m in chosen)} must be refused")
    problems = judge(bundle, dump(document), False)
    code, output, _ = attempt(bundle, dump(document))
    if code != 0 and not problems:
        problems = [("message", f"exit code {code}"), ("", output)]
    failed += show(1, problems, "the configuration itself is accepted")
    for number, (what, base, path, new, must_refuse, has_name) in enumerate(chosen, 2):
        place = ".".join(str(p) for p in path).replace("#", "") + " = " + what
        name = [p for p in path if isinstance(p, str)][-1] if has_name else ""
        failed += show(number, judge(bundle, mutate(base, path, new), must_refuse, name), place)
    print(f"# mutations\t{NAME}\t{len(chosen)}\t" + "\t".join(f"{n} {kind}" for kind, n in counts.items()))
    print(f"1..{len(chosen) + 1}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
