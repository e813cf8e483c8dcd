#!/usr/bin/env python3
"""Mutated configurations through `create`, in TAP: mutate.py BUNDLE COUNT SEED [RUNTIME]

Each field of BUNDLE/config.json, which is valid, is changed in every way of MUTATIONS; COUNT of those are tried in an
order that SEED gives. None may crash, take over a second, be accepted where its type or the specification forbids, or
leave a unit, control group, state or mount behind. RUNTIME: native (services, the default), engine (scopes), crun, runc.
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

# Members that must be there, by the name of the object or list that they are in ("" = the document).
REQUIRED = {
    "": {"ociVersion", "root"},
    "root": {"path"},
    "process": {"args", "cwd"},
    "rlimits": {"type", "soft", "hard"},
    "mounts": {"destination"},
    "prestart": {"path"}, "createRuntime": {"path"}, "createContainer": {"path"},
    "startContainer": {"path"}, "poststart": {"path"}, "poststop": {"path"},
    "namespaces": {"type"},
    "uidMappings": {"containerID", "hostID", "size"}, "gidMappings": {"containerID", "hostID", "size"},
    "seccomp": {"defaultAction"},
    "syscalls": {"names", "action"},
    "args": {"index", "value", "op"},
}
# Integers that may be negative: process, times, limits where -1 means none, device rules.
SIGNED = {"oomScoreAdj", "nice", "priority", "secs", "limit", "reservation", "swap", "quota", "major", "minor"}
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


def container_name(path):
    """Name of the object or list that a member is in: its last part that is no index."""
    names = [p for p in path[:-1] if isinstance(p, str)]
    return names[-1] if names else ""


def is_required(path):
    return path[-1] in REQUIRED.get(container_name(path), ())


def mutations(document):
    """(what, path, new value or None for removal, must it be refused?)"""
    for path in places(document):
        old = at(document, path)
        kind = type(old)
        for new in WRONG_TYPE[kind]:
            yield f"{json.dumps(new)}", path, new, True
        yield "null", path, Raw("null"), is_required(path)
        if isinstance(path[-1], str):
            yield "missing", path, None, is_required(path)
            yield "twice", path, "twice", True
        if kind is int:
            yield "-1", path, -1, path[-1] not in SIGNED
            for new in (HUGE, -HUGE, 2**64, -(2**63) - 1):
                yield str(new), path, new, True
            yield "2^63", path, 2**63, False
        if kind is str:
            yield "empty", path, "", is_required(path)
            yield "NUL", path, Raw('"a\\u0000b"'), True
            yield "lone surrogate", path, Raw('"\\ud800"'), True
            yield "unicode", path, "\u202e\u0661\ufffd\U0001f4a9", False
            yield "newline", path, "a\nb", False
            yield "long", path, "x" * 70000, False
            yield "percent", path, "%n%i$HOME;'\"", False
        if kind is list:
            yield "empty list", path, [], path == ("process", "args")
            yield "an item twice", path, old + old[:1], False
            yield "a null item", path, old + [Raw("null")], True
            # Hooks are run, each of them: that is work, not a hang.
            yield "many", path, (old[:1] or ["x"]) * (30 if path[0] == "hooks" else 3000), False
        if kind is dict:
            yield "empty object", path, {}, container_name(path + ("x",)) in REQUIRED or path[-1] == "root"


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


BEFORE = units() | cgroups()


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


def judge(bundle, text, must_refuse):
    """What is wrong: (kind, text) of each."""
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
    elif IS_OURS and code not in (0, 1):
        problems.append(("message", f"exit code {code}"))
    if code == 0 and must_refuse:
        problems.append(("accepted", "accepted"))
    if IS_OURS and code == 1 and (len(lines) != 1 or not lines[0].startswith(f"{COMMAND[0]}: ")):
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

    print(f"# {NAME}: {len(chosen)} of {len(everything)} mutations, seed {seed}; {sum(m[3] for m in chosen)} must be refused")
    problems = judge(bundle, dump(document), False)
    code, output, _ = attempt(bundle, dump(document))
    if code != 0 and not problems:
        problems = [("message", f"exit code {code}"), ("", output)]
    failed += show(1, problems, "the configuration itself is accepted")
    for number, (what, path, new, must_refuse) in enumerate(chosen, 2):
        name = ".".join(str(p) for p in path).replace("#", "") + " = " + what
        failed += show(number, judge(bundle, mutate(document, path, new), must_refuse), name)
    print(f"# mutations\t{NAME}\t{len(chosen)}\t" + "\t".join(f"{n} {kind}" for kind, n in counts.items()))
    print(f"1..{len(chosen) + 1}")
    return failed > 0


sys.exit(main())
