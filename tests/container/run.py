#!/usr/bin/env python3
"""Each key of [Container], from a line of a .container file to config.json: golden files.

    run.py CONTAINER-PRINT [--update] [--without WORD]     WORD: cases with it in their name are left out, as this build is

cases/NAME.container are lines that are added to cases/base; cases/NAME.expected is what they change in the
config.json that the base becomes, and the lines of the unit, or the error. base.expected is the whole.
"""

import difflib
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "cases")


def read(name):
    with open(os.path.join(CASES, name)) as f:
        return f.read()


def run(program, text):
    with tempfile.NamedTemporaryFile("w", suffix=".container") as f:
        f.write(text)
        f.flush()
        return subprocess.run([program, f.name], capture_output=True, text=True)


def changes(base, text):
    lines = difflib.unified_diff(base.split("\n"), text.split("\n"), n=0, lineterm="")
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def outcome(program, base, case):
    result = run(program, read("base") + read(case + ".container"))
    if result.returncode != 0:
        return f"error: {result.stdout}{result.stderr}"
    return changes(base, result.stdout) + "\n"


def main():
    program, update = os.path.abspath(sys.argv[1]), "--update" in sys.argv
    without = sys.argv[sys.argv.index("--without") + 1] if "--without" in sys.argv else None
    base = run(program, read("base"))
    keys = subprocess.run([program, "--keys"], capture_output=True, text=True, check=True).stdout.split()
    cases = sorted(n[:-len(".container")] for n in os.listdir(CASES) if n.endswith(".container"))
    results = [("base", base.stdout)] + [(case, outcome(program, base.stdout, case)) for case in cases]
    failed = 0
    for n, (name, got) in enumerate(results, 1):
        path = os.path.join(CASES, name + ".expected")
        if without and without in name:
            print(f"ok {n} - container: {name} # SKIP this build is without it")
            continue
        if update:
            with open(path, "w") as f:
                f.write(got)
        expected = read(name + ".expected") if os.path.exists(path) else "(no such file)"
        failed += got != expected
        print(f"{'' if got == expected else 'not '}ok {n} - container: {name}")
        if got != expected:
            print("\n".join("# " + line for line in difflib.unified_diff(
                expected.split("\n"), got.split("\n"), "expected", "got", lineterm="")))
    lines = "".join(read(c + ".container") for c in cases) + read("base")
    missing = [k for k in keys if f"\n{k}=" not in "\n" + lines]
    with open(os.path.join(HERE, "../../examples/hello.container")) as f:
        example = run(program, f.read())
    failed += example.returncode != 0
    print(f"{'not ' if example.returncode else ''}ok {len(results) + 1} - container: examples/hello.container")
    print(f"# {example.stdout}" if example.returncode else "", end="")
    failed += bool(missing)
    print(f"{'not ' if missing else ''}ok {len(results) + 2} - container: every key has a case")
    print("".join(f"# {k} has none\n" for k in missing), end="")
    print(f"1..{len(results) + 2}")
    sys.exit(failed > 0)


main()
