#!/usr/bin/env python3
"""Every member of config.json that lib/spec reads is where all of them have to be: in the two configurations that
tests/system/every.sh starts, and among the places that tests/system/mutate.py changes. TAP: config-fields.py SOURCE-ROOT
"""

import json
import os
import sys

ROOT = os.path.abspath(sys.argv[1])
sys.argv[1:] = []
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(ROOT, "tests/golden"), os.path.join(ROOT, "tests/system")]
import mutate  # noqa: E402
import spec_fields  # noqa: E402

# What no container that starts can have, and the test that shows what happens instead.
NOT_STARTED = {
    "linux.resources.memory.swappiness": "resources: swappiness: refused",
    "linux.resources.network": "resources: network.classID: refused",
    "linux.resources.network.classID": "resources: network.classID: refused",
    "linux.resources.network.priorities": "resources: network.priorities: refused",
    "linux.resources.network.priorities[]": "resources: network.priorities: refused",
    "linux.resources.network.priorities[].name": "resources: network.priorities: refused",
    "linux.resources.network.priorities[].priority": "resources: network.priorities: refused",
    "linux.namespaces[].path": "a namespace is new or another's: userns.sh, joined.golden",
    "linux.seccomp.defaultErrnoRet": "a filter allows or refuses by default: seccomp: defaultErrnoRet",
    "linux.intelRdt.enableCMT": "gone in 1.3, not together with enableMonitoring: test-rdt",
    "linux.intelRdt.enableMBM": "gone in 1.3, not together with enableMonitoring: test-rdt",
    "process.user.username": "of Windows: test-spec-names: warnings",
    "process.commandLine": "of Windows: test-spec-names: warnings",
    "windows": "another platform's: test-spec-errors",
    "vm": "another platform's: test-spec-errors",
    "solaris": "another platform's: test-spec-names: warnings",
    "freebsd": "another platform's: test-spec-names: warnings",
    "zos": "another platform's: test-spec-names: warnings",
}


def document(name):
    with open(os.path.join(ROOT, "tests", name), encoding="utf-8") as f:
        return json.load(f)


def main():
    known = spec_fields.read(ROOT)
    n_failed = 0

    def report(number, name, problems):
        nonlocal n_failed
        n_failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {number} - config-fields: {name}")
        for problem in problems:
            print(f"# {problem}")

    started = set()
    for name in ("every", "every-userns"):
        started |= set(spec_fields.paths(document(f"golden/{name}.json"), known))
    report(1, "every member is in every.json or every-userns.json, or cannot be",
           [f"{p} is in neither" for p in known if p not in started and p not in NOT_STARTED] +
           [f"{p} is excused, and there: {NOT_STARTED[p]}" for p in NOT_STARTED if p in started] +
           [f"{p} is excused, and no member" for p in NOT_STARTED if p not in known])
    mutated = {}
    for _, path in mutate.all_places(document("data/config/rich.json")):
        mutated.setdefault(mutate.place_name(path), mutate.is_required(path))
    report(2, "every member is mutated",
           [f"{p} is not" for p in known if p not in mutated] +
           [f"{p} is, and is no member" for p in mutated if p not in known])
    report(3, "what mutations know to be required is what the reader requires",
           [f"{p}: required by {'the reader' if known[p] else 'mutate.py'} only"
            for p in known if mutated.get(p, known[p]) != known[p]])
    print("1..3")
    return n_failed > 0


sys.exit(main())
